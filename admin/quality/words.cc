#include "admin/quality/words.h"

#include "common/base/decimal.h"
#include "common/cli/figures.h"

namespace tally::admin::quality {

std::string counted(std::int64_t count, const std::string& thing) {
  return cli::grouped(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string worker_name(AccountId account) { return "worker " + std::to_string(account.value); }

std::string right_of(const Proof& proof) { return cli::grouped(proof.right) + " of " + cli::grouped(proof.of); }

std::string share_with_interval(std::int64_t part, std::int64_t whole, const aggregation::metrics::Interval& interval) {
  if (whole == 0) return {};
  return cli::percent_of(part, whole) + " (" + cli::percent(interval.low) + " to " + cli::percent(interval.high) + ")";
}

std::string or_dash(const std::optional<double>& value, int places) {
  return value ? cli::decimal(*value, places) : "-";
}

std::string ppm_text(std::int64_t ppm) { return decimal_text(ppm); }

std::string claim_text(std::int64_t ppm) { return decimal_text(ppm / 1000 * 1000); }

std::string ppm_percent(std::int64_t ppm) { return cli::percent(static_cast<double>(ppm) / 1e6); }

double share_of(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace tally::admin::quality
