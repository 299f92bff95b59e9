#pragma once

#include <optional>
#include <vector>

#include "admin/quality/collected.h"
#include "common/aggregation/conduct/conduct.h"

// How fast answers came.
namespace tally::admin::quality {

// From being given the task to the answer, as conduct takes it. What came within the millisecond counts as one: 0 would
// mean that nobody knows.
[[nodiscard]] float seconds_of(const AnswerGiven& answer);

// By worker: the median of the seconds that an answer took. Whoever takes many tasks at once has all of them from that
// moment on.
[[nodiscard]] std::vector<std::optional<double>> seconds_an_answer(const Collected& collected);

// By worker: the median of seconds between one answer and the next, without breaks of more than the project's lease and
// without answers that were handed in together.
[[nodiscard]] std::vector<std::optional<double>> seconds_between_hand_ins(const Collected& collected);

struct TooFast {
  AccountId account;
  aggregation::conduct::Reason reason;
};

struct Haste {
  std::int64_t answers = 0;
  std::optional<double> seconds;  // The median of all answers.
  std::vector<TooFast> too_fast;  // By account.
};

// What was answered does not matter here, so forms of any kind have it.
[[nodiscard]] Haste haste_of(const Collected& collected);

// Who was how fast, as aggregation::conduct::pace_of() has it.
[[nodiscard]] aggregation::conduct::Conduct pace_of(const Collected& collected);

}  // namespace tally::admin::quality
