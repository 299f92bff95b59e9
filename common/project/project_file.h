#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/project_spec.h"

// project.toml: what a requester asks for, as a file. docs/project-file.md shows one and lists the keys.
namespace tally::project {

inline constexpr std::size_t project_file_bytes_max = 1'000'000;

struct ProjectFile {
  ProjectSpec spec;
  std::string training_file;  // As the file names it, seen from its own folder; empty: there is no training.
};

// What the file asks for. Everything that is not in it has its default; the columns are those with a kind in the file,
// until fit_columns() (columns.h) puts in those of the items file; the training has no tasks until read_training()
// (training_file.h) has them; then check_spec() has the last word. The error is
// "project.toml:12: …": the first mistake by line, with what to do. It holds what the file says: make it safe before it
// is shown. `file` is the name to show.
[[nodiscard]] Result<ProjectFile, std::string> project_from_toml(std::string_view text, const std::string& file);

// The same of a file on disk; a file that cannot be read is an error too.
[[nodiscard]] Result<ProjectFile, std::string> load_project(const std::string& path);

}  // namespace tally::project
