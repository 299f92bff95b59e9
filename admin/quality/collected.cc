#include "admin/quality/collected.h"

#include <algorithm>
#include <utility>

#include "common/cli/program.h"
#include "common/forms/form.h"

namespace tally::admin::quality {
namespace {

FieldAnswers field_of(const FieldSpec& spec) {
  FieldAnswers field;
  field.spec = spec;
  field.labels = forms::labels_of(spec);
  for (std::int32_t label = 0; label < field.labels; ++label) {
    static_cast<void>(field.values.number_of(forms::ballot_of_label(spec, label)));
  }
  return field;
}

// What a verdict may be that nobody gave in an answer that is still there has a number too.
std::int32_t number_of_ballot(FieldAnswers& field, const std::string& ballot) {
  if (field.labels > 0) return forms::label_of(field.spec, ballot).value_or(unknown);
  return field.values.number_of(forms::readable(ballot));
}

}  // namespace

std::int32_t number_of_value(FieldAnswers& field, const std::string& shown) {
  if (!forms::is_free_text(field.spec) || shown.empty()) return number_of_ballot(field, shown);
  FieldSpec alone = field.spec;
  alone.required = true;
  const auto ballots = forms::canonical_form({alone}, {{alone.name, {shown}}}, "");
  return ballots ? number_of_ballot(field, ballots->front()) : unknown;
}

aggregation::labels::AnswerTable Collected::table(const FieldAnswers& field) const {
  std::vector<aggregation::labels::Answer> rows;
  rows.reserve(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    rows.push_back({answers[i].task, answers[i].worker, field.given[i]});
  }
  const auto count = [](const auto& list) { return static_cast<std::int32_t>(list.size()); };
  return {{count(tasks), count(workers), field.values.count()}, rows};
}

Collector::Collector(ProjectSpec spec) {
  const auto sound = forms::check_form(spec.form);
  if (!sound) throw cli::Failure{cli::exit_refused, "the broker gave a form that cannot be: " + sound.error().detail};
  for (const FieldSpec& field : spec.form) collected_.fields.push_back(field_of(field));
  collected_.spec = std::move(spec);
}

void Collector::take(const ResultRow& row) {
  const auto task = static_cast<std::int32_t>(collected_.tasks.size());
  collected_.tasks.push_back({row.task, row.state, row.answers, row.audited_after, row.cost});
  for (FieldAnswers& field : collected_.fields) take_verdict(field, row);
  for (const AnswerRow& answer : row.given) take_answer(task, answer);
}

void Collector::take_verdict(FieldAnswers& field, const ResultRow& row) const {
  const FieldResult* result = reliability::verdict_on(row, field.spec.name);
  const bool has_value = result != nullptr && reliability::has_value(*result);
  const std::int32_t value = has_value ? number_of_value(field, result->value) : unknown;
  field.judged.push_back(result == nullptr ? Judged{} : reliability::judged_of(*result, value));
  field.gold.push_back(reliability::gold_on(field.spec, row));
}

void Collector::take_answer(std::int32_t task, const AnswerRow& answer) {
  auto& answers = collected_.answers;
  const std::int32_t worker = worker_number(answer.worker);
  const auto ballots = forms::canonical_form(collected_.spec.form, answer.values, "");
  bool is_again = false;  // No broker gives a task to a worker twice.
  for (auto before = answers.rbegin(); before != answers.rend() && before->task == task; ++before) {
    is_again = is_again || before->worker == worker;
  }
  if (!ballots || is_again) {
    ++collected_.left_out;
    return;
  }
  answers.push_back({task, worker, answer.assignment, answer.at_ms, answer.took_ms});
  for (std::size_t i = 0; i < collected_.fields.size(); ++i) {
    FieldAnswers& field = collected_.fields[i];
    field.given.push_back(number_of_ballot(field, (*ballots)[i]));
  }
}

std::int32_t Collector::worker_number(AccountId worker) {
  const auto [found, is_new] = workers_.emplace(worker, static_cast<std::int32_t>(workers_.size()));
  if (is_new) collected_.workers.push_back(worker);
  return found->second;
}

const FieldAnswers* find_field(const Collected& collected, const std::string& name) {
  const auto found = std::find_if(collected.fields.begin(), collected.fields.end(),
                                  [&](const FieldAnswers& field) { return field.spec.name == name; });
  return found == collected.fields.end() ? nullptr : &*found;
}

}  // namespace tally::admin::quality
