#include "broker/core/eligibility.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/planted.h"
#include "schemas/qualification_name.h"

namespace tally::core {
namespace {

constexpr std::int64_t million = 1'000'000;

std::string percent(std::int64_t ppm) { return std::to_string(ppm / 10'000) + " %"; }

bool is_below(std::int64_t part, std::int64_t all, std::int64_t share_ppm) { return part * million < all * share_ppm; }

std::optional<std::int64_t> score_of(const Account& account, const std::string& name) {
  const auto held = account.qualifications.find(name);
  return held == account.qualifications.end() ? std::nullopt : std::optional(held->second.score);
}

std::optional<std::int64_t> score_of(const Account& account, const QualificationNeed& need, AccountId owner) {
  if (account.qualifications.empty()) return std::nullopt;
  return std::max(score_of(account, need.name), score_of(account, name_by_training(need.name, owner)));
}

// The first that is missing.
struct Lack {
  enum class Of { qualification, judged, agreement, gold } of = Of::qualification;
  const QualificationNeed* need = nullptr;
};

std::optional<Lack> lack_of(const ControlPart& control, const Account& account, AccountId worker) {
  const Requirements& require = control.opened.spec.require;
  for (const QualificationNeed& need : require.qualifications) {
    const auto score = score_of(account, need, control.opened.owner);
    if (!score || *score < need.score_min) return Lack{Lack::Of::qualification, &need};
  }
  const Standing& standing = account.standing;
  if (standing.judged < require.judged_min) return Lack{Lack::Of::judged};
  if (is_below(standing.agreed, standing.judged, require.agreement_ppm)) return Lack{Lack::Of::agreement};
  const auto gold = control.gold.find(worker);
  if (require.gold_ppm == 0 || gold == control.gold.end()) return std::nullopt;
  const bool is_measured = gold->second.gold >= require.gold_after;
  if (is_measured && is_below(gold->second.right, gold->second.gold, require.gold_ppm)) return Lack{Lack::Of::gold};
  return std::nullopt;
}

std::string text_of(const Lack& lack, const ControlPart& control, const Account& account, AccountId worker) {
  const Requirements& require = control.opened.spec.require;
  const Standing& standing = account.standing;
  switch (lack.of) {
    case Lack::Of::qualification: {
      const std::string wanted = "the qualification '" + lack.need->name + "'";
      const auto score = score_of(account, *lack.need, control.opened.owner);
      if (!score) return wanted;
      return wanted + " with a score of " + std::to_string(lack.need->score_min) + "; yours is " +
             std::to_string(*score);
    }
    case Lack::Of::judged:
      return std::to_string(require.judged_min) + " answers that a verdict judged, over all projects; you have " +
             std::to_string(standing.judged);
    case Lack::Of::agreement:
      return "that " + percent(require.agreement_ppm) + " of your answers agree with the verdict; " +
             std::to_string(standing.agreed) + " of " + std::to_string(standing.judged) + " do";
    case Lack::Of::gold:
      break;
  }
  const Standing& gold = control.gold.at(worker);
  return "that " + percent(require.gold_ppm) + " of your answers to tasks with a known answer are right; " +
         std::to_string(gold.right) + " of " + std::to_string(gold.gold) + " are";
}

const Account& account_of(const std::map<PartId, Part>& parts, AccountId worker) {
  return parts.at(account_part_of(worker)).accounts().accounts.at(worker);
}

// Nothing: it is through with it, or there is none.
std::optional<NoWork> training_of(const ControlPart& control, AccountId worker) {
  const Training& training = control.opened.spec.training;
  if (training.tasks.empty()) return std::nullopt;
  const auto trainee = control.trainees.find(worker);
  if (trainee == control.trainees.end()) return NoWork::training_needed;
  if (trainee->second.is_passed) return std::nullopt;
  return trainee->second.rounds < training.rounds_max ? NoWork::training_needed : NoWork::training_failed;
}

}  // namespace

std::optional<Ineligible> why_not_qualified(const std::map<PartId, Part>& parts, const ControlPart& control,
                                            AccountId worker) {
  if (!control.opened.spec.require.any() || planted(Bug::requirement_not_asked)) return std::nullopt;
  const Account& account = account_of(parts, worker);
  const auto lack = lack_of(control, account, worker);
  if (!lack) return std::nullopt;
  return Ineligible{NoWork::not_qualified, "this project asks for " + text_of(*lack, control, account, worker), true};
}

std::optional<Ineligible> why_not_eligible(const std::map<PartId, Part>& parts, const ControlPart& control,
                                           AccountId worker) {
  if (auto why = why_not_qualified(parts, control, worker)) return why;
  const auto training = training_of(control, worker);
  if (!training) return std::nullopt;
  if (*training == NoWork::training_needed) {
    return Ineligible{*training, "this project begins with a training round", false};
  }
  return Ineligible{*training, "its training round was not passed, and may not be tried again", true};
}

bool may_work_yet(const std::map<PartId, Part>& parts, const ControlPart& control, AccountId worker) {
  if (training_of(control, worker) == NoWork::training_failed) return false;
  return !control.opened.spec.require.any() || !lack_of(control, account_of(parts, worker), worker);
}

}  // namespace tally::core
