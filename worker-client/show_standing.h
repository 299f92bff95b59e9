#pragma once

#include <optional>
#include <string>

#include "schemas/messages/worker.h"

// What `tally-worker standing` prints.
namespace tally::worker {

// `project`: that was asked for. Others' texts are made safe here.
[[nodiscard]] std::string standing_text(const StandingPage& page, std::optional<ProjectId> project);
// The same for programs: one line, an object.
[[nodiscard]] std::string standing_json(const StandingPage& page, std::optional<ProjectId> project);

}  // namespace tally::worker
