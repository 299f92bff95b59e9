#include <algorithm>
#include <cmath>

#include "common/aggregation/pairs/contests.h"
#include "common/base/assert.h"

// noisy_bradley_terry: the model of Bradley and Terry (see bradley_terry.cc), but a worker says with a probability of
// the worker's own, the reliability, what the contest gave, and else its opposite. So who guesses counts nothing, and
// who answers the wrong way round counts reversed. Source: Chen, Bennett, Collins-Thompson and Horvitz, "Pairwise
// ranking aggregation in a crowdsourced setting", 2013 (Crowd-BT), for the model; it is fitted to all answers at once
// by expectation maximisation, where the paper takes them one by one. Where an item met few others, doubtful workers
// and scores close together look the same: the order is then worth more than the distances.
namespace tally::aggregation::pairs {
namespace {

constexpr double change_min = 1e-7;

// Before a worker's answers count, so many are taken to have been right and wrong: most workers mean well. Without it
// all scores reversed and all workers wrong would be as likely.
constexpr double right_prior = 4;
constexpr double wrong_prior = 1;

// By preference: how probable it is that the worker said what the contest gave.
std::vector<double> truthful_shares(const PreferenceTable& preferences, const Contests& contests,
                                    const Strengths& strengths, std::span<const double> reliability) {
  std::vector<double> truthful;
  const auto all = preferences.preferences();
  truthful.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Contest& contest = contests.all()[static_cast<std::size_t>(contests.contest_of(i))];
    const double low_wins = win_probability(strengths, contest);
    const double as_said = all[i].better == contest.low ? low_wins : 1 - low_wins;
    const double of_worker = reliability[static_cast<std::size_t>(all[i].worker)];
    const double right = of_worker * as_said;
    const double wrong = (1 - of_worker) * (1 - as_said);
    truthful.push_back(right / (right + wrong));
  }
  return truthful;
}

std::vector<double> reliability_from(const PreferenceTable& preferences, std::span<const double> truthful) {
  const auto all = preferences.preferences();
  std::vector<double> right(static_cast<std::size_t>(preferences.workers()), right_prior);
  std::vector<double> count(right.size(), right_prior + wrong_prior);
  for (std::size_t i = 0; i < all.size(); ++i) {
    right[static_cast<std::size_t>(all[i].worker)] += truthful[i];
    count[static_cast<std::size_t>(all[i].worker)] += 1;
  }
  for (std::size_t worker = 0; worker < right.size(); ++worker) right[worker] /= count[worker];
  return right;
}

double greatest_difference(std::span<const double> a, std::span<const double> b) {
  double greatest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) greatest = std::max(greatest, std::abs(a[i] - b[i]));
  return greatest;
}

// By contest: what its answers are expected to tell (Fisher's information), less from workers who say less.
std::vector<double> information_of(const PreferenceTable& preferences, const Contests& contests,
                                   const Strengths& strengths, std::span<const double> reliability) {
  std::vector<double> information(contests.all().size());
  const auto all = preferences.preferences();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto no = static_cast<std::size_t>(contests.contest_of(i));
    const double p = win_probability(strengths, contests.all()[no]);
    const double of_worker = reliability[static_cast<std::size_t>(all[i].worker)];
    const double said = of_worker * p + (1 - of_worker) * (1 - p);
    const double slope = (2 * of_worker - 1) * p * (1 - p);
    information[no] += slope * slope / (said * (1 - said));
  }
  return information;
}

Ranking rank(const PreferenceTable& preferences, const Settings& settings) {
  TALLY_ASSERT(settings.prior >= prior_min && std::isfinite(settings.prior));
  TALLY_ASSERT(settings.rounds_max >= 1);
  Contests contests(preferences);
  Strengths strengths{std::vector<double>(static_cast<std::size_t>(preferences.items()), 1.0)};
  std::vector<double> reliability(static_cast<std::size_t>(preferences.workers()),
                                  right_prior / (right_prior + wrong_prior));
  for (int round = 0; round < settings.rounds_max; ++round) {
    const auto truthful = truthful_shares(preferences, contests, strengths, reliability);
    contests.weigh(preferences, truthful);
    const double change = improve(strengths, contests, settings.prior);
    auto moved = reliability_from(preferences, truthful);
    const double moved_by = greatest_difference(moved, reliability);
    reliability = std::move(moved);
    if (std::max(change, moved_by) < change_min) break;
  }
  Ranking ranking =
      ranking_from(strengths, contests, information_of(preferences, contests, strengths, reliability), settings.prior);
  ranking.reliability = std::move(reliability);
  return ranking;
}

}  // namespace

extern const Method noisy_bradley_terry_method;
const Method noisy_bradley_terry_method{"noisy_bradley_terry", "strengths of items and the reliability of each worker",
                                        rank};

}  // namespace tally::aggregation::pairs
