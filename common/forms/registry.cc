#include <array>

#include "common/forms/field_type.h"

namespace tally::forms {

extern const FieldType choice_type;
extern const FieldType choices_type;
extern const FieldType number_type;
extern const FieldType text_type;

namespace {

constexpr std::array<const FieldType*, 4> types{
    &choice_type,
    &choices_type,
    &number_type,
    &text_type,
};

}  // namespace

std::span<const FieldType* const> all_types() { return types; }

const FieldType* find_type(std::string_view name) {
  for (const FieldType* type : types) {
    if (type->name == name) return type;
  }
  return nullptr;
}

std::optional<std::string_view> setting(const FieldSpec& field, std::string_view name) {
  const auto found = field.settings.find(std::string(name));
  if (found == field.settings.end()) return std::nullopt;
  return found->second;
}

Result<Done, Why> nothing_to_check(const FieldSpec&) { return Done{}; }
std::string_view by_plurality(const FieldSpec&) { return "plurality"; }

}  // namespace tally::forms
