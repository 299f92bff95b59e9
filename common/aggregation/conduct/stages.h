#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/aggregation/conduct/references.h"

// Inside conduct: the stages that conduct_of goes through. Each adds what it finds.
namespace tally::aggregation::conduct {

// constant, always_first and random. REQUIRES beyond_chance of the workers.
void find_without_looking(const AnswerRows& rows, const References& references, std::int32_t first_option,
                          Conduct& conduct);

// pace of the workers, and too_fast.
void find_too_fast(const AnswerRows& rows, Conduct& conduct);

// The rings, and copying. How pairs are tested stands in pairs.h.
void find_rings(const AnswerRows& rows, std::span<const std::int32_t> gold, Conduct& conduct);

}  // namespace tally::aggregation::conduct
