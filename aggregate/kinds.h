#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "aggregate/answers_file.h"
#include "aggregate/rows.h"
#include "aggregate/run.h"
#include "common/aggregation/workforce.h"

// What answers are, decides how they become verdicts: one file a kind.
namespace tally::aggregate {

// The tables that come out of it; each writes itself, header first. None: the kind has no such table.
struct Tables {
  std::function<void(RowWriter&)> verdicts;
  std::function<void(RowWriter&)> workers;
  std::function<void(RowWriter&)> metrics;  // Rows of a name and a value.
};

struct KindOf {
  Kind kind;
  std::string_view name;
  std::string_view label_is;  // What the label column holds.
  bool takes_gold = false;
  // For the help: "name  what it does", a line a method, the default first.
  std::vector<std::pair<std::string_view, std::string_view>> (*methods)();
  // The tables refer to `wanted` and `answers`. Throws cli::Failure where an answer is none of this kind, or the method
  // is not there or does not fit.
  Tables (*make)(const Wanted& wanted, const Answers& answers, aggregation::Workforce& workforce);
};

[[nodiscard]] const std::vector<const KindOf*>& all_kinds();
[[nodiscard]] const KindOf& kind_of(Kind kind);

// Inside: how many answers each worker gave, and the two columns that tell of it.
[[nodiscard]] std::vector<std::int64_t> answers_by_worker(const Answers& answers);
// Inside: rows of the workers with their answers and one figure, which may be missing.
void write_worker_figures(RowWriter& out, const Answers& answers, const std::string& name,
                          const std::vector<double>& figures);
// Inside: throws for a method that is not there.
[[noreturn]] void fail_no_method(const Wanted& wanted);

}  // namespace tally::aggregate
