// tally-bench-online: what the broker's own way of deciding would have bought of recorded answers, without a broker
// around it; and how true its claims are, learned on other crowds. docs/quality.md says what it means.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/aggregation/labels/method.h"
#include "common/aggregation/online/claim_hypotheses.h"
#include "common/aggregation/online/judgement.h"
#include "common/aggregation/online/label_model.h"
#include "common/aggregation/online/part_skills.h"
#include "common/aggregation/online/policy_replay.h"
#include "common/aggregation/workforce.h"
#include "tools/quality/label_set.h"
#include "tools/quality/measure.h"
#include "tools/quality/online_play.h"
#include "tools/quality/score.h"
#include "tools/stack/bench_main.h"

namespace {

using namespace tally;
using namespace tally::aggregation;
using quality::LabelSet;
using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> folders;
  std::vector<double> thetas{0.9, 0.95, 0.99, 0.999};
  std::int32_t min = 3;
  std::uint64_t seeds = 5;
  bool learn = false;
  bool carry = false;
  bool spot_checks = false;
  bool chosen = false;
  bool fixed = false;
  std::vector<int> gold{0, 50, 100, 200};
};

using quality::rounded;

// The same with every compiler, which std::shuffle is not.
template <typename T>
void shuffle(std::vector<T>& values, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

// All answers in an order that the seed gives.
std::vector<ReplayAnswer> shuffled(const LabelSet& set, std::uint64_t seed, const std::vector<ReplayBallot>& ballots) {
  std::vector<ReplayAnswer> answers;
  answers.reserve(set.answers.size());
  for (std::size_t i = 0; i < set.answers.size(); ++i) {
    const auto& given = set.answers[i];
    answers.push_back({given.task, AccountId{given.worker + 1}, {&ballots[i], 1}});
  }
  shuffle(answers, seed);
  return answers;
}

std::int32_t answers_of_task_max(const LabelSet& set) {
  std::vector<std::int32_t> count(static_cast<std::size_t>(set.tasks));
  for (const auto& answer : set.answers) ++count[static_cast<std::size_t>(answer.task)];
  return *std::max_element(count.begin(), count.end());
}

// By theta; a task gets as many answers at most as were recorded for any.
Redundancy redundancy_for(const LabelSet& set, double theta, std::int32_t min) {
  Redundancy redundancy;
  redundancy.min = min;
  redundancy.max = std::max(min, answers_of_task_max(set));
  redundancy.quorum = 1;
  redundancy.theta_ppm = static_cast<std::int64_t>(std::llround(theta * 1e6));
  return redundancy;
}

std::vector<ReplayedTask> replay(const LabelSet& set, double theta, std::int32_t min, std::uint64_t seed,
                                 std::span<const FieldSkill> told = {}) {
  std::vector<ReplayBallot> ballots;
  ballots.reserve(set.answers.size());
  for (const auto& answer : set.answers) ballots.push_back({{}, answer.label});
  const std::vector<ReplayAnswer> answers = shuffled(set, seed, ballots);
  const ReplayField field{nullptr, 0, true, static_cast<std::int32_t>(set.labels.size())};
  ReplayInput input;
  input.redundancy = redundancy_for(set, theta, min);
  input.fields = {&field, 1};
  input.tasks = set.tasks;
  input.answers = answers;
  input.told = told;
  return replay_policy(input);
}

struct Bought {
  double answers = 0;  // A task.
  double right = 0;    // Of those whose truth is known.
};

Bought bought_of(const LabelSet& set, const std::vector<ReplayedTask>& tasks) {
  Bought bought;
  double known = 0;
  for (std::size_t no = 0; no < tasks.size(); ++no) {
    bought.answers += static_cast<double>(tasks[no].bought.size()) / static_cast<double>(tasks.size());
    if (set.truth[no] < 0 || tasks[no].judged.empty()) continue;
    known += 1;
    bought.right += tasks[no].judged[0].label == set.truth[no] ? 1 : 0;
  }
  bought.right /= std::max(known, 1.0);
  return bought;
}

Bought bought_of(const LabelSet& set, const std::vector<quality::OnlinePlay::Outcome>& tasks) {
  Bought bought;
  double known = 0;
  for (std::size_t no = 0; no < tasks.size(); ++no) {
    bought.answers += static_cast<double>(tasks[no].answers) / static_cast<double>(tasks.size());
    if (set.truth[no] < 0 || tasks[no].answers == 0) continue;
    known += 1;
    bought.right += tasks[no].label == set.truth[no] ? 1 : 0;
  }
  bought.right /= std::max(known, 1.0);
  return bought;
}

// What policy_replay.h does not know: spot checks, and the choice of tasks.
Bought played(const LabelSet& set, double theta, const Options& options, std::uint64_t seed) {
  quality::OnlinePlay play(
      set, {redundancy_for(set, theta, options.min), options.spot_checks, "seed " + std::to_string(seed) + " "});
  std::vector<labels::Answer> order = set.answers;
  shuffle(order, seed);
  if (options.chosen) {
    quality::play_chosen(play, order);
  } else {
    for (const auto& answer : order) play.take(answer);
  }
  return bought_of(set, play.outcomes());
}

Bought bought_at(const LabelSet& set, double theta, const Options& options) {
  Bought mean;
  for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
    stack::check_interrupted();
    const bool is_played = options.spot_checks || options.chosen;
    const Bought bought =
        is_played ? played(set, theta, options, seed) : bought_of(set, replay(set, theta, options.min, seed));
    mean.answers += bought.answers / static_cast<double>(options.seeds);
    mean.right += bought.right / static_cast<double>(options.seeds);
  }
  return mean;
}

