#pragma once

#include "common/cli/rows.h"

namespace tally::aggregate {

using cli::Cell;
using cli::RowFormat;
using cli::RowWriter;

}  // namespace tally::aggregate
