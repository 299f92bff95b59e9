#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/cli/program.h"
#include "schemas/ids.h"
#include "schemas/messages/session.h"

// What the commands have in common: their arguments, the user at the terminal, who we are at the broker.
namespace tally::requester {

// The number of a project, or a Failure that says what one looks like.
[[nodiscard]] ProjectId project_from(const std::string& text);
[[nodiscard]] AssignmentId assignment_from(const std::string& text);

// Whether a person is there to be asked.
[[nodiscard]] bool is_interactive();
// A line from the user; nothing at the end of input.
[[nodiscard]] std::optional<std::string> ask_user(const std::string& question);

// To stdout, as it is. Throws Failure when it cannot be written.
void say(std::string_view text);

[[nodiscard]] Welcome greet(cli::Program& program);

}  // namespace tally::requester
