// tally-bench-quality: how right the verdicts of each aggregation method are, on recorded answers whose truth is known.
// One line a set. docs/quality.md says what it means.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/aggregation/labels/method.h"
#include "common/aggregation/labels/pooled.h"
#include "common/cli/table.h"
#include "tools/quality/label_set.h"
#include "tools/quality/score.h"
#include "tools/stack/bench_main.h"

namespace {

using namespace tally;
using namespace tally::quality;
using aggregation::OneWorker;
namespace labels = tally::aggregation::labels;
using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> folders;
  std::string method{labels::methods().preferred().name};
  std::string against;
  std::int32_t answers = 0;  // A task; 0: all.
  int draws = 5;             // With so many answers a task, chance decides which.
  std::uint64_t seed = 1;
  bool leave_one_out = false;
};

// Whatever turns a set into beliefs.
using Estimator = std::function<std::vector<double>(const LabelSet& set)>;

Estimator estimator_of(const std::string& name) {
  const labels::Method* method = labels::methods().find(name);
  if (method == nullptr) {
    std::string known;
    for (const labels::Method* one : labels::methods()) known += " " + std::string(one->name);
    throw std::runtime_error("there is no method '" + name + "'; there are:" + known);
  }
  return [method](const LabelSet& set) {
    OneWorker workforce;
    const labels::AnswerTable table = set.table();
    return method->estimate({table}, workforce).belief;
  };
}

struct Scores {
  std::vector<double> right;  // By task with known truth: the mean over the draws.
  double f1 = 0;
  double answers = 0;  // A task.
  double seconds = 0;  // Of the last draw, one thread.
};

Scores score(const LabelSet& all, const Estimator& estimator, const Options& options) {
  Scores scores;
  const int draws = options.answers == 0 ? 1 : options.draws;
  for (int draw = 0; draw < draws; ++draw) {
    const LabelSet set = options.answers == 0
                             ? all
                             : with_answers_max(all, options.answers, options.seed + static_cast<std::uint64_t>(draw));
    const auto start = std::chrono::steady_clock::now();
    const std::vector<double> belief = estimator(set);
    scores.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::vector<double> right = right_of(set, belief);
    scores.right.resize(right.size());
    for (std::size_t i = 0; i < right.size(); ++i) scores.right[i] += right[i] / draws;
    scores.f1 += f1_of(set, belief) / draws;
    scores.answers = static_cast<double>(set.answers.size()) / static_cast<double>(std::max(set.tasks, 1));
  }
  return scores;
}

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

// What is better by the first than by the second, task by task.
std::vector<double> gain(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> gain(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) gain[i] = first[i] - second[i];
  return gain;
}

Json line_of(const LabelSet& set, const std::string& method, const Scores& scores) {
  return {{"set", set.name},
          {"method", method},
          {"tasks", scores.right.size()},
          {"answers_per_task", rounded(scores.answers)},
          {"accuracy", rounded(mean_of(scores.right))},
          {"f1", rounded(scores.f1)},
          {"seconds", rounded(scores.seconds)}};
}

void add_gain(Json& line, const std::string& against, std::span<const std::vector<double>> gains) {
  double sum = 0;
  for (const auto& of_set : gains) sum += mean_of(of_set);
  const Interval interval = bootstrap_interval(gains);
  line["against"] = against;
  line["gain"] = rounded(sum / static_cast<double>(gains.size()));
  line["gain_low"] = rounded(interval.low);
  line["gain_high"] = rounded(interval.high);
}

