#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/quality/collected.h"
#include "common/aggregation/conduct/conduct.h"

// How the workers of a project went about one field.
namespace tally::admin::quality {

struct WorkerSignal {
  std::string_view kind;
  aggregation::conduct::Reason reason;
};

struct WorkerFigures {
  std::int32_t number = 0;  // In Collected::workers.
  AccountId account;
  std::int64_t answers = 0;
  // With what most of the others say; where the field is no choice, with the verdict.
  aggregation::metrics::Accuracy agreement;
  std::optional<double> beyond_chance;  // Cohen's kappa with the others and gold.
  aggregation::metrics::Accuracy gold;
  std::optional<double> seconds;  // The median from being given a task to the answer.
  std::optional<double> pace;     // The median share of the time that is usual for the task.
  // The median between an answer and the next of theirs, without breaks of more than a lease.
  std::optional<double> seconds_between;
  std::vector<WorkerSignal> signals;
};

// Workers who answer alike, and tasks that would tell whether they copy: those that two of them answered without gold.
struct AlikeGroup {
  std::vector<AccountId> accounts;
  std::int64_t tasks_count = 0;
  std::vector<TaskId> tasks;  // The first of them.
};
inline constexpr std::size_t alike_tasks_shown = 5;

struct Crowd {
  std::string field;
  // All signals were looked for: the field is a choice, and not too large for it. Haste is looked for in any.
  bool is_judged = false;
  std::vector<WorkerFigures> workers;  // The worst first.
  std::vector<std::vector<AccountId>> rings;
  std::vector<AlikeGroup> alike;
  // [worker number][label given][label believed], where the field is judged.
  std::vector<std::int64_t> confusion;
  std::vector<std::string> labels;
};

[[nodiscard]] Crowd crowd_of(const Collected& collected, const FieldAnswers& field);

// What is meant where no field is named: the first that is a choice, else the first.
[[nodiscard]] const FieldAnswers& usual_field(const Collected& collected);

}  // namespace tally::admin::quality
