#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "schemas/project_spec.h"

// What real crowd workers once answered, as a folder: answers.csv with the columns task, worker and label, and
// truth.csv with task and label, which may cover a part of the tasks only. Other columns are ignored, and the truth of
// tasks that nobody answered. tools/quality/label_set.h reads the same folders by the same rules.
namespace tally::stack {

struct RecordedAnswer {
  std::size_t task = 0;    // Index into RecordedSet::tasks.
  std::size_t worker = 0;  // Index into RecordedSet::workers.
  std::string label;
  std::int64_t line = 0;  // Of answers.csv.
};

struct RecordedSet {
  std::string name;                               // Of the folder.
  std::vector<std::string> tasks;                 // In order of first appearance, as are the workers.
  std::vector<std::string> workers;               //
  std::vector<RecordedAnswer> answers;            // In order of the file; at most one for a worker and a task.
  std::int64_t repeated = 0;                      // Answers that their worker gave anew later, which were dropped.
  std::vector<std::optional<std::string>> truth;  // One per task.
};

// The error names the file and the line, and what to do.
[[nodiscard]] Result<RecordedSet, std::string> load_recorded_set(const std::filesystem::path& folder);

// Only the answers of the first `workers_max` workers, and the tasks that these answered. 0: all.
[[nodiscard]] RecordedSet with_workers_max(RecordedSet set, std::size_t workers_max);

// The field that asks for the labels of a set. `type`: a field type, or "auto": what label_type.h takes them for. The
// error says why the labels do not fit.
[[nodiscard]] Result<FieldSpec, std::string> label_field(const RecordedSet& set, const std::string& type);

// What votes are counted on; nothing when the field does not take this label.
[[nodiscard]] std::optional<std::string> ballot_of(const FieldSpec& field, const std::string& label);

}  // namespace tally::stack
