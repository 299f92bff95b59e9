// Numbers and bars as people read them.
#include "common/cli/figures.h"

#include <catch2/catch.hpp>

#include "common/cli/bars.h"
#include "common/cli/table.h"

namespace tally::cli {

TEST_CASE("a share is rounded down to a tenth of a percent, so that 100% means all") {
  CHECK(percent(1) == "100.0%");
  CHECK(percent(0.9999) == "99.9%");
  CHECK(percent(0.29) == "29.0%");
  CHECK(percent(0) == "0.0%");
  CHECK(decimal(-0.125, 2) == "-0.12");
}

TEST_CASE("a bar is as long as its share, and a little of something is not nothing") {
  CHECK(bar(0, 8).empty());
  CHECK(bar(1, 4) == "████");
  CHECK(bar(0.5, 4) == "██");
  CHECK(bar(0.5625, 2) == "█▏");
  CHECK(bar(1e-9, 4) == "▏");
  for (int i = 0; i <= 100; ++i) CHECK(display_width(bar(i / 100.0, 24)) <= 24);
}

}  // namespace tally::cli
