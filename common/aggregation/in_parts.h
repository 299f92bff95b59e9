#pragma once

#include <cstddef>

#include "common/aggregation/workforce.h"

namespace tally::aggregation {

// Cuts 0 … count - 1 into `parts` runs that follow each other and are about as long, and calls work(part, first, end)
// for each, maybe several at a time. REQUIRES at least one part, chosen by size alone: see Workforce.
template <typename Work>
void in_parts(std::size_t count, std::size_t parts, Workforce& workforce, const Work& work) {
  workforce.run(static_cast<int>(parts), [&](int part) {
    const auto no = static_cast<std::size_t>(part);
    work(no, count * no / parts, count * (no + 1) / parts);
  });
}

// Calls work(0) … work(count - 1), about `part_size` of them one after the other, maybe several parts at a time. They
// must not depend on each other.
template <typename Work>
void for_each_in_parts(std::size_t count, std::size_t part_size, Workforce& workforce, const Work& work) {
  const std::size_t parts = (count + part_size - 1) / part_size;
  in_parts(count, parts, workforce, [&](std::size_t, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) work(i);
  });
}

}  // namespace tally::aggregation