// Full Dawid–Skene on so many answers a task; 0: on all.
Bought by_fixed(const LabelSet& set, std::int32_t answers, const Options& options) {
  const auto* method = labels::methods().find("dawid_skene");
  if (method == nullptr) throw std::runtime_error("there is no method dawid_skene");
  const auto estimator = [&](const LabelSet& drawn) {
    OneWorker workforce;
    const auto table = drawn.table();
    return method->estimate({table}, workforce).belief;
  };
  const auto scores = quality::score_labels(set, estimator, {answers, static_cast<int>(options.seeds), 1});
  return {scores.answers, quality::mean_of(scores.right)};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Of a theta, over the sets.
struct Compared {
  std::vector<double> saved;
  std::vector<double> lost;
};

void by_theta(const std::vector<LabelSet>& sets, const Options& options) {
  std::map<double, Compared> compared;
  for (const LabelSet& set : sets) {
    const Bought all = by_fixed(set, 0, options);
    for (const double theta : options.thetas) {
      const Bought bought = bought_at(set, theta, options);
      compared[theta].saved.push_back(1 - bought.answers / all.answers);
      compared[theta].lost.push_back(all.right - bought.right);
      std::cout << Json{{"set", set.name},
                        {"theta", theta},
                        {"min", options.min},
                        {"seeds", options.seeds},
                        {"answers_per_task", rounded(bought.answers)},
                        {"saved", rounded(1 - bought.answers / all.answers)},
                        {"accuracy", rounded(bought.right)},
                        {"accuracy_all_answers", rounded(all.right)}}
                       .dump()
                << std::endl;
    }
  }
  if (sets.size() < 2) return;
  for (auto& [theta, over] : compared) {
    std::cout << Json{{"set", "median"},
                      {"theta", theta},
                      {"min", options.min},
                      {"saved", rounded(median(over.saved))},
                      {"lost", rounded(median(over.lost))},
                      {"lost_at_most", rounded(*std::max_element(over.lost.begin(), over.lost.end()))}}
                     .dump()
              << std::endl;
  }
}

// ---- Beside fixed redundancy ----------------------------------------------------------------------------------------

Json figures_of(const Bought& bought) {
  return {{"answers_per_task", rounded(bought.answers)}, {"accuracy", rounded(bought.right)}};
}

// What every task with the same number of answers gives, and the least such number that is as right as theta.
void beside_fixed(const std::vector<LabelSet>& sets, const Options& options) {
  for (const LabelSet& set : sets) {
    Json line{{"set", set.name}, {"all_answers", figures_of(by_fixed(set, 0, options))}};
    std::vector<Bought> fixed{{}};  // By k.
    for (std::int32_t k = 1; k <= answers_of_task_max(set); ++k) {
      stack::check_interrupted();
      fixed.push_back(by_fixed(set, k, options));
    }
    for (const std::size_t k : {3U, 5U, 7U}) {
      if (k < fixed.size()) line["k=" + std::to_string(k)] = figures_of(fixed[k]);
    }
    for (const double theta : options.thetas) {
      const Bought bought = bought_at(set, theta, options);
      Json figures = figures_of(bought);
      const auto as_right =
          std::find_if(fixed.begin() + 1, fixed.end(), [&](const Bought& each) { return each.right >= bought.right; });
      figures["as_right_with_k"] = as_right == fixed.end() ? Json() : Json(as_right - fixed.begin());
      figures["answers_of_k"] = as_right == fixed.end() ? Json() : Json(rounded(as_right->answers));
      line["theta=" + Json(theta).dump()] = figures;
    }
    std::cout << line.dump() << std::endl;
  }
}

// ---- What is carried over -------------------------------------------------------------------------------------------

// The tasks that a seed puts into one half, as a set of their own; workers keep their numbers.
LabelSet half_of(const LabelSet& set, std::uint64_t seed, bool first) {
  std::mt19937_64 random(seed);
  LabelSet half = set;
  half.tasks = 0;
  half.answers.clear();
  half.truth.clear();
  std::vector<std::int32_t> place(static_cast<std::size_t>(set.tasks), -1);
  for (std::size_t task = 0; task < place.size(); ++task) {
    if ((random() % 2 == 0) != first) continue;
    place[task] = half.tasks++;
    half.truth.push_back(set.truth[task]);
  }
  for (auto answer : set.answers) {
    answer.task = place[static_cast<std::size_t>(answer.task)];
    if (answer.task >= 0) half.answers.push_back(answer);
  }
  return half;
}

// What a project in which all answers were bought would tell of its workers: their rows, and their standing.
struct Known {
  FieldSkill rows;
  FieldSkill from_standing;
};

Known known_from(const LabelSet& set, std::uint64_t seed) {
  std::vector<ReplayBallot> ballots;
  ballots.reserve(set.answers.size());
  for (const auto& answer : set.answers) ballots.push_back({{}, answer.label});
  const auto answers = shuffled(set, seed, ballots);
  LabelModel model(static_cast<std::int32_t>(set.labels.size()));
  std::vector<std::vector<LabelBallot>> given(static_cast<std::size_t>(set.tasks));
  const auto ballots_of = [&](std::int32_t task, std::vector<LabelBallot>& said) {
    said = given[static_cast<std::size_t>(task)];
  };
  for (const ReplayAnswer& answer : answers) {
    given[static_cast<std::size_t>(answer.task)].push_back({answer.worker, answer.ballots[0].label});
    model.answered(answer.task, set.tasks, answer.worker, ballots_of);
  }
  std::map<AccountId, Standing> standings;
  for (const auto& said : given) {
    if (said.size() < 2) continue;
    const LabelJudgement judgement = judge(model.evidence(said));
    for (const LabelBallot& ballot : said) {
      ++standings[ballot.worker].judged;
      standings[ballot.worker].agreed += ballot.label == judgement.label ? 1 : 0;
    }
  }
  Known known{model.learned(), {}};
  for (const auto& [worker, standing] : standings) {
    if (auto row = row_from_standing(worker, standing, model.labels())) known.from_standing.workers.push_back(*row);
  }
  return known;
}

void carried(const std::vector<LabelSet>& sets, const Options& options) {
  for (const LabelSet& set : sets) {
    for (const double theta : options.thetas) {
      std::array<Bought, 3> mean{};
      for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
        stack::check_interrupted();
        const Known known = known_from(half_of(set, seed, true), seed);
        const LabelSet second = half_of(set, seed, false);
        const std::array<std::vector<FieldSkill>, 3> told{{{}, {known.from_standing}, {known.rows}}};
        for (std::size_t i = 0; i < told.size(); ++i) {
          const Bought bought = bought_of(second, replay(second, theta, options.min, seed, told[i]));
          mean[i].answers += bought.answers / static_cast<double>(options.seeds);
          mean[i].right += bought.right / static_cast<double>(options.seeds);
        }
      }
      std::cout << Json{{"set", set.name},
                        {"theta", theta},
                        {"fresh", figures_of(mean[0])},
                        {"by_standing", figures_of(mean[1])},
                        {"same_project", figures_of(mean[2])}}
                       .dump()
                << "\n";
    }
  }
}

