#include "admin/quality/project_figures.h"

#include <set>

#include "common/aggregation/metrics/metrics.h"
#include "common/base/decimal.h"

namespace tally::admin::quality {
namespace {

namespace metrics = aggregation::metrics;

std::optional<double> alpha_of_numbers(const Collected& collected, const FieldAnswers& field) {
  std::vector<metrics::Number> numbers;
  for (std::size_t i = 0; i < collected.answers.size(); ++i) {
    const auto value = decimal_e6_from(field.values.name(field.given[i]));
    // What was left empty is no number.
    if (value) numbers.push_back({collected.answers[i].task, static_cast<double>(*value) / 1e6});
  }
  return metrics::alpha_interval(numbers);
}

}  // namespace

Coverage coverage_of(const Collected& collected) {
  Coverage coverage;
  for (const TaskAnswers& task : collected.tasks) {
    coverage.add(task.state, task.answers, task.audited_after, task.cost);
  }
  coverage.workers = std::ssize(collected.workers);
  coverage.left_out = collected.left_out;
  return coverage;
}

reliability::FieldCounts counts_of(const Collected& collected, const FieldAnswers& field) {
  reliability::FieldCounts counts;
  for (std::size_t task = 0; task < collected.tasks.size(); ++task) {
    counts.add(field.judged[task], field.gold[task], collected.tasks[task].state == TaskState::open);
  }
  return counts;
}

FieldFigures field_figures(const Collected& collected, const FieldAnswers& field, const reliability::Asked& asked) {
  FieldFigures figures;
  figures.reliability = reliability::reliability_of(field.spec, counts_of(collected, field), asked);
  figures.distinct = std::ssize(std::set<std::int32_t>(field.given.begin(), field.given.end()));
  const aggregation::labels::AnswerTable table = collected.table(field);
  figures.agreement = metrics::observed_agreement(table);
  figures.entropy_bits = metrics::mean_entropy(table);
  figures.alpha = field.spec.type == "number" ? alpha_of_numbers(collected, field) : metrics::alpha_nominal(table);
  figures.refit = refit_of(collected, field);
  return figures;
}

}  // namespace tally::admin::quality
