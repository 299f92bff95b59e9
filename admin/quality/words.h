#pragma once

#include <string>

#include "common/cli/figures.h"
#include "common/cli/reliability_text.h"
#include "schemas/ids.h"

// Words that the figures have in common.
namespace tally::admin::quality {

using cli::claim_text;
using cli::counted;
using cli::or_dash;
using cli::ppm_text;
using cli::right_of;
using cli::share_of;
using cli::share_with_interval;

[[nodiscard]] inline std::string worker_name(AccountId account) {  // "worker 33"
  return "worker " + std::to_string(account.value);
}

}  // namespace tally::admin::quality
