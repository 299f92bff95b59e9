#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "common/aggregation/labels/answer_table.h"
#include "common/base/names.h"
#include "common/base/result.h"

// Tables of answers: CSV with a header, of which the columns task, worker and label are read; what each label means is
// left to the caller. Read row by row: what is kept of a row is three numbers, and each name once.
namespace tally::aggregate {

// When a worker answered a task again.
enum class Repeats { last, first, all };

struct Columns {
  std::string task = "task";
  std::string worker = "worker";
  std::string label = "label";
};

// Where something stands.
struct Line {
  bool is_of_gold = false;
  std::int64_t no = 0;
};

struct Answers {
  std::string name;  // Of the stream, for errors.
  std::string gold_name;
  Names tasks;
  Names workers;
  Names labels;                   // Of the answers and of the gold.
  std::vector<Line> label_lines;  // By label: where it came first.
  std::vector<aggregation::labels::Answer> rows;
  std::int64_t repeated = 0;       // Rows that `Repeats` left out.
  std::vector<std::int32_t> gold;  // By task, the number of its label or -1. Empty until gold is read.
  std::int32_t gold_count = 0;

  [[nodiscard]] std::int32_t gold_of(std::int32_t task) const {
    return gold.empty() ? -1 : gold[static_cast<std::size_t>(task)];
  }

  // "answers.csv:12: 'ten' is not a number": what is wrong with a label, where it came first, and its name.
  [[nodiscard]] std::string wrong_label(std::int32_t label, const std::string& what) const;
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
