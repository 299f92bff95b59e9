#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

#include "common/base/decimal.h"
#include "common/forms/form.h"
#include "schemas/project_spec.h"

namespace tally::stack {

// The form's field that asks for labels. `type`: a field type.
[[nodiscard]] inline FieldSpec field_of_labels(const std::set<std::string>& labels, const std::string& type) {
  FieldSpec field{.name = "label", .type = type, .label = "Which label?"};
  if (type == "choice" || type == "choices") field.options.assign(labels.begin(), labels.end());
  return field;
}

// What recorded labels are: a "choice" where they are few, else each a "number" where all are numbers, else a "text".
[[nodiscard]] inline std::string type_of_labels(const std::set<std::string>& labels) {
  constexpr std::size_t choice_labels_max = 40;
  const bool is_choice =
      labels.size() <= choice_labels_max && forms::check_form({field_of_labels(labels, "choice")}).has_value();
  if (is_choice) return "choice";
  const bool are_numbers = std::all_of(labels.begin(), labels.end(),
                                       [](const std::string& label) { return decimal_e6_from(label).has_value(); });
  return are_numbers ? "number" : "text";
}

}  // namespace tally::stack
