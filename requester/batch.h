#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/base/result.h"
#include "requester/items_file.h"
#include "schemas/project_spec.h"

// A project file and an items file together: what would be posted, and what it could cost.
namespace tally::requester {

struct Batch {
  ProjectSpec spec;         // With the columns of the items file, and the training tasks.
  Digest project_digest{};  // Of the project file, and of its training file where it has one.
  Survey items;
};
// What is wrong, a line each, with file and line; the first mistakes_max.
struct BatchMistakes {
  std::vector<std::string> lines;
  std::int64_t more = 0;  // So many mistakes are not listed.
};
// Checks everything that can be checked without the broker, but for the deadline, which is compared with the broker's
// time. What the mistakes say holds content of the files: make it safe before it is shown.
[[nodiscard]] Result<Batch, BatchMistakes> check_batch(const std::string& project_path, const std::string& items_path);
[[nodiscard]] std::string to_text(const BatchMistakes& mistakes);

struct Estimate {
  std::int64_t answers_max = 0;
  Micros reward;  // Of one answer,
  Micros fee;     // and the platform's fee on it.
  Micros worst;   // What the broker reserves: every answer that may be asked for, fees included.
};
// Nothing when that is more than money can be.
[[nodiscard]] std::optional<Estimate> estimate(Micros reward, std::int64_t answers_max, std::int64_t fee_ppm);

// What is shown before the question whether to post. Safe for the terminal.
[[nodiscard]] std::string posting_text(const Batch& batch, const Estimate& cost, Micros wallet,
                                       const std::string& currency);

}  // namespace tally::requester
