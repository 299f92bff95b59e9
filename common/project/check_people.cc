#include "common/project/check_people.h"

#include <algorithm>
#include <set>

#include "common/forms/form.h"
#include "common/forms/unicode.h"
#include "schemas/qualification_name.h"

namespace tally::project {
namespace {

using Objection = std::string;

constexpr std::int64_t million = 1'000'000;

Objection objection_to_share(const char* name, std::int64_t ppm, std::int64_t min_ppm) {
  if (ppm >= min_ppm && ppm <= million) return {};
  return std::string(name) + (min_ppm > 0 ? " must be above 0 and at most 1" : " must be from 0 to 1");
}

// What is right must be something that a worker could enter, or nobody could pass.
Objection objection_to_gold(const ProjectSpec& spec, const std::string& name, const std::vector<std::string>& gold) {
  const auto is_it = [&](const FieldSpec& field) { return field.name == name; };
  const auto field = std::find_if(spec.form.begin(), spec.form.end(), is_it);
  if (field == spec.form.end()) return "what is right names a field that the form does not have";
  FieldSpec alone = *field;
  alone.required = true;
  const auto fine = forms::canonical_form({alone}, {{name, gold}}, "");
  return fine ? Objection() : "what is right is no answer: " + fine.error().detail;
}

std::size_t bytes_of(const TrainingTask& task) {
  std::size_t bytes = task.explanation.size();
  for (const std::string& value : task.values) bytes += value.size();
  for (const auto& [field, gold] : task.gold) {
    bytes += field.size();
    for (const std::string& value : gold) bytes += value.size();
  }
  return bytes;
}

}  // namespace

std::string objection_to_requirements(const Requirements& require) {
  if (require.qualifications.size() > qualifications_max) {
    return "require: at most " + std::to_string(qualifications_max) + " qualifications can be asked for";
  }
  std::set<std::string_view> names;
  for (const QualificationNeed& need : require.qualifications) {
    if (!is_qualification_name(need.name)) return "require: " + std::string(qualification_name_rule);
    if (!names.insert(need.name).second) return "require: the qualification '" + need.name + "' is there twice";
    if (need.score_min < 0 || need.score_min > qualification_score_max) {
      return "require: the score of '" + need.name + "' must be from 0 to " + std::to_string(qualification_score_max);
    }
  }
  if (require.judged_min < 0 || require.judged_min > judged_min_max) {
    return "require judged must be from 0 to " + std::to_string(judged_min_max);
  }
  if (auto wrong = objection_to_share("require agreement", require.agreement_ppm, 0); !wrong.empty()) return wrong;
  if (auto wrong = objection_to_share("require gold", require.gold_ppm, 0); !wrong.empty()) return wrong;
  if (require.gold_after < 1 || require.gold_after > gold_after_max) {
    return "require gold_after must be from 1 to " + std::to_string(gold_after_max);
  }
  return {};
}

std::string objection_to_training_task(const ProjectSpec& spec, const TrainingTask& task) {
  if (task.values.size() != spec.columns.size()) {
    return "it has " + std::to_string(task.values.size()) + " values for " + std::to_string(spec.columns.size()) +
           " columns";
  }
  const auto is_text = [](const std::string& value) { return forms::is_storable(value); };
  if (!std::all_of(task.values.begin(), task.values.end(), is_text)) {
    return "a value is not UTF-8 text, or has a NUL in it";
  }
  if (task.gold.empty()) return "nothing says what is right: _gold.FIELD is missing";
  for (const auto& [name, gold] : task.gold) {
    if (auto wrong = objection_to_gold(spec, name, gold); !wrong.empty()) return wrong;
  }
  if (task.explanation.size() > explanation_bytes_max) {
    return "the explanation is over " + std::to_string(explanation_bytes_max) + " bytes";
  }
  if (!forms::is_prose(task.explanation)) return "the explanation must be UTF-8 text without control characters";
  return {};
}

std::string objection_to_training(const ProjectSpec& spec) {
  const Training& training = spec.training;
  if (training.tasks.empty()) {
    return training == Training{} ? Objection() : "training has no tasks: give it some, or leave it out";
  }
  if (training.tasks.size() > training_tasks_max) {
    return "training has more than " + std::to_string(training_tasks_max) + " tasks";
  }
  if (auto wrong = objection_to_share("training pass", training.pass_ppm, 1); !wrong.empty()) return wrong;
  if (training.rounds_max < 1 || training.rounds_max > training_rounds_max) {
    return "training rounds must be from 1 to " + std::to_string(training_rounds_max);
  }
  if (!training.grants.empty() && !is_qualification_name(training.grants)) {
    return "training grants: " + std::string(qualification_name_rule);
  }
  const auto& needs = spec.require.qualifications;
  const bool asks_for_it = std::any_of(needs.begin(), needs.end(), [&](const QualificationNeed& need) {
    return !training.grants.empty() && need.name == training.grants;
  });
  if (asks_for_it) return "training grants what require asks for before it: nobody could begin";
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < training.tasks.size(); ++i) {
    const std::string wrong = objection_to_training_task(spec, training.tasks[i]);
    if (!wrong.empty()) return "training task " + std::to_string(i + 1) + ": " + wrong;
    bytes += bytes_of(training.tasks[i]);
  }
  if (bytes > training_bytes_max) return "training is over " + std::to_string(training_bytes_max) + " bytes";
  return {};
}

}  // namespace tally::project
