#include <array>

#include "common/aggregation/texts/texts.h"

namespace tally::aggregation::texts {

extern const Method rover_method;
extern const Method medoid_method;
extern const Method exact_method;

Methods<Method> methods() {
  static constexpr std::array all{&rover_method, &medoid_method, &exact_method};
  return Methods<Method>(all);
}

bool fits(const Problem& problem) {
  for (const std::vector<Answer>& answers : problem.tasks) {
    for (const Answer& answer : answers) {
      if (answer.worker < 0 || answer.worker >= problem.workers) return false;
      if (answer.text.size() > text_bytes_max) return false;
    }
  }
  return true;
}

}  // namespace tally::aggregation::texts
