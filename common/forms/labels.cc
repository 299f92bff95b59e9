#include <algorithm>

#include "common/base/assert.h"
#include "common/forms/form.h"

// What a model of labels sees of a form: options by their place.
namespace tally::forms {

std::int32_t labels_of(const FieldSpec& field) {
  if (field.type != "choice") return 0;
  return static_cast<std::int32_t>(field.options.size()) + (field.required ? 0 : 1);
}

std::optional<std::int32_t> label_of(const FieldSpec& field, std::string_view ballot) {
  const auto found = std::find(field.options.begin(), field.options.end(), ballot);
  if (found == field.options.end() && (field.required || !ballot.empty())) return std::nullopt;
  return static_cast<std::int32_t>(found - field.options.begin());
}

std::string ballot_of_label(const FieldSpec& field, std::int32_t label) {
  TALLY_ASSERT(label >= 0 && label < labels_of(field));
  const auto place = static_cast<std::size_t>(label);
  return place < field.options.size() ? field.options[place] : std::string();
}

Result<Ballots, std::string> gold_ballots(const std::vector<FieldSpec>& form,
                                          const std::map<std::string, std::string>& gold) {
  Ballots ballots(form.size());
  for (const auto& [name, value] : gold) {
    const auto field = std::find_if(form.begin(), form.end(),
                                    [&, &called = name](const FieldSpec& each) { return each.name == called; });
    if (field == form.end()) return Unexpected{"gold for '" + name + "', which is no field of the form"};
    if (labels_of(*field) == 0) return Unexpected{"gold for '" + name + "': only a choice can have gold"};
    if (std::find(field->options.begin(), field->options.end(), value) == field->options.end()) {
      return Unexpected{"gold for '" + name + "' is '" + value + "', which is none of its options"};
    }
    ballots[static_cast<std::size_t>(field - form.begin())] = value;
  }
  return ballots;
}

}  // namespace tally::forms
