#include <array>

#include "common/aggregation/pairs/method.h"

namespace tally::aggregation::pairs {

extern const Method bradley_terry_method;
extern const Method noisy_bradley_terry_method;

namespace {

constexpr std::array<const Method*, 2> methods{&bradley_terry_method, &noisy_bradley_terry_method};

}  // namespace

std::span<const Method* const> all_methods() { return methods; }

const Method& default_method() { return *methods.front(); }

const Method* find_method(std::string_view name) {
  for (const Method* method : methods) {
    if (method->name == name) return method;
  }
  return nullptr;
}

}  // namespace tally::aggregation::pairs
