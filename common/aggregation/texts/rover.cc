#include <algorithm>
#include <cmath>
#include <map>

#include "common/aggregation/texts/comparison.h"
#include "common/aggregation/texts/words.h"
#include "common/base/assert.h"

// rover: the answers are laid over each other word by word, and each place is put to the vote; "no word" is a choice
// too. Source: J. G. Fiscus, A Post-Processing System to Yield Reduced Word Error Rates: Recognizer Output Voting Error
// Reduction (ROVER), 1997. Answers join from the most central on, so their order does not matter. It is done twice: the
// second time a worker's votes weigh by how many of his words were right the first time, in all tasks.
namespace tally::aggregation::texts {
namespace {

constexpr std::int64_t weight_one = 1'000'000;  // Weights are integers, so that no rounding decides a vote.
constexpr std::int32_t no_word = -1;

// A word, or none, that somebody wrote at a place, with the spellings of it.
struct Vote {
  std::int32_t word = no_word;
  std::int64_t weight = 0;
  std::map<std::string_view, std::int64_t> forms;
};

// All that stands at one place of the text. In the order of joining: the most central answer's first.
struct Place {
  std::vector<Vote> votes;

  [[nodiscard]] bool has(std::int32_t word) const {
    return std::any_of(votes.begin(), votes.end(), [word](const Vote& vote) { return vote.word == word; });
  }
  void add(std::int32_t word, std::string_view form, std::int64_t weight) {
    auto vote = std::find_if(votes.begin(), votes.end(), [word](const Vote& one) { return one.word == word; });
    if (vote == votes.end()) vote = votes.insert(vote, Vote{word, 0, {}});
    vote->weight += weight;
    vote->forms[form] += weight;
  }
  // Of several with the same weight a word before none, then the first that joined.
  [[nodiscard]] const Vote& winner() const {
    const Vote* best = &votes.front();
    for (const Vote& vote : votes) {
      if (vote.weight > best->weight || (vote.weight == best->weight && best->word == no_word)) best = &vote;
    }
    return *best;
  }
};

struct Text {
  std::vector<std::int32_t> words;
  std::string written;
};

// The word transition network of the paper. It is compared with an answer, so it is like PlainWords.
class Network {
 public:
  [[nodiscard]] std::int64_t size() const { return std::ssize(places_); }
  [[nodiscard]] bool has(std::int64_t place, std::int32_t word) const {
    return places_[static_cast<std::size_t>(place)].has(word);
  }
  template <typename Work>
  void for_each_word(std::int64_t place, const Work& work) const {
    for (const Vote& vote : places_[static_cast<std::size_t>(place)].votes) {
      if (vote.word != no_word) work(vote.word);
    }
  }

  void join(const Sheet::Line& line, std::int64_t weight, Effort& effort) {
    const Comparison found = compare(*this, line.words, true);
    effort.add(found);
    std::vector<Place> joined;
    std::size_t place = 0;
    std::size_t word = 0;
    for (const Edit edit : found.edits) {
      if (edit == Edit::put_in) {
        // Those who joined before have nothing here.
        joined.emplace_back();
        if (weight_ > 0) joined.back().add(no_word, {}, weight_);
      } else {
        joined.push_back(std::move(places_[place++]));
      }
      if (edit == Edit::leave_out) {
        joined.back().add(no_word, {}, weight);
      } else {
        joined.back().add(line.words[word], line.forms[word], weight);
        ++word;
      }
    }
    TALLY_ASSERT(place == places_.size());
    TALLY_ASSERT(word == line.words.size());
    places_ = std::move(joined);
    weight_ += weight;
  }

