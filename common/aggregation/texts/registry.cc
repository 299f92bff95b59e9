#include <array>

#include "common/aggregation/texts/texts.h"

namespace tally::aggregation::texts {

extern const Method rover_method;
extern const Method medoid_method;
extern const Method exact_method;

namespace {

constexpr std::array<const Method*, 3> methods{&rover_method, &medoid_method, &exact_method};

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
  for (const std::vector<Answer>& answers : problem.tasks) {
    for (const Answer& answer : answers) {
      if (answer.worker < 0 || answer.worker >= problem.workers) return false;
      if (answer.text.size() > text_bytes_max) return false;
    }
  }
  return true;
}

}  // namespace tally::aggregation::texts
