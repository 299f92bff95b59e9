#include "admin/quality/project_figures.h"

#include <algorithm>
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
  coverage.tasks = std::ssize(collected.tasks);
  coverage.workers = std::ssize(collected.workers);
  coverage.left_out = collected.left_out;
  for (const TaskAnswers& task : collected.tasks) {
    ++coverage.of_state.at(static_cast<std::size_t>(task.state));
    coverage.answers += task.answers;
    coverage.cost += task.cost;
  }
  return coverage;
}

FieldFigures field_figures(const Collected& collected, const FieldAnswers& field, Micros price) {
  FieldFigures figures;
  figures.name = field.spec.name;
  figures.type = field.spec.type;
  figures.distinct = std::ssize(std::set<std::int32_t>(field.given.begin(), field.given.end()));
  for (const Judged& judged : field.judged) {
    if (judged.value == unknown) continue;
    ++figures.values;
    figures.settled += judged.is_settled ? 1 : 0;
  }
  const aggregation::labels::AnswerTable table = collected.table(field);
  figures.agreement = metrics::observed_agreement(table);
  figures.entropy_bits = metrics::mean_entropy(table);
  figures.alpha = field.spec.type == "number" ? alpha_of_numbers(collected, field) : metrics::alpha_nominal(table);
  figures.gold = field.gold_count;
  figures.proof = proof_of(field);
  figures.claims = claim_figures(field);
  figures.reach = reach_of(collected, field, price);
  figures.refit = refit_of(collected, field);
  return figures;
}

}  // namespace tally::admin::quality
