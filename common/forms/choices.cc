#include <algorithm>
#include <vector>

#include "common/forms/field_type.h"

// choices: any number of the options, in any order. The ballot is the chosen ones in the order of the form, joined by
// the unit separator (U+001F): who chose the same set agrees.
namespace tally::forms {
namespace {

Result<std::string, Why> canonical(const FieldSpec& field, std::span<const std::string> values, std::string_view) {
  const auto& options = field.options;
  std::vector<bool> is_chosen(options.size());
  for (const std::string& value : values) {
    const auto found = std::find(options.begin(), options.end(), value);
    if (found == options.end()) {
      return Unexpected{Why("has a value that is none of its options; write each exactly as the form has it")};
    }
    const auto at = static_cast<std::size_t>(found - options.begin());
    if (is_chosen[at]) return Unexpected{Why("has the same option twice")};
    is_chosen[at] = true;
  }
  std::string ballot;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (!is_chosen[i]) continue;
    if (!ballot.empty()) ballot += choice_separator;
    ballot += options[i];
  }
  return ballot;
}

std::string hint(const FieldSpec& field) {
  return field.required ? "one or more of the options" : "any of the options, or none";
}

}  // namespace

extern const FieldType choices_type;
const FieldType choices_type{.name = "choices",
                             .has_options = true,
                             .check = nothing_to_check,
                             .canonical = canonical,
                             .hint = hint,
                             .method = by_plurality};

}  // namespace tally::forms
