#include "tools/sim/audit_votes.h"

#include <algorithm>
#include <cstdint>

#include "common/base/decimal.h"

namespace tally::sim {
namespace {

std::int64_t tolerance_of(const FieldSpec& field) {
  const auto text = field.settings.find("tolerance");
  return text == field.settings.end() ? 0 : decimal_e6_from(text->second).value_or(0);
}

std::int64_t supporters(const FieldSpec& field, const std::vector<std::string>& ballots, const std::string& value) {
  return std::count_if(ballots.begin(), ballots.end(),
                       [&](const std::string& ballot) { return agrees(field, ballot, value); });
}

}  // namespace

bool agrees(const FieldSpec& field, const std::string& ballot, const std::string& value) {
  const std::int64_t tolerance = tolerance_of(field);
  if (tolerance == 0) return ballot == value;
  const auto a = decimal_e6_from(ballot);
  const auto b = decimal_e6_from(value);
  if (!a || !b) return ballot == value;
  return std::abs(*a - *b) <= tolerance;
}

std::optional<std::string> settled_value(const FieldSpec& field, const Redundancy& redundancy,
                                         const std::vector<std::string>& ballots) {
  if (std::ssize(ballots) < redundancy.min) return std::nullopt;
  std::int64_t most = 0;
  for (const std::string& ballot : ballots) most = std::max(most, supporters(field, ballots, ballot));
  if (most < std::min(redundancy.quorum, redundancy.max)) return std::nullopt;
  std::vector<std::string> best;  // With as many ballots as were cast for each.
  for (const std::string& ballot : ballots) {
    if (supporters(field, ballots, ballot) == most) best.push_back(ballot);
  }
  // Numbers by size, so that the middle one is the lower median.
  std::sort(best.begin(), best.end(), [](const std::string& a, const std::string& b) {
    return std::pair(decimal_e6_from(a).value_or(0), a) < std::pair(decimal_e6_from(b).value_or(0), b);
  });
  if (!agrees(field, best.front(), best.back())) return std::nullopt;  // A tie.
  return best[(best.size() - 1) / 2];
}

}  // namespace tally::sim
