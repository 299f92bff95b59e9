#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "common/base/result.h"
#include "schemas/messages/worker.h"

namespace tally::worker {

// Whether this program can show a task of these values and check its answers; a newer broker may have forms that it
// does not know. The error says why not.
[[nodiscard]] Result<Done, std::string> usable(const ProjectSpec& spec, std::span<const std::string> values);

// The specs of the projects that we work on: asked for once, since a spec never changes.
class Projects {
 public:
  // Null: not known yet.
  [[nodiscard]] const ProjectSpec* find(ProjectId project) const;
  void add(const ProjectDescription& description) { specs_.insert_or_assign(description.project, description.spec); }

 private:
  std::map<ProjectId, ProjectSpec> specs_;
};

// Why there is no work, for people.
[[nodiscard]] std::string to_text(NoWork why);
// The same with what to do, where nobody has named the project: of several that are open one may say so.
[[nodiscard]] std::string to_text_of_any(NoWork why);
// What a worker lacks for a project, as far as the broker said so; ends with what shows more.
[[nodiscard]] std::string missing_text(ProjectId project, NoWork why, const StandingPage* standing);
// Whether this worker will have no work of the project, whatever else happens.
[[nodiscard]] bool is_shut_out(NoWork why);
// "9:41", "2:03:00"; zero for what is over.
[[nodiscard]] std::string time_left_text(Duration left);

}  // namespace tally::worker
