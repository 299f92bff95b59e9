#include "requester/ask.h"

#include <iostream>
#include <unistd.h>

namespace tally::requester {

ProjectId project_from(const std::string& text) {
  const auto number = whole_number_from(text);
  if (!number || *number < 1) {
    cli::fail_usage("'" + text + "' is no project; `tally-requester list` shows their numbers, such as 17");
  }
  return ProjectId{*number};
}

AssignmentId assignment_from(const std::string& text) {
  const auto id = assignment_id_from(text);
  if (!id) {
    cli::fail_usage("'" + text +
                    "' is no assignment; they look like a17.1.9, and `tally-requester results PROJECT --answers` "
                    "lists them");
  }
  return *id;
}

bool is_interactive() { return ::isatty(STDIN_FILENO) == 1; }

std::optional<std::string> ask_user(const std::string& question) {
  std::cout << question << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

void say(std::string_view text) {
  std::cout << text << std::flush;
  if (!std::cout) throw cli::Failure{cli::exit_usage, "the output cannot be written; is the disk full?"};
}

Welcome greet(cli::Program& program) { return program.ask(Hello{"tally-requester"}); }

}  // namespace tally::requester
