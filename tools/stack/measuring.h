#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/types.h>
#include <vector>

// What the benches of whole stacks have in common.
namespace tally::stack {

[[nodiscard]] inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

[[nodiscard]] inline double rounded(double value) { return std::round(value * 100) / 100; }

// The value that `share` (0 to 1) of them do not exceed, rounded; 0 where there are none. Changes their order.
[[nodiscard]] inline double share_of(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return rounded(values[static_cast<std::size_t>(at)]);
}

// The most memory that a process ever had.
[[nodiscard]] inline std::int64_t peak_kib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoll(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

[[nodiscard]] inline std::vector<std::string> numbered(const std::string& name, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back(name + " " + std::to_string(i));
  return names;
}

}  // namespace tally::stack
