#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "common/cli/rows.h"
#include "schemas/messages/requester.h"
#include "schemas/project_spec.h"

// One task: what was answered, what was made of it, and who said something else.
namespace tally::admin::quality {

struct FieldView {
  std::string name;
  bool has_value = false;
  bool is_settled = false;
  bool is_by_skill = false;
  std::string method;
  std::string value;
  std::int64_t confidence_ppm = 0;
  std::int64_t posterior_ppm = 0;
  std::string gold;               // Empty: it is not known.
  std::vector<AccountId> others;  // Who does not agree with the verdict.

  [[nodiscard]] bool is_right() const { return has_value && value == gold; }
};

struct AnswerView {
  AnswerRow row;
  std::vector<std::string> values;  // One a field of the form, as people read them; empty where the text was erased.
};

struct TaskView {
  ResultRow row;
  std::vector<std::string> columns;  // Names of the item's values.
  std::vector<FieldView> fields;
  std::vector<AnswerView> answers;
};

// Fails (cli::Failure) where the broker's form is none, or the item does not fit its columns.
[[nodiscard]] TaskView task_view(const ProjectSpec& spec, const ResultRow& row);

// Safe for the terminal.
[[nodiscard]] std::string task_text(const TaskView& view, const std::string& currency);
// An object about the task, one about each verdict, one about each answer; as CSV the answers alone.
void write_task(std::ostream& out, cli::RowFormat format, const TaskView& view);

}  // namespace tally::admin::quality
