// The event loop when what it reads first cannot be read.
#include <cstdint>
#include <optional>

#include <catch2/catch.hpp>

#include "tests/broker/loop/one_loop.h"

namespace tally::broker::testing {

TEST_CASE("a catalogue that cannot be read is asked for again, and nobody waits in silence") {
  OneLoop one;
  one.catalogue_fails = 3;
  one.settle();
  REQUIRE_FALSE(one.loop.serves());
  const std::uint64_t early = one.send("ann", OneLoop::pull(ProjectId{0}));
  one.settle();
  CHECK(one.reply_to(early) == nullptr);  // It may be a matter of a moment.
  one.pass(Duration{one.config.away_after.ms + 500});
  CHECK(one.refusal_of(early) == RefusalCode::unavailable);
  one.pass(Duration{10'000});
  CHECK(one.catalogue_fails == 0);
  CHECK(one.loop.serves());
  one.found();
}

TEST_CASE("a reading of the catalogue that fails after the house was lost is not repeated beside the next one") {
  OneLoop one;
  one.found();
  int readings = 0;
  one.on_job = [&](const LoaderJob& job) { readings += std::holds_alternative<ReadCatalogue>(job) ? 1 : 0; };
  one.catalogue_fails = 1;
  one.fails_next = storage::CommitOutcome::fenced;
  static_cast<void>(one.send("adm", Invite{"invite", Role::worker, "Ben"}));
  one.pass(Duration{10'000});
  CHECK(one.loop.serves());
  CHECK(readings == 2);
}

}  // namespace tally::broker::testing
