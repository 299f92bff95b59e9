#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/methods.h"
#include "common/aggregation/workforce.h"

// What the tests of the rooms share.
namespace tally::test {

inline std::int32_t below(std::mt19937_64& random, std::int32_t bound) {
  return static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(bound));
}

// From 0 to below 1.
inline double share(std::mt19937_64& random) { return static_cast<double>(random() >> 11U) * 0x1p-53; }

// The numbers from 0 to below `count`: new ones for what was numbered in order.
inline std::vector<std::int32_t> shuffled(std::int32_t count, std::mt19937_64& random) {
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  std::shuffle(numbers.begin(), numbers.end(), random);
  return numbers;
}

// Two threads that take turns at the parts, from the last to the first.
class TwoBackwards final : public aggregation::Workforce {
 public:
  void run(int count, const std::function<void(int)>& work) override {
    const auto work_on = [&](int rest) {
      for (int i = count - 1; i >= 0; --i) {
        if (i % 2 == rest) work(i);
      }
    };
    std::thread second(work_on, 1);
    work_on(0);
    second.join();
  }
};

// Methods have names of their own and are found by them, and one is for those who name none.
template <typename Method>
void check_list(aggregation::Methods<Method> methods, std::string_view preferred) {
  std::set<std::string_view> names;
  for (const Method* method : methods) {
    INFO(method->name);
    CHECK(names.insert(method->name).second);
    CHECK(methods.find(method->name) == method);
    CHECK_FALSE(method->says.empty());
  }
  CHECK(methods.preferred().name == preferred);
  CHECK(methods.find("no method") == nullptr);
  CHECK(methods.find("") == nullptr);
}

}  // namespace tally::test
