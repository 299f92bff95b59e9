#pragma once

#include <cstdint>
#include <string_view>

#include "common/aggregation/online/claims.h"
#include "common/aggregation/online/judgement.h"
#include "common/aggregation/online/skill_counts.h"
#include "schemas/project_spec.h"
#include "schemas/records/task_part.h"

// The verdict on a field whose answers are weighed by what is known of who gave them.
namespace tally::aggregation {

// The name under which its verdicts are recorded.
inline constexpr std::string_view skill_method = "skill";

struct SkillVerdict {
  bool is_settled = false;  // As sure as was asked for, and no other label is believed alike.
  bool has_label = false;   // One is believed more than every other: the best guess, where it is not settled.
  std::int32_t label = 0;
  std::int64_t posterior_ppm = 0;  // 0 without a label, as the claim.
  std::int64_t claim_ppm = 0;
  std::int32_t bucket = 0;  // Of the claim.
};

// REQUIRES sound evidence (judgement.h), and that the redundancy asks for a theta or a confidence.
[[nodiscard]] SkillVerdict verdict_by_skill(const LabelEvidence& evidence, const Claims& claims,
                                            const Redundancy& redundancy);

// A verdict that is settled by theta must be as sure of the same label when it is judged by what other tasks tell of
// the workers (LabelModel::evidence_of_others): where workers gave few answers yet, a task's own ones make up much of
// what is known of them. A claim needs no such check: outcomes say how sure is sure enough. Whether the others are to
// be asked, and the verdict once they were. REQUIRES of both what verdict_by_skill does.
[[nodiscard]] bool needs_others(const LabelEvidence& evidence, const Redundancy& redundancy);
[[nodiscard]] SkillVerdict verdict_on(const FieldEvidence& of, const Claims& claims, const Redundancy& redundancy);

// Whether to go on is in vain: not even if each answer that the task may still get were a good one would it come to the
// confidence that was asked for, and one more makes its guess better by less than half a point of a hundred. `hopeful`
// is what may be claimed if all gold that is still open turns out well.
[[nodiscard]] bool is_futile(const SkillVerdict& verdict, std::int32_t answers_left, const Claims& hopeful,
                             const Redundancy& redundancy);

// Whether an item is drawn for the audit, should its task settle: by lot, in a way that nobody foresees who does not
// know the project's salt, and everybody can check who does.
[[nodiscard]] bool is_drawn_for_audit(std::string_view salt, std::int64_t item_no, std::int64_t share_ppm);

// A task that a single answer of a known worker would settle takes another one with this probability: the root of the
// worker's share of errors over the one in twenty that is put up with (adaptive replication of BOINC: Anderson, "BOINC:
// a platform for volunteer computing", Journal of Grid Computing 18, 2020), and never less than one in twenty.
[[nodiscard]] std::int64_t spot_check_ppm(const SkillCounts::Rightness& worker);
// Whether an item is drawn for it, by the same kind of lot.
[[nodiscard]] bool is_drawn_for_spot_check(std::string_view salt, std::int64_t item_no, std::int64_t share_ppm);

}  // namespace tally::aggregation
