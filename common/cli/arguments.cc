#include "common/cli/arguments.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "common/cli/program.h"
#include "common/cli/safe_text.h"
#include "common/project/nearest.h"

namespace tally::cli {
namespace {

class Help : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const bool is_flag = option->get_type_size() == 0;
    // The name of a positional tells what it is.
    if (is_flag || option->get_positional()) return {};
    // "INT:INT in [1 - 9]": the type, then what is checked.
    std::string type = option->get_type_name();
    type.resize(std::min(type.find(':'), type.size()));
    if (type == "INT" || type == "UINT" || type == "FLOAT") type = "NUMBER";
    return " " + type + (option->get_expected_max() == CLI::detail::expected_max_vector_size ? " ..." : "");
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) text += " (" + option->get_default_str() + ")";
    if (option->get_required() && !option->get_positional()) text += " (required)";
    return text;
  }
};

// The subcommand that was reached.
const CLI::App& last_of(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return *at;
}

// "tally-admin audit"
std::string words_of(const CLI::App& app) {
  return (app.get_parent() == nullptr ? "" : words_of(*app.get_parent()) + " ") + app.get_name();
}

// What is wrong where a subcommand was needed: CLI11 only says that it was.
std::string missing_command(const CLI::App& all, const CLI::App& at) {
  std::vector<std::string> names;
  std::string list;
  for (const CLI::App* command : at.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    list += (list.empty() ? "" : ", ") + command->get_name();
  }
  const std::vector<std::string> others = all.remaining(true);
  if (others.empty()) return "say what to do: " + list;
  const std::string what = others.front().starts_with('-') ? "option" : "command";
  return "'" + others.front() + "' is no " + what + " here" +
         (what == "command" ? project::did_you_mean(others.front(), names) : "");
}

}  // namespace

void set_help(CLI::App& app) { app.formatter(std::make_shared<Help>()); }

std::optional<int> parse(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    const CLI::App& at = last_of(app);
    const bool needs_command = at.get_require_subcommand_min() > 0;
    const std::string what = needs_command && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr
                                 ? missing_command(app, at)
                                 : std::string(error.what());
    std::cerr << app.get_name() << ": "
              << safe_for_terminal(what + " (" + words_of(at) + " --help shows what there is)", true) << '\n';
    return exit_usage;
  }
}

}  // namespace tally::cli
