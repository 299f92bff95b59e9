#include "tools/stack/best_coverage.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/aggregation/labels/method.h"
#include "common/aggregation/workforce.h"
#include "common/forms/form.h"

namespace tally::stack {
namespace {

std::optional<std::int32_t> label_of(const FieldSpec& field, const std::string& label) {
  const auto ballot = ballot_of(field, label);
  return ballot ? forms::label_of(field, *ballot) : std::nullopt;
}

// By task and label.
std::vector<double> beliefs_of(const RecordedSet& set, const FieldSpec& field) {
  namespace labels = aggregation::labels;
  std::vector<labels::Answer> answers;
  for (const RecordedAnswer& answer : set.answers) {
    const auto label = label_of(field, answer.label);
    if (label)
      answers.push_back({static_cast<std::int32_t>(answer.task), static_cast<std::int32_t>(answer.worker), *label});
  }
  const labels::AnswerTable table({static_cast<std::int32_t>(set.tasks.size()),
                                   static_cast<std::int32_t>(set.workers.size()), forms::labels_of(field)},
                                  answers);
  aggregation::OneWorker workforce;
  return labels::methods().preferred().estimate({table}, workforce).belief;
}

}  // namespace

double best_coverage(const RecordedSet& set, const FieldSpec& field, double confidence,
                     const std::set<std::size_t>& left_out) {
  const std::vector<double> beliefs = beliefs_of(set, field);
  const auto labels = static_cast<std::ptrdiff_t>(forms::labels_of(field));
  std::vector<std::pair<double, bool>> verdicts;  // How sure, and whether it is right.
  for (std::size_t task = 0; task < set.tasks.size(); ++task) {
    if (!set.truth[task] || left_out.contains(task)) continue;
    const auto first = beliefs.begin() + static_cast<std::ptrdiff_t>(task) * labels;
    const auto best = std::max_element(first, first + labels);
    verdicts.emplace_back(*best, label_of(field, *set.truth[task]) == static_cast<std::int32_t>(best - first));
  }
  std::stable_sort(verdicts.begin(), verdicts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::size_t settled = 0;
  std::size_t right = 0;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    right += verdicts[i].second ? 1 : 0;
    if (static_cast<double>(right) >= confidence * static_cast<double>(i + 1)) settled = i + 1;
  }
  return verdicts.empty() ? 0 : static_cast<double>(settled) / static_cast<double>(verdicts.size());
}

}  // namespace tally::stack
