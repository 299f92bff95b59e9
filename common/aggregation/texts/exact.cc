#include <map>

#include "common/aggregation/texts/words.h"
#include "common/base/assert.h"

// exact: the text that most gave, where case, space and punctuation at the ends do not count. Of its spellings the most
// frequent. Ties go to the first by text. Sources: the plain vote (labels/majority.cc); texts are compared as by the
// exact match of P. Rajpurkar, J. Zhang, K. Lopyrev, P. Liang, "SQuAD: 100,000+ questions for machine comprehension of
// text", 2016, but with articles, and with punctuation inside the text.
namespace tally::aggregation::texts {
namespace {

// One space between words, and none at the ends.
std::string evenly_spaced(std::string_view text) {
  std::string even;
  for (const std::string_view word : spaced_words(text)) {
    if (!even.empty()) even += ' ';
    even += word;
  }
  return even;
}

// Twice: what punctuation at an end leaves behind may be space.
std::string key_of_text(std::string_view text) { return evenly_spaced(key_of(evenly_spaced(text))); }

struct Group {
  std::int64_t count = 0;
  std::map<std::string_view, std::int64_t> spellings;
};

Outcome outcome_of(std::span<const Answer> answers) {
  std::map<std::string, Group> groups;  // Ordered, so that the first of several is the first by text.
  for (const Answer& answer : answers) {
    Group& group = groups[key_of_text(answer.text)];
    ++group.count;
    ++group.spellings[answer.text];
  }
  const Group* most = nullptr;
  for (const auto& [key, group] : groups) {
    if (most == nullptr || group.count > most->count) most = &group;
  }
  TALLY_ASSERT(most != nullptr);
  std::string_view spelling;
  std::int64_t count = 0;
  for (const auto& [text, given] : most->spellings) {
    if (given <= count) continue;
    spelling = text;
    count = given;
  }
  return {std::string(spelling), static_cast<double>(most->count) / static_cast<double>(answers.size())};
}

Estimate estimate(const Problem& problem, Workforce& workforce) {
  TALLY_ASSERT(fits(problem));
  Estimate estimate;
  estimate.outcomes.resize(problem.tasks.size());
  for_each_task(problem, workforce, [&](std::size_t task) {
    if (!problem.tasks[task].empty()) estimate.outcomes[task] = outcome_of(problem.tasks[task]);
  });
  return estimate;
}

}  // namespace

extern const Method exact_method;
const Method exact_method{"exact", "the text that most gave, but for case, space and punctuation at the ends",
                          estimate};

}  // namespace tally::aggregation::texts
