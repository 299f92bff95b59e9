#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "admin/quality/proof.h"
#include "common/aggregation/metrics/metrics.h"

// Words that the figures have in common.
namespace tally::admin::quality {

[[nodiscard]] std::string counted(std::int64_t count, const std::string& thing);  // "1 task", "1,200 tasks"
[[nodiscard]] std::string worker_name(AccountId account);                         // "worker 33"
[[nodiscard]] std::string right_of(const Proof& proof);                           // "47 of 50"
// "94.0% (83.7% to 97.9%)"; empty where nothing was counted.
[[nodiscard]] std::string share_with_interval(std::int64_t part, std::int64_t whole,
                                              const aggregation::metrics::Interval& interval);
[[nodiscard]] std::string or_dash(const std::optional<double>& value, int places);
[[nodiscard]] std::string ppm_text(std::int64_t ppm);                  // "0.95"
[[nodiscard]] std::string claim_text(std::int64_t ppm);                // "0.964": three places, rounded down.
[[nodiscard]] std::string ppm_percent(std::int64_t ppm);               // "95.0%"
[[nodiscard]] double share_of(std::int64_t part, std::int64_t whole);  // 0 of nothing.

}  // namespace tally::admin::quality
