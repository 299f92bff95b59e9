#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/project_spec.h"

// Inside common/forms: what a field type is. A new type is one file that defines a FieldType, and one line in
// registry.cc.
namespace tally::forms {

using Why = std::string;  // The rule that was broken, for people; the caller adds the field.

struct FieldType {
  std::string_view name;
  std::span<const std::string_view> settings;  // That this type knows, sorted; any other is refused.
  bool has_options = false;                    // The form check wants options where it has them, and none elsewhere.
  bool is_free_text = false;                   // Its ballots are digests; the text itself is content.

  // Whether the settings, all of them known, have values that can be meant.
  Result<Done, Why> (*check)(const FieldSpec& field);
  // What the entered values mean. Called with one value or more, none of which is blank, invalid UTF-8 or with a NUL.
  Result<std::string, Why> (*canonical)(const FieldSpec& field, std::span<const std::string> values,
                                        std::string_view salt);
  std::string (*hint)(const FieldSpec& field);
  std::string_view (*method)(const FieldSpec& field);
};

[[nodiscard]] std::span<const FieldType* const> all_types();      // Sorted by name.
[[nodiscard]] const FieldType* find_type(std::string_view name);  // Null: there is none.

// Shared by the types.
inline constexpr char choice_separator = '\x1f';  // No option holds it.
[[nodiscard]] std::optional<std::string_view> setting(const FieldSpec& field, std::string_view name);
[[nodiscard]] Result<Done, Why> nothing_to_check(const FieldSpec& field);
[[nodiscard]] std::string_view by_plurality(const FieldSpec& field);

}  // namespace tally::forms
