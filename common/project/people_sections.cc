#include "common/project/people_sections.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/project/check_people.h"
#include "schemas/qualification_name.h"

namespace tally::project {
namespace {

constexpr std::int64_t million = 1'000'000;
constexpr ShareKey agreement_key{"agreement", 0, million, "must be from 0.0 to 1.0, such as 0.9"};
constexpr ShareKey gold_key{"gold", 0, million, "must be from 0.0 to 1.0, such as 0.7"};
constexpr ShareKey pass_key{"pass", 1, million, "must be above 0.0 and at most 1.0, such as 0.8"};

// The name of a qualification, and the score that is asked for: as { french = 80 }, or as a list of names, where any
// score will do.
std::vector<QualificationNeed> needs_in(TomlSection& section, TomlSource& source) {
  std::vector<QualificationNeed> needs;
  const toml::node* node = section.take("qualifications");
  if (node == nullptr) return needs;
  const auto add = [&](const toml::node& at, std::string name, std::int64_t score) {
    const auto is_it = [&](const QualificationNeed& need) { return need.name == name; };
    if (!is_qualification_name(name)) {
      source.mistake(at.source(),
                     "qualifications has the name '" + name + "': " + std::string(qualification_name_rule));
    } else if (std::any_of(needs.begin(), needs.end(), is_it)) {
      source.mistake(at.source(), "qualifications has '" + name + "' twice");
    }
    needs.push_back({std::move(name), score});
  };
  if (const toml::table* table = node->as_table()) {
    for (auto&& [key, value] : *table) {
      const auto score = value.value_exact<std::int64_t>();
      if (!score || *score < 0 || *score > qualification_score_max) {
        section.wrong(value, "the score of '" + std::string(key.str()) + "'",
                      "must be a whole number from 0 to " + std::to_string(qualification_score_max));
      }
      add(value, std::string(key.str()), score.value_or(0));
    }
  } else if (const toml::array* array = node->as_array()) {
    for (const toml::node& element : *array) {
      if (auto name = element.value_exact<std::string>()) {
        add(element, std::move(*name), 0);
      } else {
        section.wrong(element, "qualifications", "must be names in quotes: [\"french\"]");
      }
    }
  } else {
    section.wrong(*node, "qualifications", "must be scores by name, { french = 80 }, or a list of names");
  }
  const auto by_name = [](const QualificationNeed& a, const QualificationNeed& b) { return a.name < b.name; };
  std::sort(needs.begin(), needs.end(), by_name);
  return needs;
}

}  // namespace

Requirements requirements_in(TomlSection& top, TomlSource& source) {
  Requirements require;
  const toml::table* table = top.table("require");
  if (table == nullptr) return require;
  TomlSection section(*table, "[require]", source);
  require.qualifications = needs_in(section, source);
  require.judged_min = section.whole("judged", require.judged_min, 0, judged_min_max);
  require.agreement_ppm = section.share(agreement_key, 0);
  require.gold_ppm = section.share(gold_key, 0);
  require.gold_after = section.whole("gold_after", require.gold_after, 1, gold_after_max);
  if (section.has("gold_after") && require.gold_ppm == 0) {
    source.mistake(table->source(), "gold_after goes with gold in [require]: leave it out");
  }
  section.done();
  return require;
}

std::string training_in(TomlSection& top, TomlSource& source, Training& training) {
  const toml::table* table = top.table("training");
  if (table == nullptr) return {};
  TomlSection section(*table, "[training]", source);
  std::string file = section.required_text("file");
  if (section.has("file") && file.empty()) source.mistake(table->source(), "file in [training] must name a CSV file");
  training.pass_ppm = section.share(pass_key, training.pass_ppm);
  training.rounds_max = section.whole("rounds", training.rounds_max, 1, training_rounds_max);
  training.grants = section.text("grants").value_or("");
  if (!training.grants.empty() && !is_qualification_name(training.grants)) {
    source.mistake(table->source(), "grants in [training]: " + std::string(qualification_name_rule));
  }
  section.done();
  return file;
}

}  // namespace tally::project
