#pragma once

#include <cstdint>
#include <string_view>

namespace tally::aggregation::texts {

struct WordErrors {
  std::int64_t errors = 0;
  std::int64_t words = 0;  // Of the truth.
};

// How many words must be put in, left out or replaced to make one text from the other. Words are runs of letters,
// digits and apostrophes, without regard to case: punctuation is no error. Bytes beyond ASCII count as letters and keep
// their case. Of long texts that are unlike each other it may be more than is needed: see comparison.h.
[[nodiscard]] WordErrors word_errors(std::string_view truth, std::string_view text);
// Errors by words of the truth; may be more than 1. A truth without words counts as one word.
[[nodiscard]] double word_error_rate(std::string_view truth, std::string_view text);

}  // namespace tally::aggregation::texts
