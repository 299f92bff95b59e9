#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/aggregation/in_parts.h"
#include "common/aggregation/texts/comparison.h"
#include "common/aggregation/texts/texts.h"

// Inside texts: what two texts must share to say the same. Only ASCII has case, space and punctuation here; other bytes
// are letters that are compared as they are.
namespace tally::aggregation::texts {

// Without case and without punctuation at the ends; what is nothing but punctuation stays.
[[nodiscard]] std::string key_of(std::string_view word);
// What lies between space.
[[nodiscard]] std::vector<std::string_view> spaced_words(std::string_view text);
// Runs of letters, digits and apostrophes, in lower case.
[[nodiscard]] std::vector<std::string> bare_words(std::string_view text);

// A task's answers as words. What they hold does not depend on the order of the answers.
struct Sheet {
  struct Line {
    Answer answer;
    std::vector<std::int32_t> words;      // Numbers of keys.
    std::vector<std::string_view> forms;  // The words as they were written.
    std::int64_t distance = 0;            // To all other lines, in words.
  };
  // The most central first: by distance, then text, then worker.
  std::vector<Line> lines;
  Effort effort;  // Of finding that out.
};

// O(k²) comparisons of k answers.
[[nodiscard]] Sheet sheet_of(std::span<const Answer> answers);

// The mean over the lines of 1 less their edit distance to the words by the longer's length. REQUIRES a line.
[[nodiscard]] double likeness_to(std::span<const std::int32_t> words, const Sheet& sheet, Effort& effort);

// Calls work(task) for each task, maybe several at a time.
template <typename Work>
void for_each_task(const Problem& problem, Workforce& workforce, const Work& work) {
  for_each_in_parts(problem.tasks.size(), 64, workforce, work);
}

}  // namespace tally::aggregation::texts
