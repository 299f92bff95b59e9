#include <array>

#include "common/aggregation/pairs/method.h"

namespace tally::aggregation::pairs {

extern const Method bradley_terry_method;
extern const Method noisy_bradley_terry_method;

Methods<Method> methods() {
  static constexpr std::array all{&bradley_terry_method, &noisy_bradley_terry_method};
  return Methods<Method>(all);
}

}  // namespace tally::aggregation::pairs
