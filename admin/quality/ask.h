#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "admin/asker.h"
#include "admin/quality/collected.h"
#include "admin/quality/project_figures.h"

// What the commands ask a broker for: an export of the project, page by page. Refusals end in cli::Failure.
namespace tally::admin::quality {

struct ProjectAsked {
  ProjectTerms terms;
  ProjectSpec spec;
};

[[nodiscard]] ProjectAsked ask_about(Asker& asker, ProjectId project);

// Hears how many tasks have been read.
using Progress = std::function<void(std::int64_t tasks)>;

[[nodiscard]] Collected collect(Asker& asker, const ProjectAsked& asked, const Progress& progress);

// The task of that id (t17.1.204), or of that item's number. Reads the project up to it.
[[nodiscard]] ResultRow find_task(Asker& asker, ProjectId project, const std::string& task, const Progress& progress);

}  // namespace tally::admin::quality
