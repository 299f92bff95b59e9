#pragma once

#include <optional>
#include <string>

#include "schemas/messages/requester.h"

// Whether what was asked can be claimed, and the status as a program reads it.
namespace tally::requester {

// What the data of a project supports, field by field, for the terminal. REQUIRES a report of a project that asks for a
// confidence.
[[nodiscard]] std::string support_text(const SupportReport& report, const std::string& currency);

// One object of JSON, in one line. `support`: where the project asks for a confidence.
[[nodiscard]] std::string status_json(const ProjectStatus& status, const std::optional<SupportReport>& support,
                                      const std::string& currency);

}  // namespace tally::requester
