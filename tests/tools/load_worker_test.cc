#include "tools/stack/load_worker.h"

#include <vector>

#include <catch2/catch.hpp>

using tally::stack::Latency;
using tally::stack::percentile;

TEST_CASE("a percentile is the smallest value that so many do not exceed") {
  std::vector<Latency> latencies;
  for (int i = 100; i >= 1; --i) latencies.emplace_back(i);
  CHECK(percentile(latencies, 0.5) == Latency{50});
  CHECK(percentile(latencies, 0.99) == Latency{99});
  CHECK(percentile(latencies, 1) == Latency{100});
  std::vector<Latency> one{Latency{7}};
  CHECK(percentile(one, 0.01) == Latency{7});
  std::vector<Latency> none;
  CHECK(percentile(none, 0.5) == Latency{0});
}
