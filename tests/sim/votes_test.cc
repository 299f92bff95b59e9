#include <catch2/catch.hpp>

#include "tools/sim/audit_votes.h"

namespace tally::sim {

TEST_CASE("the auditor's own vote settles what has its quorum alone") {
  const FieldSpec field{"bird", "choice", "", true, {"a", "b"}, {}};
  const Redundancy redundancy{2, 3, 2};
  CHECK(settled_value(field, redundancy, {"a"}) == std::nullopt);
  CHECK(settled_value(field, redundancy, {"a", "a"}) == "a");
  CHECK(settled_value(field, redundancy, {"a", "b"}) == std::nullopt);
  CHECK(settled_value(field, redundancy, {"a", "b", "b"}) == "b");
  CHECK(settled_value(field, Redundancy{2, 4, 1}, {"a", "b"}) == std::nullopt);  // A tie.
}

TEST_CASE("the auditor's own vote takes numbers within the tolerance for one, and the lower median for its value") {
  const FieldSpec field{"count", "number", "", true, {}, {{"tolerance", "1"}}};
  const Redundancy redundancy{3, 5, 3};
  CHECK(settled_value(field, redundancy, {"4", "5", "5.5"}) == "5");
  CHECK(settled_value(field, redundancy, {"4", "6", "8"}) == std::nullopt);
}

}  // namespace tally::sim