// ---- Claims ---------------------------------------------------------------------------------------------------------

struct Verdict {
  std::int32_t bucket = 0;
  bool is_right = false;
};

// How verdicts turned out, each as sure as it was when it was reached.
std::vector<Verdict> verdicts_of(const LabelSet& set, double theta, std::int32_t min, std::uint64_t seed) {
  std::vector<Verdict> verdicts;
  const auto tasks = replay(set, theta, min, seed);
  for (std::size_t no = 0; no < tasks.size(); ++no) {
    if (set.truth[no] < 0 || tasks[no].judged.empty() || !tasks[no].judged[0].has_value) continue;
    verdicts.push_back({tasks[no].judged[0].bucket, tasks[no].judged[0].label == set.truth[no]});
  }
  return verdicts;
}

std::vector<Verdict> verdicts_of(const LabelSet& set, const Options& options) {
  std::vector<Verdict> verdicts;
  for (const double theta : options.thetas) {
    for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
      stack::check_interrupted();
      const auto more = verdicts_of(set, theta, options.min, seed);
      verdicts.insert(verdicts.end(), more.begin(), more.end());
    }
  }
  return verdicts;
}

using Belief = std::array<double, claim_hypotheses>;

// How probable each hypothesis is of one crowd, which counts as so many tasks however large it is.
Belief belief_of(const std::vector<Verdict>& verdicts) {
  constexpr double tasks = 60;
  Belief logs{};
  for (std::size_t h = 0; h < claim_hypotheses; ++h) {
    for (const Verdict& verdict : verdicts) {
      const double right =
          static_cast<double>(all_claim_hypotheses()[h].right[static_cast<std::size_t>(verdict.bucket)]) / 1e6;
      logs[h] += std::log(verdict.is_right ? right : 1 - right) * tasks / static_cast<double>(verdicts.size());
    }
  }
  const double most = *std::max_element(logs.begin(), logs.end());
  Belief belief{};
  double sum = 0;
  for (std::size_t h = 0; h < claim_hypotheses; ++h) sum += belief[h] = std::exp(logs[h] - most);
  for (double& each : belief) each /= sum;
  return belief;
}

