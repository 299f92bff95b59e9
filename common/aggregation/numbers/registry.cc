#include <array>
#include <cmath>

#include "common/aggregation/numbers/numbers.h"

namespace tally::aggregation::numbers {

extern const Method robust_method;
extern const Method mean_method;
extern const Method median_method;
extern const Method cluster_method;

Methods<Method> methods() {
  static constexpr std::array all{&robust_method, &mean_method, &median_method, &cluster_method};
  return Methods<Method>(all);
}

bool fits(const Problem& problem) {
  // Comparisons with what is not a number are false, so it is refused too.
  if (!(problem.tolerance >= 0 && problem.tolerance <= value_max)) return false;
  for (const std::vector<Answer>& answers : problem.tasks) {
    for (const Answer& answer : answers) {
      if (answer.worker < 0 || answer.worker >= problem.workers) return false;
      if (!(std::abs(answer.value) <= value_max)) return false;
    }
  }
  return true;
}

}  // namespace tally::aggregation::numbers
