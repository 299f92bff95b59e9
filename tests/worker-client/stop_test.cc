#include "worker-client/stop.h"

#include <csignal>

#include "tests/worker-client/play.h"

using namespace tally::worker;

TEST_CASE("a signal to end is a request that can be waited for, and its copies are the same request") {
  StopSignals stop;
  CHECK(stop.requests() == 0);
  pollfd one{stop.fd(), POLLIN, 0};
  CHECK(::poll(&one, 1, 0) == 0);
  std::raise(SIGINT);
  CHECK(::poll(&one, 1, 0) == 1);
  std::raise(SIGTERM);
  CHECK(stop.requests() == 1);
  std::raise(SIGINT);
  CHECK(stop.requests() == 1);
  CHECK(::poll(&one, 1, 0) == 0);
}

TEST_CASE("the same signal a while later is another request") {
  StopSignals stop;
  std::raise(SIGINT);
  CHECK(stop.requests() == 1);
  for (int i = 0; i < 10'000 && stop.requests() < 2; ++i) {
    std::raise(SIGINT);
    ::poll(nullptr, 0, 1);
  }
  CHECK(stop.requests() == 2);
}