  // Each word as most of those wrote it who have it at the place, of several spellings the first by text.
  [[nodiscard]] Text winners() const {
    Text text;
    for (const Place& place : places_) {
      const Vote& winner = place.winner();
      if (winner.word == no_word) continue;
      const auto form = std::max_element(winner.forms.begin(), winner.forms.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      if (!text.words.empty()) text.written += ' ';
      text.words.push_back(winner.word);
      text.written += form->first;
    }
    return text;
  }

 private:
  std::vector<Place> places_;
  std::int64_t weight_ = 0;  // Of all who joined.
};

// What is known of a task after the first vote.
struct Draft {
  Sheet sheet;
  std::vector<std::int64_t> wrong;  // By line: words that are not as the vote has them.
  std::int64_t words = 0;           // Of the vote; one at least.
  Effort effort;
};

Text vote(const Sheet& sheet, std::span<const std::int64_t> weights, Effort& effort) {
  Network network;
  for (const Sheet::Line& line : sheet.lines) {
    network.join(line, weights[static_cast<std::size_t>(line.answer.worker)], effort);
  }
  return network.winners();
}

Draft draft_of(std::span<const Answer> answers, std::span<const std::int64_t> weights) {
  Draft draft;
  draft.sheet = sheet_of(answers);
  draft.effort = draft.sheet.effort;
  const Text text = vote(draft.sheet, weights, draft.effort);
  draft.words = std::max<std::int64_t>(std::ssize(text.words), 1);
  for (const Sheet::Line& line : draft.sheet.lines) {
    const Comparison found = compare(PlainWords(text.words), line.words, false);
    draft.effort.add(found);
    // At most all: one endless answer is not to outweigh a worker's others.
    draft.wrong.push_back(std::min(found.distance, draft.words));
  }
  return draft;
}

// By worker: the share of words that are right, the texts voted taken as the truth. Ten words of the crowd's are mixed
// in, so that who wrote little is taken for one of many.
std::vector<double> skill_of(std::span<const Draft> drafts, std::int32_t workers) {
  std::vector<std::int64_t> errors(static_cast<std::size_t>(workers));
  std::vector<std::int64_t> words(errors);
  std::int64_t all_errors = 0;
  std::int64_t all_words = 0;
  for (const Draft& draft : drafts) {
    for (std::size_t line = 0; line < draft.wrong.size(); ++line) {
      const auto worker = static_cast<std::size_t>(draft.sheet.lines[line].answer.worker);
      errors[worker] += draft.wrong[line];
      words[worker] += draft.words;
      all_errors += draft.wrong[line];
      all_words += draft.words;
    }
  }
  constexpr double prior_words = 10;
  const double typical = static_cast<double>(all_errors) / static_cast<double>(std::max<std::int64_t>(all_words, 1));
  std::vector<double> skill;
  skill.reserve(errors.size());
  for (std::size_t worker = 0; worker < errors.size(); ++worker) {
    const double wrong = static_cast<double>(errors[worker]) + prior_words * typical;
    skill.push_back(1 - wrong / (static_cast<double>(words[worker]) + prior_words));
  }
  return skill;
}

// Squared: two who are right half of the time do not make up for one who always is. Never nothing, or the votes of a
// place could add up to nothing.
std::vector<std::int64_t> weights_of(std::span<const double> skill) {
  constexpr double skill_min = 0.01;
  std::vector<std::int64_t> weights;
  weights.reserve(skill.size());
  for (const double one : skill) {
    const double squared = std::max(one, skill_min) * std::max(one, skill_min);
    weights.push_back(std::llround(squared * static_cast<double>(weight_one)));
  }
  return weights;
}

Estimate estimate(const Problem& problem, Workforce& workforce) {
  TALLY_ASSERT(fits(problem));
  std::vector<Draft> drafts(problem.tasks.size());
  const std::vector<std::int64_t> alike(static_cast<std::size_t>(problem.workers), weight_one);
  for_each_task(problem, workforce, [&](std::size_t task) { drafts[task] = draft_of(problem.tasks[task], alike); });

  Estimate estimate;
  estimate.skill = skill_of(drafts, problem.workers);
  estimate.outcomes.resize(drafts.size());
  const std::vector<std::int64_t> weights = weights_of(estimate.skill);
  for_each_task(problem, workforce, [&](std::size_t task) {
    const Sheet& sheet = drafts[task].sheet;
    if (sheet.lines.empty()) return;
    Effort effort = drafts[task].effort;
    Text text = vote(sheet, weights, effort);
    const double support = likeness_to(text.words, sheet, effort);
    estimate.outcomes[task] = {std::move(text.written), support, effort.is_exact, effort.cells};
  });
  return estimate;
}

}  // namespace

extern const Method rover_method;
const Method rover_method{"rover", "a vote on each word, where who was right more often counts more", estimate};

}  // namespace tally::aggregation::texts
