#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

// How options are named and entered with the keyboard.
namespace tally::worker {

// A short label for each option: 1, 2, 3; or a, b, c, where an option is itself a whole number; or #1, #2, where one is
// a single letter too. A label is never the text of an option.
[[nodiscard]] std::vector<std::string> option_labels(std::span<const std::string> options);

// The option that was meant: by its text, by its label, or by its text in other case if that is only one. The error
// says what can be entered.
[[nodiscard]] Result<std::string, std::string> option_from(std::span<const std::string> options,
                                                           std::string_view entry);

// Any number of options: one option's text, or several labels or texts with commas, semicolons or blanks between them.
[[nodiscard]] Result<std::vector<std::string>, std::string> options_from(std::span<const std::string> options,
                                                                         std::string_view entry);

// Without white space at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace tally::worker
