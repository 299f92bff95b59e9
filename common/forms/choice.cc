#include <algorithm>

#include "common/forms/field_type.h"

// choice: exactly one of the options. The ballot is the option.
namespace tally::forms {
namespace {

Result<std::string, Why> canonical(const FieldSpec& field, std::span<const std::string> values, std::string_view) {
  if (values.size() > 1) return Unexpected{Why("takes one option")};
  const auto& options = field.options;
  if (std::find(options.begin(), options.end(), values[0]) == options.end()) {
    return Unexpected{Why("has a value that is none of its options; write one exactly as the form has it")};
  }
  return values[0];
}

std::string hint(const FieldSpec&) { return "one of the options"; }

}  // namespace

extern const FieldType choice_type;
const FieldType choice_type{.name = "choice",
                            .has_options = true,
                            .check = nothing_to_check,
                            .canonical = canonical,
                            .hint = hint,
                            .method = by_plurality};

}  // namespace tally::forms
