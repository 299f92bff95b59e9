#include "broker/audit/training_check.h"

#include <utility>

#include "schemas/qualification_name.h"

namespace tally::audit {
namespace {

constexpr std::int64_t million = 1'000'000;

}  // namespace

std::string_view TrainingCheck::begin(AccountId owner, const Training& training) {
  const bool can_be = training.tasks.size() <= training_tasks_max && training.pass_ppm >= 0 &&
                      training.pass_ppm <= million && (training.tasks.empty() || training.rounds_max >= 1);
  if (!can_be) return "its training cannot be";
  training_ = training;
  if (!training.grants.empty()) grants_ = name_by_training(training.grants, owner);
  return {};
}

std::string_view TrainingCheck::on(const TrainingAnswered& r) {
  Trainee& trainee = trainees_[r.worker];
  if (trainee.is_passed || trainee.rounds >= training_.rounds_max) return "an answer after its end";
  if (r.no != trainee.answered + 1 || r.no > tasks()) return "an answer that is not the next";
  trainee.right = (r.no == 1 ? 0 : trainee.right) + (r.is_right ? 1 : 0);
  trainee.answered = r.no;
  return {};
}

std::string_view TrainingCheck::on(const TrainingEnded& r) {
  Trainee& trainee = trainees_[r.worker];
  if (tasks() == 0 || trainee.answered != tasks()) return "a round ended before its last answer";
  if (r.right != trainee.right) return "a round ended with another number of right answers";
  // So many right answers are at least the share that is asked for.
  const bool is_passed = trainee.right * million >= tasks() * training_.pass_ppm;
  if (r.is_passed != is_passed) return "a round was passed or failed against its pass mark";
  trainee.answered = 0;
  ++trainee.rounds;
  trainee.is_passed = is_passed;
  if (is_passed && !grants_.empty()) trainee.score_due = trainee.right * 100 / tasks();
  return {};
}

std::string_view TrainingCheck::on(PartId to, const QualificationEarned& mail) {
  const auto found = trainees_.find(mail.account);
  if (found == trainees_.end() || !found->second.score_due) return "a qualification was told, and no round was passed";
  // Told wrongly is told: one finding is enough.
  const std::int64_t score = *std::exchange(found->second.score_due, std::nullopt);
  const bool is_so = mail.qualification == grants_ && mail.score == score && to == account_part_of(mail.account);
  return is_so ? "" : "another qualification was told, or to others, than the round gives";
}

std::optional<AccountId> TrainingCheck::unfinished() const {
  for (const auto& [worker, trainee] : trainees_) {
    if (trainee.score_due || (trainee.answered > 0 && trainee.answered == tasks())) return worker;
  }
  return std::nullopt;
}

}  // namespace tally::audit
