#include <array>
#include <cmath>

#include "common/aggregation/numbers/numbers.h"

namespace tally::aggregation::numbers {

extern const Method robust_method;
extern const Method mean_method;
extern const Method median_method;
extern const Method cluster_method;

namespace {

constexpr std::array<const Method*, 4> methods{&robust_method, &mean_method, &median_method, &cluster_method};

}  // namespace

std::span<const Method* const> all_methods() { return methods; }

const Method& default_method() { return *methods.front(); }

const Method* find_method(std::string_view name) {
  for (const Method* method : methods) {
    if (method->name == name) return method;
  }
  return nullptr;
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
