#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// How the gold of a batch is spread over the runs of items that a broker keeps together: claims on the verdicts of a
// run are made from the gold of that run above all.
namespace tally::requester {

struct ThinRun {
  std::int64_t first = 0;  // Its items, from 1.
  std::int64_t last = 0;
  std::int64_t gold = 0;
  double share = 0;  // Gold that it would have if all runs had as much by their length.
};

// The first run of `part_size` items with less than half of its share, and fewer than shuffled items would be likely to
// give to any run: of twenty shuffled files at most one has such a run. `is_gold`: by item. REQUIRES part_size >= 1.
[[nodiscard]] std::optional<ThinRun> first_thin_run(const std::vector<bool>& is_gold, std::int64_t part_size);

// What it means, and what to do.
[[nodiscard]] std::string thin_run_text(const ThinRun& run, const std::string& items_path, const std::string& project);

}  // namespace tally::requester
