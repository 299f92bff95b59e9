#include "common/aggregation/online/policy_replay.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/aggregation/online/field_claims.h"
#include "common/aggregation/online/label_model.h"
#include "common/aggregation/online/policy_step.h"
#include "common/aggregation/skill.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

// As many open tasks are looked at again with each answer after claims have changed. The broker goes by time.
constexpr int judged_anew_per_answer = 32;

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

// A field whose answers are weighed by skill.
struct Weighed {
  LabelModel model;
  FieldClaims claims;
  std::map<std::int32_t, std::int32_t> gold;  // By task.
};

struct Opinion {
  std::vector<ReplayedField> judged;
  std::vector<FieldStep> steps;
};

class Replay {
 public:
  explicit Replay(const ReplayInput& input) : input_(input), tasks_(at(input.tasks)) {
    if (!input.redundancy.is_by_skill()) return;
    for (std::size_t field = 0; field < input.fields.size(); ++field) {
      const std::int32_t labels = input.fields[field].labels;
      if (labels > 0) weighed_.emplace(field, Weighed{LabelModel(labels), {}, {}});
    }
    for (const FieldSkill& skill : input.told) weighed_.at(at(skill.field)).model.tell(skill);
    for (const ReplayGold& gold : input.gold) {
      const auto found = weighed_.find(at(gold.field));
      if (found == weighed_.end() || !found->second.gold.emplace(gold.task, gold.label).second) continue;
      found->second.claims.gold_opened();
    }
  }

  // The broker judges an answer by what was known before it came, and learns from it before it decides.
  void take(std::int32_t no) {
    const ReplayAnswer& answer = input_.answers[at(no)];
    ReplayedTask& task = tasks_[at(answer.task)];
    if (task.reason) return;
    task.bought.push_back(no);
    const bool is_enough = std::ssize(task.bought) >= input_.redundancy.min;
    std::map<std::size_t, LabelEvidence> evidence;
    if (is_enough) evidence = evidence_on(answer.task);
    for (auto& [field, weighed] : weighed_) {
      const auto ballots_of = [this, place = field](std::int32_t each, std::vector<LabelBallot>& said) {
        ballots_on(place, each, said);
      };
      weighed.model.answered(answer.task, input_.tasks, answer.worker, ballots_of);
    }
    if (is_enough) judge(answer.task, evidence);
    judge_some_anew();
  }

  [[nodiscard]] std::vector<ReplayedTask> ended() && {
    for (std::int32_t no = 0; no < input_.tasks; ++no) {
      ReplayedTask& task = tasks_[at(no)];
      if (!task.reason && !task.bought.empty()) task.judged = opinion_on(no, evidence_on(no)).judged;
    }
    return std::move(tasks_);
  }

 private:
  void ballots_on(std::size_t field, std::int32_t task, std::vector<LabelBallot>& said) const {
    said.clear();
    for (const std::int32_t no : tasks_[at(task)].bought) {
      const ReplayAnswer& answer = input_.answers[at(no)];
      said.push_back({answer.worker, answer.ballots[field].label});
    }
  }

  [[nodiscard]] std::map<std::size_t, LabelEvidence> evidence_on(std::int32_t task) const {
    std::map<std::size_t, LabelEvidence> evidence;
    std::vector<LabelBallot> said;
    for (const auto& [field, weighed] : weighed_) {
      ballots_on(field, task, said);
      evidence.emplace(field, weighed.model.evidence(said));
    }
    return evidence;
  }

  [[nodiscard]] ReplayedField by_votes(std::size_t field, const std::vector<std::int32_t>& bought) const {
    std::vector<Ballot> ballots;
    ballots.reserve(bought.size());
    for (const std::int32_t no : bought) {
      const ReplayAnswer& answer = input_.answers[at(no)];
      ballots.push_back({answer.worker, answer.ballots[field].value});
    }
    const FieldVerdict verdict =
        input_.fields[field].method->judge(ballots, {input_.redundancy, input_.fields[field].tolerance_e6});
    if (verdict.outcome != FieldVerdict::Outcome::settled) return {};
    return {true, false, true, verdict.value, -1, verdict.confidence_ppm, 0, 0};
  }

