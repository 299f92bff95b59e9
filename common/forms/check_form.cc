#include <algorithm>
#include <set>

#include "common/forms/field_type.h"
#include "common/forms/form.h"
#include "common/forms/unicode.h"

namespace tally::forms {
namespace {

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > name_length_max) return false;
  if (name[0] < 'a' || name[0] > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

// A part of a form, in a message about it: what is too long or could harm a terminal is left out.
std::string quoted(std::string_view text) {
  return text.size() <= name_length_max && is_one_line(text) ? "'" + std::string(text) + "'" : "(not shown)";
}

std::string settings_text(const FieldType& type) {
  std::string text;
  for (const std::string_view name : type.settings) text.append(text.empty() ? "; it has " : ", ").append(name);
  return text;
}

Result<Done, Why> check_options(const FieldSpec& field, const FieldType& type) {
  if (!type.has_options) {
    if (field.options.empty()) return Done{};
    return Unexpected{"of type " + std::string(type.name) + " has no options"};
  }
  if (field.options.size() < 2 || field.options.size() > options_max) {
    return Unexpected{"needs 2 to " + std::to_string(options_max) + " options"};
  }
  std::set<std::string_view> seen;
  for (const std::string& option : field.options) {
    if (!is_one_line(option)) return Unexpected{Why("has an option that is not one line of UTF-8 text")};
    if (is_blank(option)) return Unexpected{Why("has an empty option")};
    if (option.size() > option_bytes_max) {
      return Unexpected{"has an option over " + std::to_string(option_bytes_max) + " bytes"};
    }
    if (!seen.insert(option).second) return Unexpected{"has the option " + quoted(option) + " twice"};
  }
  return Done{};
}

Result<Done, Why> check_settings(const FieldSpec& field, const FieldType& type) {
  for (const auto& [name, value] : field.settings) {
    if (std::find(type.settings.begin(), type.settings.end(), name) != type.settings.end()) continue;
    return Unexpected{"of type " + std::string(type.name) + " has no setting " + quoted(name) + settings_text(type)};
  }
  return type.check(field);
}

Result<Done, Why> check_field(const FieldSpec& field) {
  if (!is_one_line(field.label) || is_blank(field.label) || field.label.size() > label_bytes_max) {
    return Unexpected{"needs a label: one line of UTF-8 text, at most " + std::to_string(label_bytes_max) + " bytes"};
  }
  const FieldType* type = find_type(field.type);
  if (type == nullptr) {
    return Unexpected{"has the unknown type " + quoted(field.type) + "; there are: " + type_names()};
  }
  if (auto fine = check_options(field, *type); !fine) return fine;
  return check_settings(field, *type);
}

std::size_t bytes_of(const FieldSpec& field) {
  std::size_t bytes = field.name.size() + field.label.size();
  for (const std::string& option : field.options) bytes += option.size();
  for (const auto& [name, value] : field.settings) bytes += name.size() + value.size();
  return bytes;
}

Unexpected<Refusal> bad_form(std::string detail) { return {Refusal{RefusalCode::spec_invalid, std::move(detail), 0}}; }

}  // namespace

Result<Done, Refusal> check_form(const std::vector<FieldSpec>& form) {
  if (form.empty() || form.size() > fields_max) {
    return bad_form("a form has 1 to " + std::to_string(fields_max) + " fields");
  }
  std::set<std::string_view> names;
  std::size_t bytes = 0;
  for (const FieldSpec& field : form) {
    const std::string where = "field " + quoted(field.name) + " ";
    if (!is_name(field.name)) {
      return bad_form(where + "needs a name of small letters, digits and _, beginning with a letter, at most " +
                      std::to_string(name_length_max) + " long");
    }
    if (!names.insert(field.name).second) return bad_form(where + "is there twice");
    if (auto fine = check_field(field); !fine) return bad_form(where + fine.error());
    bytes += bytes_of(field);
  }
  if (bytes > form_bytes_max) return bad_form("the form is over " + std::to_string(form_bytes_max) + " bytes");
  if (std::none_of(form.begin(), form.end(), [](const FieldSpec& field) { return field.required; })) {
    return bad_form("at least one field must be required");
  }
  return Done{};
}

}  // namespace tally::forms
