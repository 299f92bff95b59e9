// The bounds on what one answer allocates. Counted, not timed: they hold on any machine.
#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"

namespace tally::e2e {

TEST_CASE("an answer allocates no more in core and codec than it did when that was last written down") {
  const Ran ran = run_shell("timeout 120 " + quoted(program("tally-bench-guard")));
  INFO(ran.said);
  CHECK(ran.code == 0);
}

}  // namespace tally::e2e
