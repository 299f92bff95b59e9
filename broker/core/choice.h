#pragma once

#include <cstdint>
#include <optional>

#include "broker/core/turn.h"

// Which task of a part a worker gets next. Inside the core only.
namespace tally::core {

// Where answers are weighed by skill, an answer is worth most on a task that others did not settle, from a worker who
// is better than most; the others begin with fresh tasks. In between, unseen, come tasks whose truth is known: often at
// first, seldom with a worker who gets them right. Nothing: the part has none that this worker has not had.
// What a worker has passed is not looked at again, and the next place is found by a word for each 64 tasks
// (task_set.h). REQUIRES that the control part is in memory where the project keeps its workers.
[[nodiscard]] std::optional<std::int32_t> choose_task(const Turn& turn, Part& part, AccountId worker);

// Of an unknown worker's tasks one in three is gold; with each right answer more, fewer are, until one in fifty is. A
// wrong one counts as much as two right ones.
[[nodiscard]] std::int64_t gold_rate_ppm(const Standing& on_gold);
// The same of settled tasks that are given as checks, of which an unknown worker gets `share_ppm`.
[[nodiscard]] std::int64_t check_rate_ppm(const Standing& on_gold, std::int64_t share_ppm);

}  // namespace tally::core
