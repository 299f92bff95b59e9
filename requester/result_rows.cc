#include "requester/result_rows.h"

#include <nlohmann/json.hpp>

#include "common/base/decimal.h"
#include "common/reliability/judged.h"

namespace tally::requester {
namespace {

using Json = nlohmann::ordered_json;
using reliability::has_value;
using reliability::verdict_on;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json votes_of(const FieldResult& judged) {
  Json votes = Json::object();
  for (const VoteCount& vote : judged.votes) votes[vote.value] = vote.count;
  return votes;
}

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : "; ") + value;
  return text;
}

std::string entered(const AnswerRow& answer, const FieldSpec& field) {
  const auto found = answer.values.find(field.name);
  return found == answer.values.end() ? std::string() : joined(found->second);
}

// What every row begins with, for both kinds.
std::vector<std::string> item_cells(const ResultRow& task) {
  std::vector<std::string> cells{std::to_string(task.item_no), to_text(task.task)};
  cells.insert(cells.end(), task.values.begin(), task.values.end());
  return cells;
}

std::vector<std::string> task_cells(const ProjectSpec& spec, const ResultRow& task, bool has_gold) {
  std::vector<std::string> cells = item_cells(task);
  for (const FieldSpec& field : spec.form) {
    const FieldResult* judged = verdict_on(task, field.name);
    if (judged == nullptr) {
      cells.insert(cells.end(), 3, "");
    } else {
      cells.push_back(judged->value);
      cells.push_back(has_value(*judged) ? decimal_text(judged->confidence_ppm) : "");
      cells.push_back(dumped(votes_of(*judged)));
    }
    if (spec.redundancy.is_by_skill()) {
      const bool has_posterior = judged != nullptr && judged->posterior_ppm > 0;
      cells.push_back(has_posterior ? decimal_text(judged->posterior_ppm) : "");
    }
    if (!has_gold && !spec.redundancy.is_by_skill()) continue;
    const auto gold = task.gold.find(field.name);
    cells.push_back(gold == task.gold.end() ? "" : gold->second);
  }
  cells.emplace_back(name_of(task.state));
  cells.push_back(task.reason);
  cells.push_back(std::to_string(task.answers));
  cells.push_back(to_text(task.cost));
  if (spec.redundancy.audit_ppm > 0) cells.push_back(task.audited_after > 0 ? std::to_string(task.audited_after) : "");
  return cells;
}

std::vector<std::string> answer_cells(const ProjectSpec& spec, const ResultRow& task, const AnswerRow& answer) {
  std::vector<std::string> cells = item_cells(task);
  cells.push_back(to_text(answer.assignment));
  cells.push_back(std::to_string(answer.worker.value));
  cells.push_back(to_text(Time{answer.at_ms}));
  cells.push_back(decimal_text(answer.took_ms * 1'000));
  for (const FieldSpec& field : spec.form) cells.push_back(entered(answer, field));
  cells.emplace_back(name_of(answer.state));
  cells.push_back(to_text(answer.paid));
  cells.push_back(answer.reason);
  return cells;
}

Json item_json(const ProjectSpec& spec, const ResultRow& task) {
  Json json;
  json["item"] = task.item_no;
  json["task"] = to_text(task.task);
  json["values"] = Json::object();
  for (std::size_t i = 0; i < spec.columns.size(); ++i) json["values"][spec.columns[i].name] = task.values[i];
  return json;
}

Json task_json(const ProjectSpec& spec, const ResultRow& task) {
  Json json = item_json(spec, task);
  json["state"] = name_of(task.state);
  json["reason"] = task.reason;
  json["verdicts"] = Json::object();
  for (const FieldResult& judged : task.judged) {
    Json& verdict = json["verdicts"][judged.field];
    verdict["settled"] = judged.settled;
    verdict["value"] = has_value(judged) ? Json(judged.value) : Json();
    verdict["confidence"] = has_value(judged) ? Json(static_cast<double>(judged.confidence_ppm) / 1e6) : Json();
    verdict["method"] = judged.method;
    verdict["votes"] = votes_of(judged);
    if (judged.posterior_ppm > 0) verdict["posterior"] = static_cast<double>(judged.posterior_ppm) / 1e6;
  }
  if (!task.gold.empty()) json["gold"] = task.gold;
  json["answers"] = task.answers;
  json["cost"] = to_text(task.cost);
  if (task.audited_after > 0) json["audited_after"] = task.audited_after;
  return json;
}

Json answer_json(const ProjectSpec& spec, const ResultRow& task, const AnswerRow& answer) {
  Json json = item_json(spec, task);
  json["assignment"] = to_text(answer.assignment);
  json["worker"] = answer.worker.value;
  json["at"] = to_text(Time{answer.at_ms});
  json["seconds"] = static_cast<double>(answer.took_ms) / 1e3;
  json["answer"] = answer.values;
  json["pay"] = name_of(answer.state);
  json["paid"] = to_text(answer.paid);
  json["reason"] = answer.reason;
  return json;
}

}  // namespace

std::vector<std::string> result_header(const ProjectSpec& spec, RowsOf rows, bool has_gold) {
  std::vector<std::string> names{"_item", "_task"};
  for (const ColumnSpec& column : spec.columns) names.push_back(column.name);
  if (rows == RowsOf::answers) {
    names.insert(names.end(), {"_assignment", "_worker", "_at", "_seconds"});
    for (const FieldSpec& field : spec.form) names.push_back("_answer." + field.name);
    names.insert(names.end(), {"_pay", "_paid", "_reason"});
    return names;
  }
  for (const FieldSpec& field : spec.form) {
    for (const char* what : {"_verdict.", "_confidence.", "_votes."}) names.push_back(what + field.name);
    if (spec.redundancy.is_by_skill()) names.push_back("_posterior." + field.name);
    if (has_gold || spec.redundancy.is_by_skill()) names.push_back("_gold." + field.name);
  }
  names.insert(names.end(), {"_state", "_reason", "_answers_given", "_cost"});
  if (spec.redundancy.audit_ppm > 0) names.emplace_back("_audited_after");
  return names;
}

std::vector<std::vector<std::string>> result_cells(const ProjectSpec& spec, const ResultRow& task, RowsOf rows,
                                                   bool has_gold) {
  if (rows == RowsOf::tasks) return {task_cells(spec, task, has_gold)};
  std::vector<std::vector<std::string>> all;
  for (const AnswerRow& answer : task.given) all.push_back(answer_cells(spec, task, answer));
  return all;
}

std::vector<std::string> result_lines(const ProjectSpec& spec, const ResultRow& task, RowsOf rows) {
  if (rows == RowsOf::tasks) return {dumped(task_json(spec, task))};
  std::vector<std::string> all;
  for (const AnswerRow& answer : task.given) all.push_back(dumped(answer_json(spec, task, answer)));
  return all;
}

std::string objection_to(const ProjectSpec& spec, const ResultRow& task) {
  if (task.values.size() == spec.columns.size()) return {};
  return "the broker gave " + std::to_string(task.values.size()) + " values for the " +
         std::to_string(spec.columns.size()) + " columns of item " + std::to_string(task.item_no);
}

}  // namespace tally::requester
