#include "tools/quality/online_play.h"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "common/aggregation/online/judgement.h"
#include "common/aggregation/online/policy_step.h"
#include "common/aggregation/skill.h"
#include "common/base/assert.h"

namespace tally::quality {
namespace {

using aggregation::LabelBallot;

using aggregation::labels::Answer;

AccountId account_of(std::int32_t worker) { return AccountId{worker + 1}; }

// Of the answers to open tasks the first of the wanted kind, else the first. Nothing: no task is open.
std::optional<std::size_t> choose(const OnlinePlay& play, const std::vector<Answer>& left, bool wants_hard) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!play.is_open(left[i].task)) continue;
    if (play.is_hard(left[i].task) == wants_hard) return i;
    if (!found) found = i;
  }
  return found;
}

}  // namespace

OnlinePlay::OnlinePlay(const LabelSet& set, Rules rules)
    : rules_(std::move(rules)), tasks_(at(set.tasks)), model_(static_cast<std::int32_t>(set.labels.size())) {
  TALLY_ASSERT(rules_.redundancy.theta_ppm > 0);
}

bool OnlinePlay::is_hard(std::int32_t task) const {
  return is_open(task) && std::ssize(tasks_[at(task)].said) >= rules_.redundancy.min;
}

bool OnlinePlay::is_better_than_most(std::int32_t worker) const {
  const auto own = model_.rightness_of(account_of(worker));
  const auto all = model_.rightness_of_crowd();
  constexpr std::int64_t steps = 1'000;  // As the broker has it (choice.cc).
  return own.all > 0 && all.all > 0 && own.right * steps / own.all > all.right * steps / all.all;
}

// The broker judges an answer by what was known before it came, and learns from it before it decides.
void OnlinePlay::take(const Answer& answer) {
  Task& task = tasks_[at(answer.task)];
  if (task.is_closed) return;
  task.said.push_back({account_of(answer.worker), answer.label});
  const bool is_enough = std::ssize(task.said) >= rules_.redundancy.min;
  LabelEvidence evidence;
  if (is_enough) evidence = model_.evidence(task.said);
  const auto ballots_of = [this](std::int32_t no, std::vector<LabelBallot>& said) { said = tasks_[at(no)].said; };
  model_.answered(answer.task, static_cast<std::int32_t>(tasks_.size()), account_of(answer.worker), ballots_of);
  if (is_enough) judge(answer.task, std::move(evidence));
}

void OnlinePlay::judge(std::int32_t no, LabelEvidence evidence) {
  Task& task = tasks_[at(no)];
  FieldEvidence of{0, std::move(evidence), {}, {}};
  if (aggregation::needs_others(of.evidence, rules_.redundancy)) {
    of.of_others = model_.evidence_of_others(no, task.said);
  }
  const auto verdict = aggregation::verdict_on(of, claims_.now(), rules_.redundancy);
  const aggregation::FieldStep step{true, verdict.is_settled, false};
  const auto answers = static_cast<std::int32_t>(task.said.size());
  if (!aggregation::reason_to_close({&step, 1}, rules_.redundancy, answers)) return;
  if (verdict.is_settled && goes_to_spot_check(no)) return;
  task.is_closed = true;
  task.label = verdict.has_label ? verdict.label : -1;
}

bool OnlinePlay::goes_to_spot_check(std::int32_t no) const {
  const Task& task = tasks_[at(no)];
  if (!rules_.spot_checks || task.said.size() != 1 || rules_.redundancy.max < 2) return false;
  const std::int64_t share_ppm = aggregation::spot_check_ppm(model_.rightness_of(task.said.front().worker));
  return aggregation::is_drawn_for_spot_check(rules_.salt, no + 1, share_ppm);
}

std::vector<OnlinePlay::Outcome> OnlinePlay::outcomes() const {
  std::vector<Outcome> outcomes;
  for (const Task& task : tasks_) {
    Outcome outcome{static_cast<std::int32_t>(task.said.size()), task.label};
    if (!task.is_closed && !task.said.empty()) {
      const auto judgement = aggregation::judge(model_.evidence(task.said));
      if (!judgement.is_tied) outcome.label = judgement.label;
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

void play_chosen(OnlinePlay& play, const std::vector<Answer>& order) {
  std::map<std::int32_t, std::vector<Answer>> left;  // By worker.
  for (const Answer& answer : order) left[answer.worker].push_back(answer);
  for (const Answer& turn : order) {
    std::vector<Answer>& of_worker = left.at(turn.worker);
    const auto next = choose(play, of_worker, play.is_better_than_most(turn.worker));
    if (!next) continue;
    play.take(of_worker[*next]);
    of_worker.erase(of_worker.begin() + static_cast<std::ptrdiff_t>(*next));
  }
}

}  // namespace tally::quality
