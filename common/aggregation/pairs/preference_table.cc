#include "common/aggregation/pairs/preference_table.h"

#include <algorithm>
#include <tuple>

#include "common/base/assert.h"

namespace tally::aggregation::pairs {

PreferenceTable::PreferenceTable(Size size, std::span<const Preference> preferences)
    : size_(size), preferences_(preferences.begin(), preferences.end()) {
  for (const Preference& preference : preferences_) {
    TALLY_ASSERT(preference.worker >= 0 && preference.worker < size.workers);
    TALLY_ASSERT(preference.better >= 0 && preference.better < size.items);
    TALLY_ASSERT(preference.worse >= 0 && preference.worse < size.items);
    TALLY_ASSERT(preference.better != preference.worse);
  }
  const auto key = [](const Preference& preference) {
    return std::tuple{std::min(preference.better, preference.worse), std::max(preference.better, preference.worse),
                      preference.better, preference.worker};
  };
  std::sort(preferences_.begin(), preferences_.end(),
            [&](const Preference& a, const Preference& b) { return key(a) < key(b); });
}

}  // namespace tally::aggregation::pairs
