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
  bool is_judged = false;              // Signals were looked for: the field is a choice, and not too large for it.
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

[[nodiscard]] std::string worker_name(AccountId account);  // "worker 33"

}  // namespace tally::admin::quality
