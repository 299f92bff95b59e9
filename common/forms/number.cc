#include <array>

#include "common/base/assert.h"
#include "common/base/decimal.h"
#include "common/forms/field_type.h"

// number: a decimal with at most six places, exact. The ballot is its shortest text. Settings: min, max (both
// included) and tolerance, how far apart two answers may be and still agree.
namespace tally::forms {
namespace {

constexpr std::array<std::string_view, 3> settings{"max", "min", "tolerance"};

std::int64_t setting_e6(const FieldSpec& field, std::string_view name, std::int64_t fallback) {
  const auto text = setting(field, name);
  if (!text) return fallback;
  const auto e6 = decimal_e6_from(*text);
  TALLY_ASSERT(e6.has_value());
  return *e6;
}
std::int64_t min_e6(const FieldSpec& field) { return setting_e6(field, "min", -decimal_e6_max); }
std::int64_t max_e6(const FieldSpec& field) { return setting_e6(field, "max", decimal_e6_max); }

Result<Done, Why> check(const FieldSpec& field) {
  for (const auto& [name, text] : field.settings) {
    if (!decimal_e6_from(text)) return Unexpected{"setting " + name + " must be a decimal with at most six places"};
  }
  if (setting_e6(field, "tolerance", 0) < 0) return Unexpected{Why("setting tolerance must not be negative")};
  if (min_e6(field) > max_e6(field)) return Unexpected{Why("setting min is above max")};
  return Done{};
}

std::string hint(const FieldSpec& field) {
  const auto min = setting(field, "min");
  const auto max = setting(field, "max");
  if (min && max) return "a number from " + decimal_text(min_e6(field)) + " to " + decimal_text(max_e6(field));
  if (min) return "a number, at least " + decimal_text(min_e6(field));
  if (max) return "a number, at most " + decimal_text(max_e6(field));
  return "a number";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

Result<std::string, Why> canonical(const FieldSpec& field, std::span<const std::string> values, std::string_view) {
  if (values.size() > 1) return Unexpected{Why("takes one number")};
  const auto e6 = decimal_e6_from(trimmed(values[0]));
  if (!e6) return Unexpected{Why("takes a decimal number with at most six places, such as 12 or -0.5")};
  if (*e6 < min_e6(field) || *e6 > max_e6(field)) return Unexpected{"takes " + hint(field)};
  return decimal_text(*e6);
}

std::string_view method(const FieldSpec& field) {
  return setting_e6(field, "tolerance", 0) > 0 ? "tolerance" : by_plurality(field);
}

}  // namespace

extern const FieldType number_type;
const FieldType number_type{
    .name = "number", .settings = settings, .check = check, .canonical = canonical, .hint = hint, .method = method};

}  // namespace tally::forms