  [[nodiscard]] Opinion opinion_on(std::int32_t no, const std::map<std::size_t, LabelEvidence>& evidence) const {
    const std::vector<std::int32_t>& bought = tasks_[at(no)].bought;
    const auto left = static_cast<std::int32_t>(input_.redundancy.max - std::ssize(bought));
    Opinion opinion;
    for (std::size_t field = 0; field < input_.fields.size(); ++field) {
      FieldStep step{input_.fields[field].is_required, false, false};
      const auto found = evidence.find(field);
      if (found == evidence.end()) {
        opinion.judged.push_back(by_votes(field, bought));
      } else {
        const Weighed& weighed = weighed_.at(field);
        FieldEvidence of{static_cast<std::int32_t>(field), found->second, {}, {}};
        if (needs_others(of.evidence, input_.redundancy)) {
          std::vector<LabelBallot> said;
          ballots_on(field, no, said);
          of.of_others = weighed.model.evidence_of_others(no, said);
        }
        const SkillVerdict verdict = verdict_on(of, weighed.claims.now(), input_.redundancy);
        const bool may_go_on = !verdict.is_settled && left > 0;
        step.is_futile = may_go_on && is_futile(verdict, left, weighed.claims.hopeful(), input_.redundancy);
        const std::int32_t label = verdict.has_label ? verdict.label : -1;
        opinion.judged.push_back({verdict.is_settled,
                                  true,
                                  verdict.has_label,
                                  {},
                                  label,
                                  verdict.claim_ppm,
                                  verdict.posterior_ppm,
                                  verdict.bucket});
      }
      step.is_settled = opinion.judged.back().is_settled;
      opinion.steps.push_back(step);
    }
    return opinion;
  }

  // REQUIRES as many answers as the policy's least.
  void judge(std::int32_t no, const std::map<std::size_t, LabelEvidence>& evidence) {
    ReplayedTask& task = tasks_[at(no)];
    Opinion opinion = opinion_on(no, evidence);
    const auto answers = static_cast<std::int32_t>(task.bought.size());
    task.reason = reason_to_close(opinion.steps, input_.redundancy, answers);
    if (!task.reason) return;
    task.judged = std::move(opinion.judged);
    learn_from(no, evidence);
  }

  // What a verdict of known outcome shows of verdicts that are as sure.
  void learn_from(std::int32_t no, const std::map<std::size_t, LabelEvidence>& evidence) {
    bool has_outcome = false;
    for (auto& [field, weighed] : weighed_) {
      const auto gold = weighed.gold.find(no);
      if (gold == weighed.gold.end()) continue;
      has_outcome = true;
      weighed.claims.gold_closed(&evidence.at(field), tasks_[at(no)].judged[field].label == gold->second);
    }
    if (has_outcome && input_.redundancy.confidence_ppm > 0) recheck_from_ = 0;
  }

  void judge_some_anew() {
    for (int i = 0; i < judged_anew_per_answer && recheck_from_ < input_.tasks; ++i) {
      const std::int32_t no = recheck_from_++;
      const ReplayedTask& task = tasks_[at(no)];
      const bool is_enough = std::ssize(task.bought) >= input_.redundancy.min;
      if (!task.reason && is_enough) judge(no, evidence_on(no));
    }
  }

  const ReplayInput& input_;
  std::vector<ReplayedTask> tasks_;
  std::map<std::size_t, Weighed> weighed_;  // By field.
  std::int32_t recheck_from_ = input_.tasks;
};

}  // namespace

std::vector<ReplayedTask> replay_policy(const ReplayInput& input) {
  Replay replay(input);
  for (std::int32_t no = 0; no < std::ssize(input.answers); ++no) {
    TALLY_ASSERT(input.answers[at(no)].task < input.tasks);
    TALLY_ASSERT(input.answers[at(no)].ballots.size() == input.fields.size());
    replay.take(no);
  }
  return std::move(replay).ended();
}

}  // namespace tally::aggregation
