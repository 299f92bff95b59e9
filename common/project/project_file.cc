#include "common/project/project_file.h"

#include <algorithm>
#include <chrono>
#include <fstream>

#include "common/base/decimal.h"
#include "common/forms/form.h"
#include "common/project/nearest.h"
#include "common/project/people_sections.h"
#include "common/project/toml_section.h"

namespace tally::project {
namespace {

template <NamedEnum Enum>
Enum named_value(TomlSection& section, const toml::node& node, const std::string& key, Enum fallback) {
  const auto text = node.value_exact<std::string>();
  if (text) {
    if (const auto value = from_name<Enum>(*text)) return *value;
  }
  std::vector<std::string> names(EnumNames<Enum>::names.begin(), EnumNames<Enum>::names.end());
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "\"" : ", \"") + name + "\"";
  section.wrong(node, key, "must be one of " + list + (text ? did_you_mean(*text, names) : ""));
  return fallback;
}

Micros reward_in(TomlSection& top) {
  const toml::node* node = top.take("reward");
  if (node == nullptr) {
    top.missing("reward");
    return {};
  }
  if (const auto text = node->value_exact<std::string>()) {
    if (const auto reward = micros_from(*text)) return *reward;
    top.wrong(*node, "reward", "must be an amount like \"0.05\", with at most six places");
  } else if (const auto whole = node->value_exact<std::int64_t>()) {
    if (const auto reward = micros_from(std::to_string(*whole))) return *reward;
    top.wrong(*node, "reward", "must not be negative, nor more than the platform can count");
  } else if (node->is_floating_point()) {
    top.wrong(*node, "reward",
              "must be in quotes, such as \"0.05\": a number with a point is a binary fraction, which cannot hold an "
              "amount of money exactly");
  } else {
    top.wrong(*node, "reward", "must be an amount in quotes, such as \"0.05\"");
  }
  return {};
}

std::int64_t days_ms(const toml::date& date) {
  using namespace std::chrono;
  const year_month_day day{year{date.year}, month{date.month}, std::chrono::day{date.day}};
  return duration_cast<milliseconds>(sys_days{day}.time_since_epoch()).count();
}

std::int64_t deadline_in(TomlSection& top) {
  const toml::node* node = top.take("deadline");
  if (node == nullptr) return 0;
  if (const auto text = node->value_exact<std::string>()) {
    if (const auto time = time_from(*text)) return time->ms;
  } else if (const auto* date = node->as_date()) {
    return days_ms(date->get());
  } else if (const auto* moment = node->as_date_time()) {
    const toml::date_time& at = moment->get();
    if (at.offset) {
      const std::int64_t seconds = (at.time.hour * 60LL + at.time.minute - at.offset->minutes) * 60 + at.time.second;
      return days_ms(at.date) + seconds * 1000;
    }
  }
  top.wrong(*node, "deadline",
            "must be a moment with its zone, such as 2027-03-01T18:00:00Z, or a date (its midnight, UTC)");
  return 0;
}

constexpr ShareKey theta_key{"theta", theta_ppm_min, theta_ppm_max, "must be from 0.5 to 0.999999, such as 0.99"};
constexpr ShareKey confidence_key{"confidence", confidence_ppm_min, confidence_ppm_max,
                                  "must be from 0.5 to 0.999, such as 0.95"};
constexpr ShareKey audit_key{"audit", 0, audit_ppm_max, "must be from 0.0 to 0.5, such as 0.02"};
constexpr ShareKey checks_key{"checks", 0, checks_ppm_max, "must be from 0.0 to 0.5, such as 0.1"};

Redundancy redundancy_in(TomlSection& top, TomlSource& source) {
  Redundancy redundancy;
  const toml::table* table = top.table("redundancy");
  if (table == nullptr) return redundancy;
  TomlSection section(*table, "[redundancy]", source);
  const auto number = [&](const char* key, std::int32_t fallback) {
    return static_cast<std::int32_t>(section.whole(key, fallback, 1, redundancy_max));
  };
  redundancy.min = number("min", redundancy.min);
  redundancy.max = number("max", std::max(redundancy.min, redundancy.max));
  redundancy.quorum = number("quorum", std::min(redundancy.quorum, redundancy.max));
  if (redundancy.max < redundancy.min) source.mistake(table->source(), "max must not be below min in [redundancy]");
  if (redundancy.quorum > redundancy.max)
    source.mistake(table->source(), "quorum must not be above max in [redundancy]");
  redundancy.theta_ppm = section.share(theta_key, 0);
  redundancy.confidence_ppm = section.share(confidence_key, 0);
  const bool has_confidence = redundancy.confidence_ppm > 0;
  if (has_confidence && redundancy.theta_ppm > 0) {
    source.mistake(table->source(), "[redundancy] takes theta or confidence, not both");
  }
  redundancy.audit_ppm = section.share(audit_key, has_confidence ? audit_ppm_usual : 0);
  if (redundancy.audit_ppm > 0 && !has_confidence) {
    source.mistake(table->source(), "audit goes with confidence in [redundancy]: leave it out");
  }
  redundancy.checks_ppm = section.share(checks_key, 0);
  if (redundancy.checks_ppm > 0 && !redundancy.is_by_skill()) {
    source.mistake(table->source(), "checks goes with theta or confidence in [redundancy]: leave it out");
  }
  section.done();
  return redundancy;
}

std::vector<ColumnSpec> columns_in(TomlSection& top, TomlSource& source) {
  std::vector<ColumnSpec> columns;
  const toml::table* table = top.table("columns");
  if (table == nullptr) return columns;
  TomlSection section(*table, "[columns]", source);
  for (auto&& [key, node] : *table) {
    const std::string name(key.str());
    columns.push_back({name, named_value(section, node, "the kind of column '" + name + "'", ColumnKind::text)});
  }
  return columns;
}

// A setting as the form takes it: text. A decimal is taken as it was typed, so that it is what the file says exactly.
std::string setting_in(TomlSection& section, TomlSource& source, const std::string& key, const toml::node& node) {
  if (auto text = node.value_exact<std::string>()) return *text;
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (node.is_floating_point()) {
    std::string typed = source.as_typed(node);
    if (decimal_e6_from(typed)) return typed;
    section.wrong(node, key, "must be a decimal like 0.25, with at most six places");
  } else {
    section.wrong(node, key, "must be text in quotes, or a number");
  }
  return {};
}

FieldSpec field_in(const toml::table& table, TomlSource& source) {
  TomlSection section(table, "[[field]]", source);
  FieldSpec field;
  field.name = section.required_text("name");
  field.type = section.required_text("type");
  field.label = section.text("label").value_or(field.name);
  field.required = section.yes_or_no("required", true);
  field.options = section.texts("options");
  for (const std::string_view name : forms::settings_of(field.type)) {
    const std::string key(name);
    if (const toml::node* node = section.take(key)) field.settings[key] = setting_in(section, source, key, *node);
  }
  // Of a type that does not exist nobody knows the settings; then the type is the mistake.
  if (forms::has_type(field.type)) section.done();
  // Alone it is a form if it is right and required; what concerns several fields is left to check_form of the whole.
  FieldSpec alone = field;
  alone.required = true;
  if (const auto fine = forms::check_form({alone}); !fine) source.mistake(table.source(), fine.error().detail);
  return field;
}

std::vector<FieldSpec> form_in(TomlSection& top, TomlSource& source) {
  const toml::node* node = top.take("field");
  if (node == nullptr) {
    top.missing("[[field]]");
    return {};
  }
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
    source.mistake(node->source(), "a field begins with [[field]], in two brackets");
    return {};
  }
  std::vector<FieldSpec> form;
  for (const toml::node& element : *array) form.push_back(field_in(*element.as_table(), source));
  // Each field is right by itself; here is what concerns them together.
  if (source.has_mistake()) return form;
  if (const auto fine = forms::check_form(form); !fine) source.mistake(array->front().source(), fine.error().detail);
  return form;
}

