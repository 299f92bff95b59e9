#include <clocale>
#include <csignal>

#include "common/cli/program.h"
#include "worker-client/commands.h"

int main(int argc, char** argv) {
  std::setlocale(LC_ALL, "");     // For the width of characters in line editing.
  std::signal(SIGPIPE, SIG_IGN);  // A reader that went away is an error of a write.
  tally::cli::Program program("tally-worker", "Answer tasks and be paid for it", tally::Role::worker);
  tally::worker::add_commands(program);
  return program.run(argc, argv);
}
