#include "admin/quality/refit.h"

#include <algorithm>
#include <span>

namespace tally::admin::quality {
namespace {

namespace labels = aggregation::labels;

// Whether the label is believed as much as any: of several alike none is another than it.
bool is_most_believed(std::span<const double> belief, std::int32_t label) {
  const double most = *std::max_element(belief.begin(), belief.end());
  return belief[static_cast<std::size_t>(label)] >= most - 1e-9;
}

}  // namespace

std::optional<Refit> refit_of(const Collected& collected, const FieldAnswers& field) {
  if (field.labels == 0 || collected.answers.empty()) return std::nullopt;
  const labels::AnswerTable table = collected.table(field);
  const labels::Method& method = labels::methods().preferred();
  if (!labels::fits(table, method)) return std::nullopt;
  aggregation::OneWorker workforce;
  const labels::Estimate found = method.estimate({table, field.gold}, workforce);
  const auto width = static_cast<std::size_t>(table.labels());
  Refit refit{method.name, 0, 0};
  for (std::size_t task = 0; task < field.judged.size(); ++task) {
    if (field.judged[task].value == unknown || field.gold[task] != unknown) continue;
    ++refit.compared;
    const std::span<const double> belief(found.belief.data() + task * width, width);
    refit.differs += is_most_believed(belief, field.judged[task].value) ? 0 : 1;
  }
  return refit;
}

}  // namespace tally::admin::quality
