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

// For the help: the name of each method, and what it does.
using MethodLines = std::vector<std::pair<std::string_view, std::string_view>>;

struct KindOf {
  Kind kind;
  std::string_view name;
  std::string_view label_is;  // What the label column holds.
  bool takes_gold = false;
  // The default first.
  MethodLines (*methods)();
  // The tables refer to `wanted` and `answers`. Throws cli::Failure where an answer is none of this kind, or the method
  // is not there or does not fit.
  Tables (*make)(const Wanted& wanted, const Answers& answers, aggregation::Workforce& workforce);
};

[[nodiscard]] const std::vector<const KindOf*>& all_kinds();
[[nodiscard]] const KindOf& kind_of(Kind kind);

}  // namespace tally::aggregate
