#include <cmath>
#include <memory>
#include <optional>

#include "aggregate/kind_tools.h"
#include "common/aggregation/metrics/metrics.h"
#include "common/aggregation/numbers/numbers.h"
#include "common/cli/program.h"

// numbers: each answer is a number, such as a count or a rating.
namespace tally::aggregate {
namespace {

namespace numbers = aggregation::numbers;
namespace metrics = aggregation::metrics;

using ByTask = std::vector<std::vector<numbers::Answer>>;

// By label: its number.
std::vector<double> values_of(const Answers& answers) {
  std::vector<double> values;
  for (std::int32_t label = 0; label < answers.labels.count(); ++label) {
    const auto value = numbers::value_from(answers.labels.name(label));
    if (!value) {
      cli::fail_usage(
          answers.wrong_label(label, "is not a number; write it with a point and without units, such as -3.5"));
    }
    values.push_back(*value);
  }
  return values;
}

Cell finite(double value) {
  if (!std::isfinite(value)) return {};
  return value;
}

void write_verdicts(RowWriter& out, const Answers& answers, const ByTask& tasks, const numbers::Estimate& found) {
  out.header({"task", "value", "lower", "upper", "support", "answers"});
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    const auto& outcome = found.outcomes[task];
    if (!outcome) continue;
    out.row({answers.tasks.name(static_cast<std::int32_t>(task)), outcome->value, finite(outcome->lower),
             finite(outcome->upper), outcome->support, std::int64_t{std::ssize(tasks[task])}});
  }
}

void write_metrics(RowWriter& out, const Answers& answers, const std::vector<double>& values,
                   const numbers::Estimate& found) {
  begin_metrics(out, answers);
  std::vector<metrics::Number> given;
  given.reserve(answers.rows.size());
  for (const auto& row : answers.rows) given.push_back({row.task, values[static_cast<std::size_t>(row.label)]});
  out.row({std::string("krippendorff_alpha_interval"), cell_of(metrics::alpha_interval(given))});
  if (answers.gold_count == 0) return;
  double error = 0;
  std::int64_t compared = 0;
  for (std::size_t task = 0; task < found.outcomes.size(); ++task) {
    const std::int32_t gold = answers.gold_of(static_cast<std::int32_t>(task));
    if (gold < 0 || !found.outcomes[task]) continue;
    ++compared;
    error += std::abs(found.outcomes[task]->value - values[static_cast<std::size_t>(gold)]);
  }
  out.row({std::string("gold_tasks"), std::int64_t{answers.gold_count}});
  if (compared > 0) out.row({std::string("mean_absolute_error"), error / static_cast<double>(compared)});
}

Tables make(const Wanted& wanted, const Answers& answers, aggregation::Workforce& workforce) {
  const numbers::Method& method = chosen_method(wanted, numbers::methods());
  const auto values = std::make_shared<std::vector<double>>(values_of(answers));
  const auto tasks = std::make_shared<ByTask>(answers_by_task<numbers::Answer>(
      answers, [&](std::int32_t label) { return (*values)[static_cast<std::size_t>(label)]; }));
  const auto found = std::make_shared<numbers::Estimate>(
      method.estimate({*tasks, answers.workers.count(), wanted.tolerance}, workforce));
  return {[=, &answers](RowWriter& out) { write_verdicts(out, answers, *tasks, *found); },
          [=, &answers](RowWriter& out) {
            write_worker_figures(out, answers, "relative_variance", found->relative_variance);
          },
          [=, &answers](RowWriter& out) { write_metrics(out, answers, *values, *found); }};
}

}  // namespace

extern const KindOf numbers_kind;
const KindOf numbers_kind{Kind::numbers, "numbers", "a number", true, [] { return lines_of(numbers::methods()); },
                          make};

}  // namespace tally::aggregate
