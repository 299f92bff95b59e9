#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/ids.h"
#include "schemas/project_spec.h"

// Votes in, verdicts out. Pure functions in whole numbers: the same ballots in any order give the same verdict, byte
// for byte, with every compiler. A new method is one file and one line in registry.cc; a conformance test then runs on
// it at once.
namespace tally::aggregation {

// One worker's vote on one field. `weight_ppm` is the worker's standing, now the same for everybody.
struct Ballot {
  AccountId worker;
  std::string_view value;               // Canonical; "" (left empty) is a value like any other.
  std::int64_t weight_ppm = 1'000'000;  // 0 to weight_ppm_max.
};
inline constexpr std::int64_t weight_ppm_max = 1'000'000'000;

struct Policy {
  Redundancy redundancy;          // A quorum above max is allowed, and never reached.
  std::int64_t tolerance_e6 = 0;  // How far apart two numbers may be and still agree, in millionths.
};

// The ballots for one value, added up.
struct Vote {
  std::string value;
  std::int32_t count = 0;
  std::int64_t weight_ppm = 0;
  friend bool operator==(const Vote&, const Vote&) = default;
};

struct FieldVerdict {
  enum class Outcome {
    open,  // Take one more answer.
    settled,
    undecided,  // `max` ballots, and no quorum.
  };
  Outcome outcome = Outcome::open;
  std::string value;                // When settled.
  std::int64_t confidence_ppm = 0;  // When settled: the share of the weight that agrees. Not yet a probability.
  std::vector<Vote> votes;          // By value.
  friend bool operator==(const FieldVerdict&, const FieldVerdict&) = default;
};

struct Method {
  std::string_view name;
  // Fewer ballots than `min`: open. One value is ahead of every other by weight, and `quorum` ballots agree with it:
  // settled; a tie never settles. Otherwise undecided with `max` ballots or more, else open. O(n log n).
  // REQUIRES one ballot a worker, 1 <= min <= max, 1 <= quorum, and weights and tolerance within their bounds.
  FieldVerdict (*judge)(std::span<const Ballot> ballots, const Policy& policy);
  // Whether a ballot agrees with a settled value. It holds for exactly the ballots that made up the verdict's quorum
  // and confidence.
  bool (*agrees)(std::string_view ballot, std::string_view value, const Policy& policy);
};

// Null when there is none of that name.
[[nodiscard]] const Method* find_method(std::string_view name);
[[nodiscard]] std::span<const Method* const> all_methods();

// The ballots by value, for those who show them. REQUIRES one ballot a worker.
[[nodiscard]] std::vector<Vote> count_votes(std::span<const Ballot> ballots);

}  // namespace tally::aggregation
