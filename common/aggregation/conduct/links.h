#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/conduct/answer_rows.h"

// Inside conduct: whose votes say nothing of whose tasks. Where copies are many of a task's answers they would excuse
// each other: they make their label look true, and who gives it look skilled. So workers who answer alike nearly
// always, and far more often than either answers like the rest, are linked, and the votes of the one are not counted
// where the other is judged. A link accuses nobody.
//
// Good workers in a weak crowd answer alike too. What tells them apart is that the rest agrees with them more than with
// each other: so the best third, by agreement with those not linked, is not linked. Nor is who would be linked with a
// quarter of the crowd.
namespace tally::aggregation::conduct {

class Links {
 public:
  Links() = default;
  // Of the workers of `rows`. O(answers × answers of the task).
  explicit Links(const AnswerRows& rows);

  [[nodiscard]] bool are_linked(std::int32_t a, std::int32_t b) const;
  // Ascending.
  [[nodiscard]] std::span<const std::int32_t> of(std::int32_t worker) const {
    return of_worker_.empty() ? std::span<const std::int32_t>() : of_worker_[at(worker)];
  }
  [[nodiscard]] bool has_any(std::int32_t worker) const { return !of(worker).empty(); }

 private:
  std::vector<std::vector<std::int32_t>> of_worker_;
};

}  // namespace tally::aggregation::conduct
