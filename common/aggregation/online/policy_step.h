#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "schemas/project_spec.h"
#include "schemas/records/task_part.h"

// When a task has enough answers.
namespace tally::aggregation {

// What is to be known of a field for it.
struct FieldStep {
  bool is_required = true;
  bool is_settled = false;
  bool is_futile = false;  // One more answer is in vain for this field (skill.h).
};

// Why the task closes now; nothing: it takes one more answer. A task is settled when its required fields are, and in
// vain when each of those that are not settled is. REQUIRES redundancy.min answers or more.
[[nodiscard]] inline std::optional<VerdictReason> reason_to_close(std::span<const FieldStep> fields,
                                                                  const Redundancy& redundancy, std::int32_t answers) {
  bool is_settled = true;
  bool is_futile = true;
  for (const FieldStep& field : fields) {
    if (!field.is_required || field.is_settled) continue;
    is_settled = false;
    is_futile = is_futile && field.is_futile;
  }
  if (is_settled && redundancy.confidence_ppm > 0) return VerdictReason::confidence_reached;
  if (is_settled) return redundancy.theta_ppm > 0 ? VerdictReason::theta_reached : VerdictReason::quorum;
  if (answers >= redundancy.max) return VerdictReason::max_reached;
  if (is_futile) return VerdictReason::futile;
  return std::nullopt;
}

}  // namespace tally::aggregation