// Without one of them, if it is named.
ClaimPrior prior_from(const std::vector<LabelSet>& sets, const std::vector<Belief>& beliefs,
                      const std::string& without) {
  Belief sum{};
  double count = 0;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].name == without) continue;
    count += 1;
    for (std::size_t h = 0; h < claim_hypotheses; ++h) sum[h] += beliefs[i][h];
  }
  ClaimPrior prior{};
  for (std::size_t h = 0; h < claim_hypotheses; ++h) {
    prior[h] = std::max(1, static_cast<std::int32_t>(std::lround(sum[h] / std::max(count, 1.0) * 10'000)));
  }
  return prior;
}

struct Claimed {
  double tasks = 0, settled = 0, right = 0, claimed = 0;
};

// Gold drawn by the seed, and what the others may claim by it.
Claimed claimed_of(std::vector<Verdict> verdicts, const ClaimPrior& prior, int gold, std::int64_t asked_ppm,
                   std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = verdicts.size(); i > 1; --i) std::swap(verdicts[i - 1], verdicts[random() % i]);
  ClaimBasis basis;
  const auto known = static_cast<std::size_t>(gold);
  for (std::size_t i = 0; i < known; ++i) count_outcome(basis.gold, verdicts[i].bucket, verdicts[i].is_right);
  const ClaimWeights weights = claim_weights(prior, basis);
  Claimed claimed;
  for (std::size_t i = known; i < verdicts.size(); ++i) {
    claimed.tasks += 1;
    const std::int64_t claim = claim_in(verdicts[i].bucket, weights);
    if (claim < asked_ppm) continue;
    claimed.settled += 1;
    claimed.right += verdicts[i].is_right ? 1 : 0;
    claimed.claimed += static_cast<double>(claim) / 1e6;
  }
  return claimed;
}

void print_claims(const LabelSet& set, const ClaimPrior& prior, const Options& options) {
  const double theta = options.thetas.back();
  for (const int gold : options.gold) {
    for (const std::int64_t asked_ppm : {800'000, 900'000, 950'000, 990'000}) {
      Claimed sum;
      for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
        const auto verdicts = verdicts_of(set, theta, options.min, seed);
        if (std::ssize(verdicts) <= gold) continue;
        const Claimed one = claimed_of(verdicts, prior, gold, asked_ppm, seed);
        sum.tasks += one.tasks;
        sum.settled += one.settled;
        sum.right += one.right;
        sum.claimed += one.claimed;
      }
      if (sum.tasks == 0) continue;
      Json line{{"set", set.name},
                {"gold", gold},
                {"asked", static_cast<double>(asked_ppm) / 1e6},
                {"coverage", rounded(sum.settled / sum.tasks)}};
      if (sum.settled > 0) {
        line["claimed"] = rounded(sum.claimed / sum.settled);
        line["right"] = rounded(sum.right / sum.settled);
      }
      std::cout << line.dump() << "\n";
    }
  }
}

