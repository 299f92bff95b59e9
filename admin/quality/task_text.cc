#include <ostream>

#include "admin/quality/task_view.h"
#include "admin/quality/words.h"
#include "common/cli/figure_rows.h"
#include "common/cli/figures.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "schemas/time.h"

// A task in words, and as rows.
namespace tally::admin::quality {
namespace {

using cli::Cell;
using cli::FigureWriter;

std::string listed(const std::vector<AccountId>& accounts) {
  std::string text;
  for (const AccountId account : accounts) text += (text.empty() ? "" : ", ") + std::to_string(account.value);
  return text;
}

double seconds_of(const AnswerView& answer) { return static_cast<double>(answer.row.took_ms) / 1000; }

std::string state_text(const ResultRow& row) {
  std::string text(name_of(row.state));
  if (!row.reason.empty()) text += " (" + row.reason + ")";
  return text;
}

std::string item_text(const TaskView& view) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::size_t i = 0; i < view.columns.size(); ++i) {
    lines.emplace_back(cli::safe_for_terminal(view.columns[i], false),
                       cli::fitted(cli::safe_for_terminal(view.row.values[i], false), 100));
  }
  return cli::lines_of(lines);
}

std::string answers_table(const TaskView& view) {
  std::vector<cli::Table::Column> columns{
      {"assignment"}, {"worker", cli::Align::right}, {"at"}, {"seconds", cli::Align::right}};
  for (const FieldView& field : view.fields) columns.push_back({field.name, cli::Align::left, 40});
  columns.insert(columns.end(), {{"pay"}, {"paid", cli::Align::right}, {"reason"}});
  cli::Table table(std::move(columns));
  for (const AnswerView& answer : view.answers) {
    std::vector<std::string> cells{to_text(answer.row.assignment), std::to_string(answer.row.worker.value),
                                   to_text(Time{answer.row.at_ms}), cli::decimal(seconds_of(answer), 1)};
    cells.insert(cells.end(), answer.values.begin(), answer.values.end());
    cells.insert(cells.end(), {std::string(name_of(answer.row.state)), to_text(answer.row.paid), answer.row.reason});
    table.row(std::move(cells));
  }
  return table.to_text();
}

std::string field_text(const FieldView& field) {
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("verdict", !field.has_value   ? "none"
                                : field.is_settled ? "'" + field.value + "', settled by " + field.method
                                                   : "'" + field.value + "', the best guess by " + field.method);
  if (field.has_value && field.is_by_skill) {
    lines.emplace_back("claim", claim_text(field.confidence_ppm));
    lines.emplace_back("posterior", ppm_text(field.posterior_ppm) + ", which is what the model alone says");
  } else if (field.has_value) {
    lines.emplace_back("agreement", claim_text(field.confidence_ppm) + " of the votes, which is no probability");
  }
  if (!field.gold.empty()) {
    const char* outcome = !field.has_value   ? ""
                          : field.is_right() ? ": the verdict is right"
                                             : ": the verdict is wrong";
    lines.emplace_back("gold", "'" + field.gold + "'" + outcome);
  }
  if (field.has_value)
    lines.emplace_back("disagree", field.others.empty() ? "nobody" : "workers " + listed(field.others));
  return "\nField " + field.name + "\n" + cli::lines_of(lines);
}

void write_objects(std::ostream& out, const TaskView& view) {
  FigureWriter writer(out, cli::RowFormat::jsonl);
  writer.write("task", {},
               {{"task", to_text(view.row.task)},
                {"item", view.row.item_no},
                {"state", std::string(name_of(view.row.state))},
                {"reason", view.row.reason},
                {"answers", view.row.answers},
                {"cost", to_text(view.row.cost)}});
  for (const FieldView& field : view.fields) {
    const bool is_claim = field.has_value && field.is_by_skill;
    writer.write("verdict", field.name,
                 {{"settled", std::string(field.is_settled ? "yes" : "no")},
                  {"value", cli::cell_if(field.has_value, field.value)},
                  {"method", field.method},
                  {"confidence", cli::cell_if(field.has_value, static_cast<double>(field.confidence_ppm) / 1e6)},
                  {"posterior_ppm", cli::cell_if(is_claim, field.posterior_ppm)},
                  {"gold", cli::cell_if(!field.gold.empty(), field.gold)},
                  {"disagree", listed(field.others)}});
  }
  for (const AnswerView& answer : view.answers) {
    FigureWriter::Figures figures{{"assignment", to_text(answer.row.assignment)},
                                  {"worker", answer.row.worker.value},
                                  {"at", to_text(Time{answer.row.at_ms})},
                                  {"seconds", seconds_of(answer)}};
    for (std::size_t i = 0; i < view.fields.size(); ++i) {
      figures.emplace_back("answer." + view.fields[i].name, answer.values[i]);
    }
    figures.emplace_back("pay", std::string(name_of(answer.row.state)));
    figures.emplace_back("paid", to_text(answer.row.paid));
    writer.write("answer", {}, figures);
  }
}

void write_table(std::ostream& out, const TaskView& view) {
  cli::RowWriter writer(out, cli::RowFormat::csv);
  std::vector<std::string> names{"task", "assignment", "worker", "at", "seconds"};
  for (const FieldView& field : view.fields) names.push_back("answer." + field.name);
  names.insert(names.end(), {"pay", "paid", "reason"});
  writer.header(std::move(names));
  for (const AnswerView& answer : view.answers) {
    std::vector<Cell> cells{to_text(view.row.task), to_text(answer.row.assignment), answer.row.worker.value,
                            to_text(Time{answer.row.at_ms}), seconds_of(answer)};
    cells.insert(cells.end(), answer.values.begin(), answer.values.end());
    cells.insert(cells.end(), {std::string(name_of(answer.row.state)), to_text(answer.row.paid), answer.row.reason});
    writer.row(cells);
  }
}

}  // namespace

std::string task_text(const TaskView& view, const std::string& currency) {
  std::string text = to_text(view.row.task) + ", item " + cli::grouped(view.row.item_no) + ": " +
                     cli::safe_for_terminal(state_text(view.row), false) + "\n";
  text += item_text(view) + "\n";
  text += counted(view.row.answers, "answer") + ", " + cli::money(view.row.cost, currency) + "\n";
  if (!view.answers.empty()) text += answers_table(view);
  for (const FieldView& field : view.fields) text += field_text(field);
  return text;
}

void write_task(std::ostream& out, cli::RowFormat format, const TaskView& view) {
  format == cli::RowFormat::jsonl ? write_objects(out, view) : write_table(out, view);
}

}  // namespace tally::admin::quality
