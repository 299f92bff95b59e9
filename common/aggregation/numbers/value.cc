#include <charconv>
#include <cmath>

#include "common/aggregation/numbers/numbers.h"

namespace tally::aggregation::numbers {

std::optional<double> value_from(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !std::isfinite(value) || std::abs(value) > value_max) return std::nullopt;
  return value;
}

}  // namespace tally::aggregation::numbers