ProjectFile file_in(const toml::table& table, TomlSource& source) {
  TomlSection top(table, "", source);
  ProjectFile file;
  ProjectSpec& spec = file.spec;
  spec.title = top.required_text("title");
  spec.instructions = top.text("instructions").value_or("");
  spec.item_template = top.text("template").value_or("");
  spec.reward = reward_in(top);
  if (const toml::node* pay = top.take("pay")) spec.pay = named_value(top, *pay, "pay", spec.pay);
  spec.lease = top.duration("lease", spec.lease);
  spec.review_delay = top.duration("review_delay", spec.review_delay);
  spec.patience = top.duration("patience", spec.patience);
  spec.deadline_ms = deadline_in(top);
  spec.tasks_per_worker_max = top.whole("tasks_per_worker_max", 0, 0, 1'000'000'000'000);
  spec.pull_by_item = top.yes_or_no("pull_by_item", false);
  spec.redundancy = redundancy_in(top, source);
  spec.columns = columns_in(top, source);
  spec.form = form_in(top, source);
  spec.require = requirements_in(top, source);
  file.training_file = training_in(top, source, spec.training);
  top.done();
  return file;
}

}  // namespace

Result<ProjectFile, std::string> project_from_toml(std::string_view text, const std::string& file) {
  TomlSource source(text, file);
  try {
    const toml::table table = toml::parse(text);
    ProjectFile found = file_in(table, source);
    if (std::string mistake = source.first_mistake(); !mistake.empty()) return Unexpected{std::move(mistake)};
    return found;
  } catch (const toml::parse_error& error) {
    source.mistake(error.source(), std::string(error.description()));
    return Unexpected{source.first_mistake()};
  }
}

Result<ProjectFile, std::string> load_project(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Unexpected{path + ": cannot be opened"};
  std::string text(project_file_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return Unexpected{path + ": cannot be read"};
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > project_file_bytes_max) {
    return Unexpected{path + ": is over " + std::to_string(project_file_bytes_max) + " bytes"};
  }
  return project_from_toml(text, path);
}

}  // namespace tally::project
