#pragma once

#include <cstdint>
#include <span>
#include <vector>

// Answers that each say which of two items is the better one.
namespace tally::aggregation::pairs {

// Items and workers are numbers from 0; their names are the caller's business.
struct Preference {
  std::int32_t worker = 0;
  std::int32_t better = 0;
  std::int32_t worse = 0;
  friend bool operator==(const Preference&, const Preference&) = default;
};

// Does not change after it was made. What it holds does not depend on the order of the preferences.
class PreferenceTable {
 public:
  struct Size {
    std::int32_t items = 0;
    std::int32_t workers = 0;
  };

  PreferenceTable() = default;
  // REQUIRES each number from 0 to below its count, and two items in a preference. O(n log n).
  PreferenceTable(Size size, std::span<const Preference> preferences);

  [[nodiscard]] std::int32_t items() const { return size_.items; }
  [[nodiscard]] std::int32_t workers() const { return size_.workers; }
  // By the lower item, the higher item, the better one, and the worker. A worker who compared two items again is in it
  // again.
  [[nodiscard]] std::span<const Preference> preferences() const { return preferences_; }

 private:
  Size size_;
  std::vector<Preference> preferences_;
};

}  // namespace tally::aggregation::pairs
