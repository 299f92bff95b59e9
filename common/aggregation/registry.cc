#include "common/aggregation/registry.h"

#include <array>

namespace tally::aggregation {

extern const Method plurality_method;
extern const Method tolerance_method;

namespace {

constexpr std::array<const Method*, 2> methods{
    &plurality_method,
    &tolerance_method,
};

}  // namespace

const Method* find_method(std::string_view name) {
  for (const Method* method : methods) {
    if (method->name == name) return method;
  }
  return nullptr;
}

std::span<const Method* const> all_methods() { return methods; }

}  // namespace tally::aggregation
