#include "common/forms/form.h"

#include <algorithm>

#include "common/base/assert.h"
#include "common/base/decimal.h"
#include "common/forms/field_type.h"
#include "common/forms/unicode.h"

namespace tally::forms {
namespace {

const FieldType& type_of(const FieldSpec& field) {
  const FieldType* type = find_type(field.type);
  TALLY_ASSERT(type != nullptr);  // check_form() came first.
  return *type;
}

std::span<const std::string> entered(const AnswerValues& answer, const std::string& name) {
  const auto found = answer.find(name);
  if (found == answer.end()) return {};
  const std::vector<std::string>& values = found->second;
  if (values.size() == 1 && is_storable(values[0]) && is_blank(values[0])) return {};
  return values;
}

Result<std::string, Why> ballot_of(const FieldSpec& field, std::span<const std::string> values, std::string_view salt) {
  if (values.empty()) {
    if (field.required) return Unexpected{Why("is required")};
    return std::string();
  }
  for (const std::string& value : values) {
    if (!is_storable(value)) return Unexpected{Why("has a value that is not UTF-8 text, or has a NUL in it")};
    if (is_blank(value)) return Unexpected{Why("has an empty value among others")};
  }
  return type_of(field).canonical(field, values, salt);
}

Unexpected<Refusal> bad_answer(std::string detail) {
  return {Refusal{RefusalCode::answer_invalid, std::move(detail), 0}};
}

// A name that a worker sent, as far as a message may repeat it.
std::string named(const std::string& name) {
  return name.size() <= name_length_max && is_one_line(name) ? "'" + name + "'" : "of that name";
}

}  // namespace

Result<Ballots, Refusal> canonical_form(const std::vector<FieldSpec>& form, const AnswerValues& answer,
                                        std::string_view salt) {
  // A name that the form does not have is refused, not dropped: what was entered under it would be lost.
  for (const auto& [name, values] : answer) {
    const auto is_it = [&given = name](const FieldSpec& field) { return field.name == given; };
    if (std::none_of(form.begin(), form.end(), is_it)) return bad_answer("the form has no field " + named(name));
  }
  Ballots ballots;
  ballots.reserve(form.size());
  for (const FieldSpec& field : form) {
    auto ballot = ballot_of(field, entered(answer, field.name), salt);
    if (!ballot) return bad_answer("field '" + field.name + "' " + ballot.error());
    ballots.push_back(std::move(*ballot));
  }
  return ballots;
}

std::string_view default_method(const FieldSpec& field) { return type_of(field).method(field); }

std::int64_t tolerance_e6(const FieldSpec& field) {
  const auto text = setting(field, "tolerance");
  return text ? decimal_e6_from(*text).value_or(0) : 0;
}

bool is_free_text(const FieldSpec& field) { return type_of(field).is_free_text; }

std::string entry_hint(const FieldSpec& field) { return type_of(field).hint(field); }

std::string readable(std::string_view ballot) {
  std::string text;
  for (const char c : ballot) {
    if (c == choice_separator) {
      text += "; ";
    } else {
      text += c;
    }
  }
  return text;
}

std::string type_names() {
  std::string names;
  for (const FieldType* type : all_types()) names.append(names.empty() ? "" : ", ").append(type->name);
  return names;
}

bool has_type(std::string_view name) { return find_type(name) != nullptr; }

std::span<const std::string_view> settings_of(std::string_view type) {
  const FieldType* found = find_type(type);
  return found == nullptr ? std::span<const std::string_view>() : found->settings;
}

}  // namespace tally::forms
