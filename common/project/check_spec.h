#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.h"
#include "schemas/project_spec.h"
#include "schemas/refusals.h"
#include "schemas/time.h"

// Whether a project can be run: the check of the broker, and of the requester's client before it sends.
namespace tally::project {

inline constexpr std::size_t title_length_max = 200;  // In characters.
inline constexpr std::size_t instructions_bytes_max = 20'000;
inline constexpr std::size_t template_bytes_max = 20'000;
inline constexpr Duration lease_min{1000};
inline constexpr Duration lease_max{30LL * 86'400'000};
inline constexpr Duration review_delay_min{1000};
inline constexpr Duration review_delay_max{90LL * 86'400'000};
inline constexpr Duration patience_min{1000};
inline constexpr Duration patience_max{365LL * 86'400'000};
inline constexpr std::int64_t tasks_per_worker_max_max = 1'000'000'000'000;
inline constexpr Time deadline_max{253'402'300'799'000};  // The last second of the year 9999.

// Every bound of a spec, in the order of its members; the first that does not hold is named. Refusal: spec_invalid.
// `now` is compared with the deadline only.
[[nodiscard]] Result<Done, Refusal> check_spec(const ProjectSpec& spec, Time now);

}  // namespace tally::project
