#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "aggregate/answers_file.h"
#include "common/aggregation/labels/answer_table.h"
#include "common/base/result.h"

// A set of recorded answers whose truth is known: a folder with answers.csv (task,worker,label) and truth.csv
// (task,label), which may cover a part of the tasks only. Truth of tasks that nobody answered is ignored.
// tools/stack/recorded_set.h reads the same folders by the same rules.
namespace tally::quality {

// What labels are, by which answers become verdicts.
enum class Kind { labels, numbers, texts };

struct LabelSet {
  std::string name;    // Of the folder.
  std::string origin;  // As the table in its README.md says; empty where it does not. Sets of one origin are siblings.
  std::int32_t tasks = 0;
  std::int32_t workers = 0;
  std::vector<std::string> labels;  // Sorted: the second of two is the one that F1 is about.
  std::vector<aggregation::labels::Answer> answers;
  std::vector<std::int32_t> truth;  // By task; -1 where it is not known.

  [[nodiscard]] aggregation::labels::AnswerTable table() const {
    return {{tasks, workers, static_cast<std::int32_t>(labels.size())}, answers};
  }
};

// Of a worker's answers to one task the last counts. The error names the file and the line.
[[nodiscard]] Result<LabelSet, std::string> load_label_set(const std::filesystem::path& folder);

// The folders themselves, but of one that holds sets these, by name.
[[nodiscard]] std::vector<std::filesystem::path> folders_of_sets(const std::vector<std::string>& folders);

// As the replay takes the answers: numbers and texts are labels too, only that none of them comes up often.
[[nodiscard]] Kind kind_of(const LabelSet& set);

// At most so many answers of each task, drawn by the seed. REQUIRES at least one.
[[nodiscard]] LabelSet with_answers_max(LabelSet set, std::int32_t answers_max, std::uint64_t seed);

}  // namespace tally::quality
