// tally-bench-quality: how right the verdicts of each aggregation method are, on recorded answers whose truth is known.
// One line a set, whatever its answers are: of labels the accuracy and F1, of texts the word error rate, of numbers the
// mean absolute error. A set that the method cannot take is told on stderr and left out; that none was left is an
// error. docs/quality.md says what it means.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/aggregation/labels/pooled.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "tools/quality/label_set.h"
#include "tools/quality/measure.h"
#include "tools/quality/score.h"
#include "tools/stack/bench_main.h"

namespace {

using namespace tally;
using namespace tally::quality;
namespace labels = tally::aggregation::labels;
using Json = nlohmann::ordered_json;

constexpr const char* peer = "dawid_skene";  // What --leave-one-out is held against.

struct Options {
  std::vector<std::string> folders;
  std::string kind = "auto";
  std::string method;  // Empty: the default for the kind of answers.
  std::string against;
  Sample sample;
  bool leave_one_out = false;
};

void leave_out(const std::string& set, const std::string& why) {
  std::cerr << "tally-bench-quality: left out: " << cli::safe_for_terminal(set + ": " + why, true) << "\n";
}

Kind kind_for(const LabelSet& set, const std::string& named) {
  if (named == "labels") return Kind::labels;
  if (named == "numbers") return Kind::numbers;
  return named == "texts" ? Kind::texts : kind_of(set);
}

std::vector<LabelSet> load(const std::vector<std::string>& folders) {
  std::vector<LabelSet> sets;
  for (const auto& folder : folders_of_sets(folders)) {
    auto set = load_label_set(folder);
    if (set) {
      sets.push_back(std::move(*set));
    } else {
      leave_out(folder.filename().string(), set.error());
    }
  }
  return sets;
}

// What is better by the first than by the second, task by task.
std::vector<double> gain(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> gain(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) gain[i] = first[i] - second[i];
  return gain;
}

// The mean over sets, and its interval, under names that begin so.
void add_gain(Json& line, const std::string& name, std::span<const std::vector<double>> gains) {
  double sum = 0;
  for (const auto& of_set : gains) sum += mean_of(of_set);
  const Interval interval = bootstrap_interval(gains);
  line[name] = rounded(sum / static_cast<double>(gains.size()));
  line[name + "_low"] = rounded(interval.low);
  line[name + "_high"] = rounded(interval.high);
}

std::string cell_of(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void print(const std::vector<Json>& lines, bool json) {
  if (json) {
    for (const Json& line : lines) std::cout << line.dump() << "\n";
    return;
  }
  std::vector<cli::Table::Column> columns;
  std::vector<std::string> names;
  for (const Json& line : lines) {
    for (const auto& [name, value] : line.items()) {
      if (std::count(names.begin(), names.end(), name) > 0) continue;
      names.push_back(name);
      columns.push_back({name, value.is_string() ? cli::Align::left : cli::Align::right});
    }
  }
  cli::Table table(columns);
  for (const Json& line : lines) {
    std::vector<std::string> cells;
    for (const std::string& name : names) cells.push_back(cell_of(line.value(name, Json())));
    table.row(cells);
  }
  std::cout << table.to_text();
}

// Over sets of labels.
Scores mean_scores(const std::vector<Scores>& all) {
  Scores mean;
  const auto count = static_cast<double>(all.size());
  double accuracy = 0;
  for (const Scores& one : all) {
    accuracy += mean_of(one.right) / count;
    mean.f1 += one.f1 / count;
    mean.answers += one.answers / count;
    mean.seconds += one.seconds;
    mean.tasks += one.tasks;
  }
  mean.right = {accuracy};
  return mean;
}

// The lines, and what the last of them, that of the mean, is made from.
struct Measured {
  std::vector<Json> lines;
  std::vector<Scores> of_labels;
  std::vector<std::vector<double>> gains;
};

// Why the set is left out; empty: it was measured.
std::string measure_set(const LabelSet& set, const Options& options, Measured& measured) {
  const Kind kind = kind_for(set, options.kind);
  if (kind != Kind::labels && !options.against.empty()) return "--against compares methods for labels alone";
  const auto scores = measure(set, kind, options.method, options.sample);
  if (!scores) return scores.error();
  const std::string method = options.method.empty() ? default_method(kind) : options.method;
  Json line = line_of(set.name, kind, method, *scores);
  if (!options.against.empty()) {
    const auto other = measure(set, kind, options.against, options.sample);
    if (!other) return other.error();
    measured.gains.push_back(gain(scores->right, other->right));
    line["against"] = options.against;
    add_gain(line, "gain", {&measured.gains.back(), 1});
  }
  measured.lines.push_back(line);
  if (kind == Kind::labels) measured.of_labels.push_back(*scores);
  return "";
}

void require_method(const std::string& name) {
  if (name.empty() || is_method(name)) return;
  throw std::runtime_error("there is no method '" + name + "'; tally-aggregate --help lists them");
}

void measure_all(const Options& options, bool json) {
  require_method(options.method);
  require_method(options.against);
  Measured measured;
  for (const LabelSet& set : load(options.folders)) {
    stack::check_interrupted();
    if (const std::string why = measure_set(set, options, measured); !why.empty()) leave_out(set.name, why);
  }
  if (measured.lines.empty()) throw std::runtime_error("no set was measured");
  // One line a set is what a program that reads JSON is promised; with --against the mean is what was asked for.
  const std::vector<std::vector<double>>& gains = measured.gains;
  if (measured.of_labels.size() > 1 && (!json || !gains.empty())) {
    const std::string method = options.method.empty() ? default_method(Kind::labels) : options.method;
    measured.lines.push_back(line_of("mean", Kind::labels, method, mean_scores(measured.of_labels)));
    if (!gains.empty()) {
      measured.lines.back()["against"] = options.against;
      add_gain(measured.lines.back(), "gain", gains);
    }
  }
  print(measured.lines, json);
}

// ---- Leaving out ----------------------------------------------------------------------------------------------------

// With all answers, and with few of them.
struct Right {
  std::vector<double> all;
  std::vector<double> few;
};

Right right_with(const LabelSet& set, const Estimator& estimator, const Sample& few) {
  return {score_labels(set, estimator, {}).right, score_labels(set, estimator, few).right};
}

Estimator pooled_with(const labels::PooledSettings& settings) {
  return [settings](const LabelSet& set) {
    aggregation::OneWorker workforce;
    const labels::AnswerTable table = set.table();
    return labels::estimate_pooled({table}, settings, workforce).belief;
  };
}

Estimator dawid_skene() {
  const labels::Method* method = labels::methods().find(peer);
  if (method == nullptr) throw std::runtime_error(std::string("there is no method ") + peer);
  return [method](const LabelSet& set) {
    aggregation::OneWorker workforce;
    const labels::AnswerTable table = set.table();
    return method->estimate({table}, workforce).belief;
  };
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

std::string in_words(const labels::PooledSettings& settings) {
  Json words{settings.row_prior, settings.rounds_max, settings.variational, settings.foretold_loss_max};
  return "prior " + words[0].dump() + ", rounds " + words[1].dump() + ", variational " + words[2].dump() + ", loss " +
         words[3].dump();
}

// On the sets that count, with all answers and with few of them: of the settings that are no more than a standard error
// worse than the best, the first in the grid, which begins with those that bind the fit most (the one-standard-error
// rule, Breiman et al. 1984). The best itself would be the one that suits these sets by chance.
// `accuracy`: [settings][set], the mean of both.
std::size_t chosen_by(const std::vector<bool>& counts, const std::vector<std::vector<double>>& accuracy) {
  const auto means_of = [&](std::size_t settings) {
    std::vector<double> means;
    for (std::size_t set = 0; set < counts.size(); ++set) {
      if (counts[set]) means.push_back(accuracy[settings][set]);
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

// All but the set and its siblings, which may share workers, tasks or the hand that prepared them.
std::vector<bool> others_than(const std::vector<LabelSet>& sets, std::size_t left_out) {
  std::vector<bool> counts;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const bool is_sibling = !sets[i].origin.empty() && sets[i].origin == sets[left_out].origin;
    counts.push_back(i != left_out && !is_sibling);
  }
  if (std::count(counts.begin(), counts.end(), true) < 3) {
    throw std::runtime_error("--leave-one-out needs three sets of labels of other origin than " + sets[left_out].name);
  }
  return counts;
}

std::vector<LabelSet> load_labels(const Options& options) {
  std::vector<LabelSet> sets;
  for (LabelSet& set : load(options.folders)) {
    if (kind_for(set, options.kind) == Kind::labels) {
      sets.push_back(std::move(set));
    } else {
      leave_out(set.name, "--leave-one-out is about labels alone");
    }
  }
  return sets;
}

std::vector<std::vector<double>> accuracy_of(const std::vector<LabelSet>& sets,
                                             const std::vector<labels::PooledSettings>& grid, const Sample& few) {
  std::vector<std::vector<double>> accuracy(grid.size());
  for (std::size_t i = 0; i < grid.size(); ++i) {
    for (const LabelSet& set : sets) {
      stack::check_interrupted();
      const Right right = right_with(set, pooled_with(grid[i]), few);
      accuracy[i].push_back((mean_of(right.all) + mean_of(right.few)) / 2);
    }
  }
  return accuracy;
}

// A set that had no say, or the mean of all.
struct LeftOut {
  std::string name;
  std::string settings;
  double all = 0;  // Accuracy.
  double few = 0;
  std::vector<std::vector<double>> gained;  // Over the peer: by set, by task.
  std::vector<std::vector<double>> gained_few;
};

LeftOut left_out(const LabelSet& set, const labels::PooledSettings& settings, const Sample& few) {
  const Right right = right_with(set, pooled_with(settings), few);
  const Right other = right_with(set, dawid_skene(), few);
  return {set.name,           in_words(settings),           mean_of(right.all),
          mean_of(right.few), {gain(right.all, other.all)}, {gain(right.few, other.few)}};
}

LeftOut mean_left_out(const std::vector<LeftOut>& sets) {
  LeftOut mean{.name = "mean"};
  for (const LeftOut& set : sets) {
    mean.all += set.all / static_cast<double>(sets.size());
    mean.few += set.few / static_cast<double>(sets.size());
    mean.gained.push_back(set.gained.front());
    mean.gained_few.push_back(set.gained_few.front());
  }
  return mean;
}

Json line_of(const LeftOut& set) {
  Json line{{"set", set.name}, {"settings", set.settings}, {"accuracy", rounded(set.all)}};
  add_gain(line, "gain", set.gained);
  line["accuracy_few"] = rounded(set.few);
  add_gain(line, "gain_few", set.gained_few);
  return line;
}

// The default method, with settings chosen for each set by those of other origin.
void leave_one_out(Options options, bool json) {
  if (options.sample.answers == 0) options.sample.answers = 3;
  const auto grid = settings_to_choose_from();
  const std::vector<LabelSet> sets = load_labels(options);
  const auto accuracy = accuracy_of(sets, grid, options.sample);
  std::vector<LeftOut> found;
  std::vector<Json> lines;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    found.push_back(left_out(sets[i], grid[chosen_by(others_than(sets, i), accuracy)], options.sample));
    lines.push_back(line_of(found.back()));
  }
  if (found.empty()) throw std::runtime_error("no set was measured");
  lines.push_back(line_of(mean_left_out(found)));
  print(lines, json);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "How right each aggregation method is, on recorded answers whose truth is known: one line a set. Of labels it "
      "has\n"
      "accuracy and f1; of texts word_error_rate, of numbers mean_absolute_error, and null for these two. A set that\n"
      "cannot be measured is named on stderr and left out.",
      "tally-bench-quality");
  Options options;
  stack::BenchOptions common;
  app.add_option("DIR", options.folders,
                 "Folders with answers.csv (task,worker,label) and truth.csv (task,label), or folders of such folders")
      ->required();
  app.add_option("--method", options.method,
                 "An aggregation method; without it, the default one for labels, texts or numbers");
  app.add_option("--kind", options.kind, "What answers are; auto: few different ones are labels, else numbers or texts")
      ->check(CLI::IsMember({"auto", "labels", "numbers", "texts"}));
  app.add_option("--against", options.against,
                 "Another method for labels: what the first is better by, with a bootstrap's 95 % interval");
  app.add_option("--answers", options.sample.answers, "So many answers a task at most, drawn by chance; 0: all")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--draws", options.sample.draws, "How often they are drawn; what is printed is the mean")
      ->check(CLI::Range(1, 1000));
  app.add_option("--seed", options.sample.seed, "Of the first draw");
  app.add_flag("--leave-one-out", options.leave_one_out,
               "The default method with settings chosen for each set by those of other origin (README.md), and what it "
               "is better by than dawid_skene; --answers says how many are few");
  return stack::bench_main(app, common, argc, argv, [&] {
    options.leave_one_out ? leave_one_out(options, common.json) : measure_all(options, common.json);
  });
}
