#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/aggregation/conduct/answer_rows.h"
#include "common/aggregation/conduct/links.h"

// Inside conduct: what each answer is measured by.
namespace tally::aggregation::conduct {

struct References {
  std::vector<std::int32_t> plurality;  // By place of the answer: what most of the others said; unknown in a tie.
  std::vector<std::int32_t> reference;  // By place: gold, else the weighted vote of the others.
  std::vector<std::int64_t> weight;     // By worker, in thousandths.
};

// The others are those whom one is not linked with.
[[nodiscard]] References references_of(const AnswerRows& rows, std::span<const std::int32_t> gold,
                                       const Links& links = {});

inline std::int32_t label_of(std::span<const std::int32_t> by_task, std::int32_t task) {
  return by_task.empty() ? labels::unknown : by_task[at(task)];
}

// Of each answer of the worker and the label beside it. `labels` as in the input.
[[nodiscard]] std::optional<Kappa> kappa_of(const AnswerRows& rows, std::int32_t worker,
                                            std::span<const std::int32_t> beside);

}  // namespace tally::aggregation::conduct
