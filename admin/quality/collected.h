#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/aggregation/labels/answer_table.h"
#include "common/base/names.h"
#include "common/reliability/judged.h"
#include "schemas/messages/requester.h"
#include "schemas/project_spec.h"

// A project's results, collected page by page into what figures are made from: numbers for tasks, workers and values,
// and each name once.
namespace tally::admin::quality {

using reliability::Judged;
using reliability::unknown;

struct FieldAnswers {
  FieldSpec spec;
  std::int32_t labels = 0;  // Of a choice; their numbers are those of values.
  // Values by number: as people read them; of a text its digest.
  Names values;
  std::vector<std::int32_t> given;  // By answer.
  std::vector<Judged> judged;       // By task.
  std::vector<std::int32_t> gold;   // By task.
};

struct TaskAnswers {
  TaskId id;
  TaskState state = TaskState::open;
  std::int64_t answers = 0;
  std::int64_t audited_after = 0;
  Micros cost;
};

struct AnswerGiven {
  std::int32_t task = 0;
  std::int32_t worker = 0;
  AssignmentId assignment;
  std::int64_t at_ms = 0;
  std::int64_t took_ms = 0;  // Since it was leased.
};

struct Collected {
  ProjectSpec spec;
  std::vector<TaskAnswers> tasks;    // In the order of the items.
  std::vector<AnswerGiven> answers;  // By task.
  std::vector<AccountId> workers;    // In the order of their first answer above.
  std::vector<FieldAnswers> fields;  // As the form has them.
  std::int64_t left_out = 0;         // Answers whose content was erased, or is none that the form allows.

  [[nodiscard]] aggregation::labels::AnswerTable table(const FieldAnswers& field) const;
};

class Collector {
 public:
  // Fails (cli::Failure) where the broker's form is none that can be filled in.
  explicit Collector(ProjectSpec spec);

  // The next task with its answers.
  void take(const ResultRow& row);
  [[nodiscard]] const Collected& collected() const& { return collected_; }
  [[nodiscard]] Collected collected() && { return std::move(collected_); }

 private:
  void take_verdict(FieldAnswers& field, const ResultRow& row) const;
  void take_answer(std::int32_t task, const AnswerRow& answer);
  [[nodiscard]] std::int32_t worker_number(AccountId worker);

  Collected collected_;
  std::map<AccountId, std::int32_t> workers_;
};

// The number of a value as results show it, in the canonical form of the field; unknown where it cannot be read.
[[nodiscard]] std::int32_t number_of_value(FieldAnswers& field, const std::string& shown);

// Null when the form has no field of that name.
[[nodiscard]] const FieldAnswers* find_field(const Collected& collected, const std::string& name);

}  // namespace tally::admin::quality
