#include "common/aggregation/texts/words.h"
#include "common/base/assert.h"

// medoid: the answer that has the least edit distance in words to all others, of several the first by text. Always a
// text that somebody wrote. Source: L. Kaufman and P. J. Rousseeuw, Clustering by Means of Medoids, 1987.
namespace tally::aggregation::texts {
namespace {

Estimate estimate(const Problem& problem, Workforce& workforce) {
  TALLY_ASSERT(fits(problem));
  Estimate estimate;
  estimate.outcomes.resize(problem.tasks.size());
  for_each_task(problem, workforce, [&](std::size_t task) {
    if (problem.tasks[task].empty()) return;
    const Sheet sheet = sheet_of(problem.tasks[task]);
    const Sheet::Line& medoid = sheet.lines.front();
    Effort effort = sheet.effort;
    const double support = likeness_to(medoid.words, sheet, effort);
    estimate.outcomes[task] = {std::string(medoid.answer.text), support, effort.is_exact, effort.cells};
  });
  return estimate;
}

}  // namespace

extern const Method medoid_method;
const Method medoid_method{"medoid", "the answer that is most like all others", estimate};

}  // namespace tally::aggregation::texts