void print_prior(const ClaimPrior& prior) {
  for (std::size_t slope = 0; slope < claim_slopes.size(); ++slope) {
    Json line{{"slope", static_cast<double>(claim_slopes[slope]) / 64}};
    for (std::size_t lapse = 0; lapse < claim_lapses.size(); ++lapse) {
      line["frequency"].push_back(prior[slope * claim_lapses.size() + lapse]);
    }
    std::cout << line.dump() << "\n";
  }
}

void learn(const std::vector<LabelSet>& sets, const Options& options) {
  std::vector<Belief> beliefs;
  beliefs.reserve(sets.size());
  for (const LabelSet& set : sets) beliefs.push_back(belief_of(verdicts_of(set, options)));
  for (const LabelSet& set : sets) print_claims(set, prior_from(sets, beliefs, set.name), options);
  print_prior(prior_from(sets, beliefs, ""));
}

std::vector<LabelSet> load(const std::vector<std::string>& folders) {
  std::vector<LabelSet> sets;
  for (const auto& folder : quality::folders_of_sets(folders)) {
    auto set = quality::load_label_set(folder);
    if (!set) throw std::runtime_error(set.error());
    if (quality::kind_of(*set) != quality::Kind::labels || std::ssize(set->labels) > LabelModel::labels_max) {
      std::cerr << "tally-bench-online: left out: " << set->name << ": it is about labels, at most "
                << LabelModel::labels_max << " of them\n";
      continue;
    }
    sets.push_back(std::move(*set));
  }
  if (sets.empty()) throw std::runtime_error("no set is left");
  return sets;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "What the broker's way of deciding would have bought of recorded answers, one line of JSON a set and theta.",
      "tally-bench-online");
  Options options;
  stack::BenchOptions common;
  app.add_option("DIR", options.folders, "Folders with answers.csv and truth.csv")->required();
  app.add_option("--theta", options.thetas, "Posteriors to close at")->check(CLI::Range(0.5, 0.999999));
  app.add_option("--min", options.min, "Answers at first")->check(CLI::Range(1, 100));
  app.add_option("--seeds", options.seeds, "Orders of the answers")->check(CLI::Range(1, 1000));
  app.add_flag("--learn", options.learn,
               "How true claims are, per set by what the other sets taught; and what all of them teach");
  app.add_flag("--carry", options.carry,
               "Half of the tasks, with what the other half showed of the workers, and without");
  app.add_flag("--spot-checks", options.spot_checks,
               "With --min 1: what a known worker's answer would settle takes another one now and then");
  app.add_flag("--chosen", options.chosen,
               "Workers come in the order of the answers, and each gets of its tasks the one the broker would choose");
  app.add_flag("--fixed", options.fixed, "Beside plain Dawid-Skene with the same number of answers for all tasks");
  return stack::bench_main(app, common, argc, argv, [&] {
    const auto sets = load(options.folders);
    if (options.carry) return carried(sets, options);
    if (options.learn) return learn(sets, options);
    if (options.fixed) return beside_fixed(sets, options);
    by_theta(sets, options);
  });
}
