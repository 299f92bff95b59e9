#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schemas/messages.h"
#include "schemas/project_spec.h"
#include "tools/stack/label_f1.h"
#include "tools/stack/recorded_set.h"
#include "tools/stack/recorded_worker.h"

// What a broker made of a recorded set, held against the set itself.
namespace tally::stack {

struct ReplayRules {
  FieldSpec field;
  bool all = false;  // Every recorded answer was bought, and the most frequent wins.
  Redundancy redundancy;
  Micros reward;
  Micros fee;                                // On one reward.
  std::set<std::size_t> gold;                // The set's tasks that were posted with their truth.
  std::map<AccountId, std::size_t> workers;  // Account to the set's worker.
};

// Tasks with truth whose verdict was as sure as this, or surer, but not as the next bin's.
struct ClaimBin {
  std::int64_t from_ppm = 0;
  std::int64_t tasks = 0;
  std::int64_t right = 0;
  std::int64_t claimed_ppm = 0;  // Their sum.
};

struct Findings {
  std::int64_t tasks = 0;
  std::int64_t settled = 0;
  std::int64_t best_guesses = 0;
  std::int64_t undecided = 0;
  std::int64_t answers = 0;
  std::int64_t with_truth = 0;  // And not gold.
  std::int64_t right = 0;       // Of those: settled so, or guessed.
  // Of those, by label, where the field is a choice: a task without a verdict chose nothing.
  std::map<std::string, LabelHits> hits;
  ClaimBin of_settled;  // The settled ones of them.
  std::int64_t gold_right = 0;
  std::int64_t gold_settled = 0;
  std::int64_t audited = 0;         // Tasks that could settle, and went on for the audit:
  std::int64_t answers_beyond = 0;  // to so many more answers.
  std::vector<ClaimBin> bins{{0}, {500'000}, {800'000}, {900'000}, {950'000}, {990'000}, {999'000}, {999'900}};
  Micros paid;  // To workers.
  Micros cost;  // With fees.
  std::int64_t wrong_count = 0;
  std::vector<std::string> wrong;  // The first of them, in words.
};

// Takes the result of each task, in the order of the items, then finishes. Item n is the set's task n - 1.
class ReplayCheck {
 public:
  // Both outlive the check.
  ReplayCheck(const RecordedSet& set, const ReplayRules& rules);

  void take(const ResultRow& row);
  // Every acknowledged answer must have been among the results.
  void take_acknowledged(std::size_t worker, const std::vector<AcknowledgedAnswer>& answers);
  [[nodiscard]] Findings finish();

 private:
  void found(const ResultRow& row, const std::string& what);
  [[nodiscard]] std::vector<std::string> check_answers(const ResultRow& row);
  void check_verdict(const ResultRow& row, const std::vector<std::string>& ballots);
  void check_pay(const ResultRow& row);
  void count_truth(const ResultRow& row);
  void count_hit(const std::string& truth, const std::optional<std::string>& value, bool is_right);

  const RecordedSet& set_;
  const ReplayRules& rules_;
  std::vector<std::map<std::size_t, std::string>> labels_;               // By task: worker to recorded label.
  std::map<AssignmentId, std::pair<std::size_t, std::int64_t>> stored_;  // Worker and item.
  Findings findings_;
};

// The share of right answers, all tasks with truth weighing alike: what one answer a task would have given.
[[nodiscard]] double accuracy_of_single_answers(const RecordedSet& set, const FieldSpec& field);

}  // namespace tally::stack
