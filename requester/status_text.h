#pragma once

#include <string>
#include <vector>

#include "schemas/messages/requester.h"

// Projects as text for the terminal. Everything here is safe for it.
namespace tally::requester {

[[nodiscard]] std::string projects_text(const std::vector<ProjectRow>& rows);
[[nodiscard]] std::string status_text(const ProjectStatus& status, const std::string& currency);
[[nodiscard]] std::string balance_text(const Balance& balance, const std::string& currency);

// What stands behind the progress of `watch`, in one line.
[[nodiscard]] std::string watch_text(const ProjectStatus& status, const std::string& currency);

[[nodiscard]] bool is_over(ProjectState state);

}  // namespace tally::requester
