#pragma once

#include "common/cli/figures.h"

namespace tally::requester {

using cli::claim_text;
using cli::grouped;
using cli::lines_of;
using cli::money;
using cli::percent_of;

}  // namespace tally::requester
