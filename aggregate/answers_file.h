#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/aggregation/labels/answer_table.h"
#include "common/base/result.h"

// Tables of answers: CSV with a header, of which the columns task, worker and label are read; what each label means is
// left to the caller. Read row by row: what is kept of a row is three numbers, and each name once.
namespace tally::aggregate {

// Numbers names in order of first appearance.
class Names {
 public:
  std::int32_t number_of(std::string_view name);
  [[nodiscard]] std::optional<std::int32_t> find(std::string_view name) const;
  [[nodiscard]] const std::string& name(std::int32_t number) const { return names_[static_cast<std::size_t>(number)]; }
  [[nodiscard]] std::int32_t count() const { return static_cast<std::int32_t>(names_.size()); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  };
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t, Hash, Equal> numbers_;
};

// When a worker answered a task again.
enum class Repeats { last, first, all };

struct Columns {
  std::string task = "task";
  std::string worker = "worker";
  std::string label = "label";
};

struct Answers {
  Names tasks;
  Names workers;
  Names labels;  // Of the answers and of the gold.
  std::vector<aggregation::labels::Answer> rows;
  std::int64_t repeated = 0;       // Rows that `Repeats` left out.
  std::vector<std::int32_t> gold;  // By task, the number of its label or -1. Empty until gold is read.
  std::int32_t gold_count = 0;

  [[nodiscard]] std::int32_t gold_of(std::int32_t task) const {
    return gold.empty() ? -1 : gold[static_cast<std::size_t>(task)];
  }
};

// The error says "answers.csv:12: …", and what to do; it holds what the file says, so make it safe before it is shown.
// `name` is the stream's, for errors. Throws std::runtime_error when the stream cannot be read.
[[nodiscard]] Result<Answers, std::string> read_answers(std::istream& in, const std::string& name,
                                                        const Columns& columns, Repeats repeats);

// Known labels: the columns task and label. Adds them to `answers`; a task that nobody answered is counted in the
// result and otherwise left out.
[[nodiscard]] Result<std::int64_t, std::string> read_gold(std::istream& in, const std::string& name,
                                                          const Columns& columns, Answers& answers);

}  // namespace tally::aggregate
