#pragma once

#include <cstdlib>

namespace tally::faults {

// The same tests run in two sizes: short ones with every test run, long ones by scripts/faults --long.
[[nodiscard]] inline bool is_long() {
  const char* value = std::getenv("TALLY_FAULTS_LONG");
  return value != nullptr && *value == '1';
}
template <class T>
[[nodiscard]] T scaled(T few, T many) {
  return is_long() ? many : few;
}

}  // namespace tally::faults
