#include "common/aggregation/pairs/contests.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <Eigen/Cholesky>

#include "common/base/assert.h"

namespace tally::aggregation::pairs {
namespace {

// Far beyond any certainty, and near enough for products of strengths.
constexpr double strength_max = 1e120;

// Scores that differ by less are the same but for what is left to the iteration.
constexpr double alike_max = 1e-6;

// An item as the iteration sees it: its wins by their surprise, and its defeats.
struct Record {
  double won = 0;
  double lost = 0;

  void meet(double own, double other, double wins, double defeats) {
    won += wins * other / (own + other);
    lost += defeats / (own + other);
  }
};

}  // namespace

Contests::Contests(const PreferenceTable& preferences) : first_(static_cast<std::size_t>(preferences.items()) + 1) {
  const auto all = preferences.preferences();
  TALLY_ASSERT(all.size() < std::numeric_limits<std::int32_t>::max());
  contest_of_.reserve(all.size());
  for (const Preference& preference : all) {
    const auto [low, high] = std::minmax(preference.better, preference.worse);
    if (contests_.empty() || contests_.back().low != low || contests_.back().high != high) {
      contests_.push_back({low, high, 0, 0});
      ++first_[static_cast<std::size_t>(low) + 1];
      ++first_[static_cast<std::size_t>(high) + 1];
    }
    contest_of_.push_back(static_cast<std::int32_t>(contests_.size()) - 1);
  }
  std::partial_sum(first_.begin(), first_.end(), first_.begin());
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  of_item_.resize(2 * contests_.size());
  for (std::size_t i = 0; i < contests_.size(); ++i) {
    for (const std::int32_t item : {contests_[i].low, contests_[i].high}) {
      of_item_[next[static_cast<std::size_t>(item)]++] = static_cast<std::int32_t>(i);
    }
  }
}

void Contests::weigh(const PreferenceTable& preferences, std::span<const double> truthful) {
  const auto all = preferences.preferences();
  TALLY_ASSERT(all.size() == contest_of_.size());
  TALLY_ASSERT(truthful.empty() || truthful.size() == all.size());
  for (Contest& contest : contests_) contest.low_wins = contest.high_wins = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Contest& contest = contests_[static_cast<std::size_t>(contest_of_[i])];
    const double as_said = truthful.empty() ? 1.0 : truthful[i];
    const double for_low = all[i].better == contest.low ? as_said : 1 - as_said;
    contest.low_wins += for_low;
    contest.high_wins += 1 - for_low;
  }
}

double improve(Strengths& strengths, const Contests& contests, double prior) {
  double change = 0;
  const auto move = [&](double& strength, const Record& record) {
    const double moved = std::clamp(record.won / record.lost, 1 / strength_max, strength_max);
    change = std::max(change, std::abs(std::log(moved / strength)));
    strength = moved;
  };
  // The item in the middle moves too: held fast, it would let the others drift towards it by small steps only.
  Record middle;
  for (std::int32_t item = 0; item < contests.items(); ++item) {
    double& own = strengths.of_item[static_cast<std::size_t>(item)];
    Record record;
    record.meet(own, strengths.middle, prior, prior);
    for (const std::int32_t no : contests.of_item(item)) {
      const Contest& contest = contests.all()[static_cast<std::size_t>(no)];
      const bool is_low = contest.low == item;
      const std::int32_t other = is_low ? contest.high : contest.low;
      record.meet(own, strengths.of_item[static_cast<std::size_t>(other)],
                  is_low ? contest.low_wins : contest.high_wins, is_low ? contest.high_wins : contest.low_wins);
    }
    move(own, record);
    middle.meet(strengths.middle, own, prior, prior);
  }
  if (contests.items() > 0) move(strengths.middle, middle);
  return change;
}

double win_probability(const Strengths& strengths, const Contest& contest) {
  const double low = strengths.of_item[static_cast<std::size_t>(contest.low)];
  const double high = strengths.of_item[static_cast<std::size_t>(contest.high)];
  return low / (low + high);
}

namespace {

// What is left of a pivot is kept from 0, where rounding could take it: an error of a million is as good as none known.
constexpr double pivot_min = 1e-12;

// By item: what the prior's contests tell of its score.
std::vector<double> prior_information(const Strengths& strengths, double prior) {
  std::vector<double> information;
  information.reserve(strengths.of_item.size());
  for (const double strength : strengths.of_item) {
    const double sum = strength + strengths.middle;
    information.push_back(2 * prior * (strength / sum) * (strengths.middle / sum));
  }
  return information;
}

// Of each score's distance from the mean of all: the root of its variance, by the inverse of the information matrix, of
// which the lower triangle is given.
std::vector<double> exact_errors(const Eigen::MatrixXd& information) {
  const Eigen::Index items = information.rows();
  const Eigen::LDLT<Eigen::MatrixXd> factors(information);
  Eigen::MatrixXd distances = Eigen::MatrixXd::Identity(items, items).array() - 1 / static_cast<double>(items);
  distances = factors.transpositionsP() * distances;
  factors.matrixL().solveInPlace(distances);
  const Eigen::VectorXd pivots = factors.vectorD().cwiseMax(pivot_min);
  std::vector<double> errors;
  errors.reserve(static_cast<std::size_t>(items));
  for (const auto& column : distances.colwise()) {
    errors.push_back(std::sqrt(column.cwiseAbs2().cwiseQuotient(pivots).sum()));
  }
  return errors;
}

std::vector<double> standard_errors(const Contests& contests, std::span<const double> information,
                                    std::vector<double> of_item) {
  const std::vector<Contest>& all = contests.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    of_item[static_cast<std::size_t>(all[i].low)] += information[i];
    of_item[static_cast<std::size_t>(all[i].high)] += information[i];
  }
  if (contests.items() > items_exact_max) {
    for (double& cell : of_item) cell = 1 / std::sqrt(std::max(cell, pivot_min));
    return of_item;
  }
  Eigen::MatrixXd matrix = Eigen::Map<const Eigen::VectorXd>(of_item.data(), std::ssize(of_item)).asDiagonal();
  for (std::size_t i = 0; i < all.size(); ++i) matrix(all[i].high, all[i].low) -= information[i];
  return exact_errors(matrix);
}

std::vector<std::int32_t> order_of(const std::vector<double>& score) {
  const auto score_of = [&](std::int32_t item) { return score[static_cast<std::size_t>(item)]; };
  std::vector<std::int32_t> order(score.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return score_of(a) > score_of(b); });
  for (auto first = order.begin(); first != order.end();) {
    const auto end = std::find_if(first, order.end(),
                                  [&](std::int32_t item) { return score_of(*first) - score_of(item) >= alike_max; });
    std::sort(first, end);
    first = end;
  }
  return order;
}

}  // namespace

Ranking ranking_from(const Strengths& strengths, const Contests& contests, std::span<const double> information,
                     double prior) {
  TALLY_ASSERT(information.size() == contests.all().size());
  Ranking ranking;
  double sum = 0;
  for (const double strength : strengths.of_item) {
    ranking.score.push_back(std::log(strength));
    sum += ranking.score.back();
  }
  for (double& score : ranking.score) score -= sum / static_cast<double>(ranking.score.size());
  ranking.standard_error = standard_errors(contests, information, prior_information(strengths, prior));
  ranking.order = order_of(ranking.score);
  return ranking;
}

}  // namespace tally::aggregation::pairs