void print(const std::vector<Json>& lines, bool json) {
  if (json) {
    for (const Json& line : lines) std::cout << line.dump() << "\n";
    return;
  }
  std::vector<cli::Table::Column> columns;
  std::vector<std::string> names;
  for (const auto& [name, value] : lines.at(0).items()) {
    names.push_back(name);
    columns.push_back({name, value.is_number() ? cli::Align::right : cli::Align::left});
  }
  cli::Table table(columns);
  for (const Json& line : lines) {
    std::vector<std::string> cells;
    for (const std::string& name : names) {
      const Json value = line.value(name, Json(""));
      cells.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
    table.row(cells);
  }
  std::cout << table.to_text();
}

std::vector<LabelSet> load(const std::vector<std::string>& folders) {
  std::vector<LabelSet> sets;
  for (const std::string& folder : folders) {
    auto set = load_label_set(folder);
    if (!set) throw std::runtime_error(set.error());
    sets.push_back(std::move(*set));
  }
  return sets;
}

Json mean_line(const std::string& method, const std::vector<Scores>& scores) {
  double accuracy = 0;
  double f1 = 0;
  double answers = 0;
  double seconds = 0;
  std::size_t tasks = 0;
  const auto count = static_cast<double>(scores.size());
  for (const Scores& one : scores) {
    accuracy += mean_of(one.right) / count;
    f1 += one.f1 / count;
    answers += one.answers / count;
    seconds += one.seconds;
    tasks += one.right.size();
  }
  return {{"set", "mean"},
          {"method", method},
          {"tasks", tasks},
          {"answers_per_task", rounded(answers)},
          {"accuracy", rounded(accuracy)},
          {"f1", rounded(f1)},
          {"seconds", rounded(seconds)}};
}

void measure(const Options& options, bool json) {
  const Estimator estimator = estimator_of(options.method);
  std::vector<Json> lines;
  std::vector<Scores> all;
  std::vector<std::vector<double>> gains;
  for (const LabelSet& set : load(options.folders)) {
    stack::check_interrupted();
    all.push_back(score(set, estimator, options));
    if (all.back().right.empty()) throw std::runtime_error(set.name + ": no task with an answer has a known label");
    lines.push_back(line_of(set, options.method, all.back()));
    if (options.against.empty()) continue;
    gains.push_back(gain(all.back().right, score(set, estimator_of(options.against), options).right));
    add_gain(lines.back(), options.against, {&gains.back(), 1});
  }
  // One line a set is what a program that reads JSON is promised; with --against the mean is what was asked for.
  if (lines.size() > 1 && (!json || !gains.empty())) {
    lines.push_back(mean_line(options.method, all));
    if (!gains.empty()) add_gain(lines.back(), options.against, gains);
  }
  print(lines, json);
}

// With all answers, and with few of them.
struct Accuracy {
  double all = 0;
  double few = 0;
};

Accuracy accuracy_of(const LabelSet& set, const labels::PooledSettings& settings, Options options) {
  const Estimator estimator = [&](const LabelSet& drawn) {
    OneWorker workforce;
    const labels::AnswerTable table = drawn.table();
    return labels::estimate_pooled({table}, settings, workforce).belief;
  };
  const double few = mean_of(score(set, estimator, options).right);
  options.answers = 0;
  return {mean_of(score(set, estimator, options).right), few};
}

std::vector<labels::PooledSettings> settings_to_choose_from() {
  std::vector<labels::PooledSettings> grid;
  for (const int rounds : {5, 10}) {
    for (const double variational : {1.0, 0.5, 0.0}) {
      for (const double row_prior : {4.0, 2.0, 1.0}) {
        for (const double loss : {0.0075, 0.005, 0.0025}) grid.push_back({row_prior, rounds, variational, loss});
      }
    }
  }
  return grid;
}

// On all sets but one, with all answers and with few of them: of the settings that are no more than a standard error
// worse than the best, the first in the grid, which begins with those that bind the fit most (the one-standard-error
// rule, Breiman et al. 1984). The best itself would be the one that suits these sets by chance.
std::size_t chosen_without(const std::vector<std::vector<Accuracy>>& accuracy, std::size_t left_out) {
  const auto means_of = [&](std::size_t settings) {
    std::vector<double> means;
    for (std::size_t set = 0; set < accuracy[settings].size(); ++set) {
      if (set != left_out) means.push_back((accuracy[settings][set].all + accuracy[settings][set].few) / 2);
    }
    return means;
  };
  std::size_t best = 0;
  for (std::size_t settings = 0; settings < accuracy.size(); ++settings) {
    if (mean_of(means_of(settings)) > mean_of(means_of(best))) best = settings;
  }
  for (std::size_t settings = 0; settings < accuracy.size(); ++settings) {
    const std::vector<double> worse = gain(means_of(best), means_of(settings));
    const double mean = mean_of(worse);
    double squares = 0;
    for (const double one : worse) squares += (one - mean) * (one - mean);
    const auto count = static_cast<double>(worse.size());
    if (mean <= std::sqrt(squares / (count - 1) / count)) return settings;
  }
  return best;
}

// The settings of the default method, chosen for each set by all the others.
void leave_one_out(Options options, bool json) {
  if (options.answers == 0) options.answers = 3;
  const auto grid = settings_to_choose_from();
  const std::vector<LabelSet> sets = load(options.folders);
  if (sets.size() < 3) throw std::runtime_error("--leave-one-out needs at least three sets");
  std::vector<std::vector<Accuracy>> accuracy(grid.size());  // [settings][set]
  for (std::size_t i = 0; i < grid.size(); ++i) {
    stack::check_interrupted();
    for (const LabelSet& set : sets) accuracy[i].push_back(accuracy_of(set, grid[i], options));
  }
  std::vector<Json> lines;
  Accuracy mean;
  for (std::size_t left_out = 0; left_out < sets.size(); ++left_out) {
    const std::size_t best = chosen_without(accuracy, left_out);
    const Accuracy got = accuracy[best][left_out];
    mean.all += got.all / static_cast<double>(sets.size());
    mean.few += got.few / static_cast<double>(sets.size());
    lines.push_back({{"set", sets[left_out].name},
                     {"row_prior", grid[best].row_prior},
                     {"rounds", grid[best].rounds_max},
                     {"variational", grid[best].variational},
                     {"loss", grid[best].foretold_loss_max},
                     {"accuracy", rounded(got.all)},
                     {"with_few_answers", rounded(got.few)}});
  }
  lines.push_back({{"set", "mean"},
                   {"row_prior", ""},
                   {"rounds", ""},
                   {"variational", ""},
                   {"loss", ""},
                   {"accuracy", rounded(mean.all)},
                   {"with_few_answers", rounded(mean.few)}});
  print(lines, json);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How right each aggregation method is, on recorded answers whose truth is known.",
               "tally-bench-quality");
  Options options;
  stack::BenchOptions common;
  app.add_option("DIR", options.folders, "Folders with answers.csv (task,worker,label) and truth.csv (task,label)")
      ->required();
  app.add_option("--method", options.method, "An aggregation method");
  app.add_option("--against", options.against,
                 "Another: what the first is better by, with a bootstrap's 95 % interval");
  app.add_option("--answers", options.answers, "So many answers a task at most, drawn by chance; 0: all")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--draws", options.draws, "How often they are drawn; what is printed is the mean")
      ->check(CLI::Range(1, 1000));
  app.add_option("--seed", options.seed, "Of the first draw");
  app.add_flag(
      "--leave-one-out", options.leave_one_out,
      "The default method, with settings chosen for each set by all the others; --answers says how many are few");
  return stack::bench_main(app, common, argc, argv, [&] {
    options.leave_one_out ? leave_one_out(options, common.json) : measure(options, common.json);
  });
}
