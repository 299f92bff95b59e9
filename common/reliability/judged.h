#pragma once

#include <cstdint>
#include <string>

#include "common/aggregation/labels/method.h"
#include "schemas/messages/requester.h"
#include "schemas/project_spec.h"

// The verdict on a field of a task, as results tell of it.
namespace tally::reliability {

inline constexpr std::int32_t unknown = aggregation::labels::unknown;

struct Judged {
  std::int32_t value = unknown;  // Settled, or the best guess; unknown: there is none.
  bool is_settled = false;
  bool is_by_skill = false;
  std::int64_t confidence_ppm = 0;  // By votes the share that agrees, by skill the claim.
  std::int64_t posterior_ppm = 0;
};

// Null: the task is open, or has no such field.
[[nodiscard]] const FieldResult* verdict_on(const ResultRow& task, const std::string& field);
// A best guess has one too; and what is settled may be that nothing was entered.
[[nodiscard]] bool has_value(const FieldResult& result);
// `value`: the number of the result's value; unknown where it has none.
[[nodiscard]] Judged judged_of(const FieldResult& result, std::int32_t value);

// The label of what was posted as known; unknown where nothing was. Only a choice has labels.
[[nodiscard]] std::int32_t gold_on(const FieldSpec& field, const ResultRow& task);

}  // namespace tally::reliability
