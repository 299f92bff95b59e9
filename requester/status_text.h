#pragma once

#include <string>
#include <vector>

#include "schemas/messages/requester.h"
#include "schemas/time.h"

// Projects as text for the terminal. Everything here is safe for it.
namespace tally::requester {

[[nodiscard]] std::string projects_text(const std::vector<ProjectRow>& rows);
[[nodiscard]] std::string status_text(const ProjectStatus& status, const std::string& currency);
[[nodiscard]] std::string balance_text(const Balance& balance, const std::string& currency);

// One line for `watch`; `closed_before`: tasks closed when watching began, `taken` ago.
[[nodiscard]] std::string watch_text(const ProjectStatus& status, const std::string& currency,
                                     std::int64_t closed_before, Duration taken);

[[nodiscard]] bool is_over(ProjectState state);

}  // namespace tally::requester
