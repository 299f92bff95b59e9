#include "admin/quality/task_view.h"

#include <algorithm>

#include "admin/quality/collected.h"
#include "common/aggregation/registry.h"
#include "common/aggregation/skill.h"
#include "common/base/assert.h"
#include "common/cli/program.h"
#include "common/forms/form.h"

namespace tally::admin::quality {
namespace {

// Of a text what was written: its ballot is a digest.
std::string shown(const FieldAnswers& field, const AnswerRow& answer, std::int32_t value) {
  if (!forms::is_free_text(field.spec)) return field.values.name(value);
  const auto written = answer.values.find(field.spec.name);
  return written == answer.values.end() || written->second.empty() ? std::string() : written->second.front();
}

std::vector<AccountId> who_disagrees(const Collected& collected, const FieldAnswers& field) {
  std::vector<AccountId> others;
  const std::int32_t verdict = field.judged.front().value;
  if (verdict == unknown) return others;
  const auto* method = aggregation::find_method(forms::default_method(field.spec));
  TALLY_ASSERT(method != nullptr);
  const aggregation::Policy policy{collected.spec.redundancy, forms::tolerance_e6(field.spec)};
  for (std::size_t i = 0; i < collected.answers.size(); ++i) {
    if (method->agrees(field.values.name(field.given[i]), field.values.name(verdict), policy)) continue;
    others.push_back(collected.workers[static_cast<std::size_t>(collected.answers[i].worker)]);
  }
  return others;
}

FieldView field_view(const Collected& collected, const FieldAnswers& field, const ResultRow& row) {
  FieldView view;
  view.name = field.spec.name;
  const auto gold = row.gold.find(view.name);
  if (gold != row.gold.end()) view.gold = gold->second;
  view.others = who_disagrees(collected, field);
  const FieldResult* result = reliability::verdict_on(row, view.name);
  if (result == nullptr) return view;
  view.has_value = reliability::has_value(*result);
  view.is_settled = result->settled;
  view.method = result->method;
  view.is_by_skill = result->method == aggregation::skill_method;
  view.value = result->value;
  view.confidence_ppm = result->confidence_ppm;
  view.posterior_ppm = result->posterior_ppm;
  return view;
}

AnswerView answer_view(const Collected& collected, const AnswerRow& answer) {
  AnswerView view{answer, std::vector<std::string>(collected.fields.size())};
  const auto found = std::find_if(collected.answers.begin(), collected.answers.end(),
                                  [&](const AnswerGiven& each) { return each.assignment == answer.assignment; });
  if (found == collected.answers.end()) return view;
  const auto place = static_cast<std::size_t>(found - collected.answers.begin());
  for (std::size_t i = 0; i < collected.fields.size(); ++i) {
    view.values[i] = shown(collected.fields[i], answer, collected.fields[i].given[place]);
  }
  return view;
}

}  // namespace

TaskView task_view(const ProjectSpec& spec, const ResultRow& row) {
  if (row.values.size() != spec.columns.size()) {
    throw cli::Failure{cli::exit_refused, "the broker gave " + std::to_string(row.values.size()) + " values for the " +
                                              std::to_string(spec.columns.size()) + " columns of the item"};
  }
  Collector collector(spec);
  collector.take(row);
  const Collected& collected = collector.collected();
  TaskView view;
  view.row = row;
  for (const ColumnSpec& column : spec.columns) view.columns.push_back(column.name);
  for (const FieldAnswers& field : collected.fields) view.fields.push_back(field_view(collected, field, row));
  for (const AnswerRow& answer : row.given) view.answers.push_back(answer_view(collected, answer));
  return view;
}

}  // namespace tally::admin::quality
