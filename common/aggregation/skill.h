#pragma once

#include <string_view>
#include <vector>

#include "common/aggregation/online/judgement.h"
#include "schemas/project_spec.h"

// The verdict on a field whose answers are weighed by what is known of who gave them.
namespace tally::aggregation {

// The name under which its verdicts are recorded.
inline constexpr std::string_view skill_method = "skill";

struct SkillVerdict {
  bool is_settled = false;  // The posterior is what was asked for, and no other label is believed alike.
  bool has_label = false;   // One is believed more than every other: the best guess, where it is not settled.
  std::int32_t label = 0;
  std::int64_t posterior_ppm = 0;
};

// REQUIRES sound evidence (judgement.h) and a theta.
[[nodiscard]] inline SkillVerdict verdict_by_skill(const LabelEvidence& evidence, const Redundancy& redundancy) {
  const LabelJudgement judgement = judge(evidence);
  const bool has_label = !judgement.is_tied;
  return {has_label && judgement.posterior_ppm >= redundancy.theta_ppm, has_label, judgement.label,
          has_label ? judgement.posterior_ppm : 0};
}

}  // namespace tally::aggregation
