#include "common/aggregation/skill.h"

#include <algorithm>
#include <string>

#include "common/base/assert.h"
#include "common/base/digest.h"

namespace tally::aggregation {
namespace {

// What an answer of somebody good adds to the log-odds: two doublings, which are four buckets.
constexpr std::int32_t buckets_per_answer = 4;
constexpr std::int64_t worth_ppm = 5'000;

std::int32_t bucket_after(std::int32_t bucket, std::int64_t answers) {
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(bucket + answers * buckets_per_answer, std::int64_t{claim_buckets} - 1));
}

// Rounded down; of what is not negative.
std::int64_t root_of(std::int64_t square) {
  if (square < 2) return square;
  std::int64_t root = square;
  for (std::int64_t next = (square + 1) / 2; next < root; next = (root + square / root) / 2) root = next;
  return root;
}

}  // namespace

SkillVerdict verdict_by_skill(const LabelEvidence& evidence, const Claims& claims, const Redundancy& redundancy) {
  TALLY_ASSERT(redundancy.is_by_skill());
  const LabelJudgement judgement = judge(evidence);
  if (judgement.is_tied) return {false, false, judgement.label, 0, 0, 0};
  SkillVerdict verdict{false, true, judgement.label, judgement.posterior_ppm, 0, claim_bucket(judgement)};
  verdict.claim_ppm = claims.at(verdict.bucket);
  verdict.is_settled = redundancy.confidence_ppm > 0 ? verdict.claim_ppm >= redundancy.confidence_ppm
                                                     : verdict.posterior_ppm >= redundancy.theta_ppm;
  return verdict;
}

bool needs_others(const LabelEvidence& evidence, const Redundancy& redundancy) {
  if (redundancy.theta_ppm == 0) return false;
  const LabelJudgement judgement = judge(evidence);
  return !judgement.is_tied && judgement.posterior_ppm >= redundancy.theta_ppm;
}

SkillVerdict verdict_on(const FieldEvidence& of, const Claims& claims, const Redundancy& redundancy) {
  SkillVerdict verdict = verdict_by_skill(of.evidence, claims, redundancy);
  if (!verdict.is_settled || redundancy.theta_ppm == 0) return verdict;
  verdict.is_settled = false;
  if (!of.of_others) return verdict;
  const LabelJudgement others = judge(*of.of_others);
  verdict.is_settled = !others.is_tied && others.label == verdict.label && others.posterior_ppm >= redundancy.theta_ppm;
  return verdict;
}

bool is_futile(const SkillVerdict& verdict, std::int32_t answers_left, const Claims& hopeful,
               const Redundancy& redundancy) {
  if (redundancy.confidence_ppm == 0 || verdict.is_settled) return false;
  if (hopeful.at(bucket_after(verdict.bucket, answers_left)) >= redundancy.confidence_ppm) return false;
  return hopeful.at(bucket_after(verdict.bucket, 1)) - hopeful.at(verdict.bucket) < worth_ppm;
}

bool is_drawn_for_audit(std::string_view salt, std::int64_t item_no, std::int64_t share_ppm) {
  if (share_ppm == 0) return false;
  const Digest digest = sha256(std::string(salt) + "audit of item " + std::to_string(item_no));
  std::uint64_t lot = 0;
  for (std::size_t i = 0; i < sizeof lot; ++i) lot = lot << 8 | digest.at(i);
  return lot % 1'000'000 < static_cast<std::uint64_t>(share_ppm);
}

std::int64_t spot_check_ppm(const SkillCounts::Rightness& worker) {
  constexpr std::int64_t all_ppm = 1'000'000;
  constexpr std::int64_t least_ppm = 50'000;
  constexpr std::int64_t error_ppm_borne = 50'000;
  // Four answers, three of them right, before any.
  const std::int64_t wrong = worker.all - worker.right + whole_share;
  const std::int64_t error_ppm = wrong * 1'000 / ((worker.all + 4 * whole_share) / 1'000 + 1);
  const std::int64_t square = std::clamp<std::int64_t>(error_ppm, 0, all_ppm) * (all_ppm * all_ppm / error_ppm_borne);
  return std::clamp(root_of(square), least_ppm, all_ppm);
}

bool is_drawn_for_spot_check(std::string_view salt, std::int64_t item_no, std::int64_t share_ppm) {
  return is_drawn_for_audit(std::string(salt) + "spot check", item_no, share_ppm);
}

}  // namespace tally::aggregation
