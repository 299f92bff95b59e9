#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aggregate/kinds.h"
#include "common/aggregation/methods.h"

// Inside: what the kinds share.
namespace tally::aggregate {

// Throws for a method that is not there.
[[noreturn]] void fail_no_method(const Wanted& wanted);

// The one that is wanted, or that of those who name none.
template <typename Method>
const Method& chosen_method(const Wanted& wanted, aggregation::Methods<Method> methods) {
  if (wanted.method.empty()) return methods.preferred();
  const Method* method = methods.find(wanted.method);
  if (method == nullptr) fail_no_method(wanted);
  return *method;
}

template <typename Method>
MethodLines lines_of(aggregation::Methods<Method> methods) {
  MethodLines lines;
  for (const Method* method : methods) lines.emplace_back(method->name, method->says);
  return lines;
}

// By task: what each worker answered. `value_of` takes the number of a label.
template <typename Answer, typename ValueOf>
std::vector<std::vector<Answer>> answers_by_task(const Answers& answers, const ValueOf& value_of) {
  std::vector<std::vector<Answer>> tasks(static_cast<std::size_t>(answers.tasks.count()));
  for (const auto& row : answers.rows) {
    tasks[static_cast<std::size_t>(row.task)].push_back({row.worker, value_of(row.label)});
  }
  return tasks;
}

[[nodiscard]] Cell cell_of(std::optional<double> value);

// The columns in which a verdict tells how much each label is believed.
void append_belief_columns(std::vector<std::string>& names, const Names& labels);

// Rows of the workers with their answers and one figure, which may be missing.
void write_worker_figures(RowWriter& out, const Answers& answers, const std::string& name,
                          const std::vector<double>& figures);

// The head of a table of metrics, and the rows that every kind has.
void begin_metrics(RowWriter& out, const Answers& answers);

}  // namespace tally::aggregate
