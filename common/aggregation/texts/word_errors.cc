#include "common/aggregation/texts/word_errors.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "common/aggregation/texts/comparison.h"
#include "common/aggregation/texts/words.h"

namespace tally::aggregation::texts {

WordErrors word_errors(std::string_view truth, std::string_view text) {
  // Words are compared many times, so as numbers.
  std::map<std::string, std::int32_t> number_of;
  const auto numbers = [&number_of](std::string_view words) {
    std::vector<std::int32_t> all;
    for (std::string& word : bare_words(words)) {
      const auto next = static_cast<std::int32_t>(number_of.size());
      all.push_back(number_of.try_emplace(std::move(word), next).first->second);
    }
    return all;
  };
  const std::vector<std::int32_t> right = numbers(truth);
  const std::vector<std::int32_t> given = numbers(text);
  return {compare(PlainWords(right), given, false).distance, std::ssize(right)};
}

double word_error_rate(std::string_view truth, std::string_view text) {
  const WordErrors found = word_errors(truth, text);
  return static_cast<double>(found.errors) / static_cast<double>(std::max<std::int64_t>(found.words, 1));
}

}  // namespace tally::aggregation::texts
