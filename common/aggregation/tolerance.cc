#include <algorithm>

#include "common/aggregation/lead.h"
#include "common/base/decimal.h"

// tolerance: for numbers. Each given number is a candidate; who answered within the tolerance of it supports it. The
// candidates with the most weight win, and of these the lower median of their ballots is the value: so where all
// agree with each other it is the median answer, and always one that a worker gave and every supporter agrees with.
// Candidates that win together and lie further apart than the tolerance are a tie. What is not a number (a field left
// empty) agrees with its equal only. It is the mode of a uniform kernel (Parzen 1962) in integers.
namespace tally::aggregation {
namespace {

struct Candidate {
  const Vote* vote = nullptr;
  std::optional<std::int64_t> e6;
  std::int64_t count = 0;  // Of those who support it.
  std::int64_t weight_ppm = 0;
};

bool is_near(std::int64_t a, std::int64_t b, std::int64_t tolerance_e6) {
  return a - b <= tolerance_e6 && b - a <= tolerance_e6;  // Fits: see decimal_e6_max.
}

// Numbers by size, with who supports them: two ends of a window that only move up, so O(n) after the sorting.
std::vector<Candidate> numbers_in(std::span<const Vote> votes, std::int64_t tolerance_e6) {
  std::vector<Candidate> numbers;
  for (const Vote& vote : votes) {
    if (const auto e6 = decimal_e6_from(vote.value)) numbers.push_back({.vote = &vote, .e6 = e6});
  }
  std::stable_sort(numbers.begin(), numbers.end(), [](const Candidate& a, const Candidate& b) { return a.e6 < b.e6; });
  std::size_t first = 0;
  std::size_t end = 0;
  std::int64_t count = 0;
  std::int64_t weight_ppm = 0;
  for (Candidate& candidate : numbers) {
    for (; end < numbers.size() && is_near(*numbers[end].e6, *candidate.e6, tolerance_e6); ++end) {
      count += numbers[end].vote->count;
      weight_ppm += numbers[end].vote->weight_ppm;
    }
    for (; !is_near(*numbers[first].e6, *candidate.e6, tolerance_e6); ++first) {
      count -= numbers[first].vote->count;
      weight_ppm -= numbers[first].vote->weight_ppm;
    }
    candidate.count = count;
    candidate.weight_ppm = weight_ppm;
  }
  return numbers;
}

std::vector<Candidate> others_in(std::span<const Vote> votes) {
  std::vector<Candidate> others;
  for (const Vote& vote : votes) {
    if (decimal_e6_from(vote.value)) continue;
    others.push_back({.vote = &vote, .count = vote.count, .weight_ppm = vote.weight_ppm});
  }
  return others;
}

// The lower median by the weight of the ballots cast for each. REQUIRES at least one.
const Candidate& lower_median(std::span<const Candidate> candidates) {
  std::int64_t total = 0;
  for (const Candidate& candidate : candidates) total += candidate.vote->weight_ppm;
  std::int64_t below = 0;
  for (const Candidate& candidate : candidates) {
    below += candidate.vote->weight_ppm;
    if (2 * below >= total) return candidate;
  }
  return candidates.back();
}

std::optional<Lead> lead(std::span<const Vote> votes, const Policy& policy) {
  std::vector<Candidate> candidates = numbers_in(votes, policy.tolerance_e6);
  const std::vector<Candidate> others = others_in(votes);
  candidates.insert(candidates.end(), others.begin(), others.end());
  std::int64_t most_ppm = -1;
  for (const Candidate& candidate : candidates) most_ppm = std::max(most_ppm, candidate.weight_ppm);
  std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.weight_ppm < most_ppm; });
  if (candidates.empty()) return std::nullopt;

  const Candidate& lowest = candidates.front();
  const Candidate& highest = candidates.back();
  if (candidates.size() > 1) {
    if (!lowest.e6 || !highest.e6) return std::nullopt;
    if (!is_near(*lowest.e6, *highest.e6, policy.tolerance_e6)) return std::nullopt;
  }
  const Candidate& winner = lower_median(candidates);
  return Lead{winner.vote->value, winner.count, winner.weight_ppm};
}

bool agrees(std::string_view value, std::string_view verdict_value, const Policy& policy) {
  const auto a = decimal_e6_from(value);
  const auto b = decimal_e6_from(verdict_value);
  if (!a || !b) return value == verdict_value;
  return is_near(*a, *b, policy.tolerance_e6);
}

FieldVerdict judge(std::span<const Ballot> ballots, const Policy& policy) { return judge_by(lead, ballots, policy); }

}  // namespace

extern const Method tolerance_method;
const Method tolerance_method{.name = "tolerance", .judge = judge, .agrees = agrees};

}  // namespace tally::aggregation
