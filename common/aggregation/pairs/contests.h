#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/pairs/method.h"

// Inside pairs: what the methods share.
namespace tally::aggregation::pairs {

// Two items that were compared, and how often each of them won. Wins may be shares of answers.
struct Contest {
  std::int32_t low = 0;
  std::int32_t high = 0;
  double low_wins = 0;
  double high_wins = 0;
};

// Who met whom, from both sides.
class Contests {
 public:
  explicit Contests(const PreferenceTable& preferences);

  // Counts the wins anew: of each preference the share `truthful` as it was said, the rest the other way round. Empty:
  // all as they were said.
  void weigh(const PreferenceTable& preferences, std::span<const double> truthful);

  [[nodiscard]] std::int32_t items() const { return static_cast<std::int32_t>(first_.size()) - 1; }
  [[nodiscard]] const std::vector<Contest>& all() const { return contests_; }
  // By preference: the number of its contest.
  [[nodiscard]] std::int32_t contest_of(std::size_t preference) const { return contest_of_[preference]; }
  // The numbers of the contests that the item was in.
  [[nodiscard]] std::span<const std::int32_t> of_item(std::int32_t item) const {
    const auto no = static_cast<std::size_t>(item);
    return {of_item_.data() + first_[no], of_item_.data() + first_[no + 1]};
  }

 private:
  std::vector<Contest> contests_;
  std::vector<std::int32_t> contest_of_;
  std::vector<std::size_t> first_;  // By item: where its contests begin; one more at the end.
  std::vector<std::int32_t> of_item_;
};

// By item, more than 0; and that of the item in the middle that the prior speaks of. Only their ratios mean something.
struct Strengths {
  std::vector<double> of_item;
  double middle = 1;
};

// One round of the iteration. Returns the greatest change of a score.
double improve(Strengths& strengths, const Contests& contests, double prior);

// The probability that the lower item of the contest wins it.
double win_probability(const Strengths& strengths, const Contest& contest);

// Scores, their errors and the order. `information`: by contest, what its answers tell of the difference of its scores.
Ranking ranking_from(const Strengths& strengths, const Contests& contests, std::span<const double> information,
                     double prior);

}  // namespace tally::aggregation::pairs
