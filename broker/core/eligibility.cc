#include "broker/core/eligibility.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

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

std::optional<std::string> missing_qualification(const OpenControl& opened, const Account& account) {
  for (const QualificationNeed& need : opened.spec.require.qualifications) {
    const auto granted = score_of(account, need.name);
    const auto trained = score_of(account, name_by_training(need.name, opened.owner));
    const auto score = std::max(granted, trained);
    const std::string wanted = "the qualification '" + need.name + "'";
    if (!score) return wanted;
    if (*score < need.score_min) {
      return wanted + " with a score of " + std::to_string(need.score_min) + "; yours is " + std::to_string(*score);
    }
  }
  return std::nullopt;
}

std::optional<std::string> missing_standing(const Requirements& require, const Standing& standing) {
  if (standing.judged < require.judged_min) {
    return std::to_string(require.judged_min) + " answers that a verdict judged, over all projects; you have " +
           std::to_string(standing.judged);
  }
  if (is_below(standing.agreed, standing.judged, require.agreement_ppm)) {
    return "that " + percent(require.agreement_ppm) + " of your answers agree with the verdict; " +
           std::to_string(standing.agreed) + " of " + std::to_string(standing.judged) + " do";
  }
  return std::nullopt;
}

std::optional<std::string> missing_gold(const Requirements& require, const ControlPart& control, AccountId worker) {
  const auto found = control.gold.find(worker);
  if (require.gold_ppm == 0 || found == control.gold.end()) return std::nullopt;
  const Standing& standing = found->second;
  if (standing.gold < require.gold_after || !is_below(standing.right, standing.gold, require.gold_ppm)) {
    return std::nullopt;
  }
  return "that " + percent(require.gold_ppm) + " of your answers to tasks with a known answer are right; " +
         std::to_string(standing.right) + " of " + std::to_string(standing.gold) + " are";
}

}  // namespace

std::optional<Ineligible> why_not_qualified(const std::map<PartId, Part>& parts, const ControlPart& control,
                                            AccountId worker) {
  const Requirements& require = control.opened.spec.require;
  if (!require.any()) return std::nullopt;
  const Account& account = parts.at(account_part_of(worker)).accounts().accounts.at(worker);
  auto missing = missing_qualification(control.opened, account);
  if (!missing) missing = missing_standing(require, account.standing);
  if (!missing) missing = missing_gold(require, control, worker);
  if (!missing) return std::nullopt;
  return Ineligible{NoWork::not_qualified, "this project asks for " + *missing, true};
}

std::optional<Ineligible> why_not_eligible(const std::map<PartId, Part>& parts, const ControlPart& control,
                                           AccountId worker) {
  if (auto why = why_not_qualified(parts, control, worker)) return why;
  const Training& training = control.opened.spec.training;
  if (training.tasks.empty()) return std::nullopt;
  const auto trainee = control.trainees.find(worker);
  if (trainee != control.trainees.end() && trainee->second.is_passed) return std::nullopt;
  if (trainee == control.trainees.end() || trainee->second.rounds < training.rounds_max) {
    return Ineligible{NoWork::training_needed, "this project begins with a training round", false};
  }
  return Ineligible{NoWork::training_failed, "its training round was not passed, and may not be tried again", true};
}

}  // namespace tally::core
