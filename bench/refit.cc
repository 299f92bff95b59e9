// tally-bench-refit: how long it takes to estimate labels from all answers of a large project at once, and how much
// memory. Beside it, in the same run, the same algorithm in numpy. One line of JSON. docs/performance.md says what it
// means.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "aggregate/threads.h"
#include "common/aggregation/labels/confusion_model.h"
#include "common/aggregation/labels/method.h"
#include "tools/stack/bench_main.h"
#include "tools/stack/measuring.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;
namespace labels = tally::aggregation::labels;
using Json = nlohmann::ordered_json;

struct Options {
  std::int32_t tasks = 1'000'000;
  std::int32_t answers = 5;  // A task.
  std::int32_t workers = 5'000;
  std::int32_t labels = 4;
  int rounds = 10;
  int threads = 2;
  std::string peer;  // The script; empty: none.
};

// Workers who are right seven times of ten, sorted by task.
std::vector<labels::Answer> crowd(const Options& options) {
  std::mt19937_64 random(1);
  const auto below = [&](std::int32_t bound) {
    return static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(bound));
  };
  std::vector<labels::Answer> answers;
  answers.reserve(static_cast<std::size_t>(options.tasks) * static_cast<std::size_t>(options.answers));
  for (std::int32_t task = 0; task < options.tasks; ++task) {
    const std::int32_t truth = below(options.labels);
    for (std::int32_t i = 0; i < options.answers; ++i) {
      answers.push_back({task, below(options.workers), below(10) < 7 ? truth : below(options.labels)});
    }
  }
  return answers;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double seconds_of_fit(const labels::AnswerTable& table, int rounds, int threads) {
  aggregate::Threads workforce(threads);
  labels::ConfusionSettings settings;
  settings.rounds_max = rounds;
  settings.change_min = -1;  // All rounds.
  return seconds_of([&] { static_cast<void>(labels::fit_confusion({table}, settings, workforce)); });
}

double seconds_of_peer(const Options& options, const std::vector<labels::Answer>& answers) {
  const stack::TemporaryFolder folder("tally-bench");
  const std::string file = folder.path() / "answers";
  static_assert(sizeof(labels::Answer) == 3 * sizeof(std::int32_t));
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(answers.data()),
            static_cast<std::streamsize>(answers.size() * sizeof(labels::Answer)));
  if (!out.flush()) throw std::runtime_error("cannot write " + file);
  const std::string command =
      "timeout 600 /usr/bin/python3 '" + options.peer + "' '" + file + "' " + std::to_string(options.rounds);
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no shell for " + command);
  double seconds = 0;
  const int read = std::fscanf(pipe, "%lf", &seconds);
  if (::pclose(pipe) != 0 || read != 1) throw std::runtime_error("failed (is python3-numpy installed?): " + command);
  return seconds;
}

void measure(const Options& options) {
  std::vector<labels::Answer> answers = crowd(options);
  const auto count = static_cast<double>(answers.size());
  Json line{{"bench", "refit"},           {"tasks", options.tasks},   {"answers_per_task", options.answers},
            {"workers", options.workers}, {"labels", options.labels}, {"rounds", options.rounds}};
  double peer = 0;
  if (!options.peer.empty()) peer = seconds_of_peer(options, answers);
  stack::check_interrupted();

  const labels::AnswerTable table({options.tasks, options.workers, options.labels}, answers);
  answers = {};
  const double one = seconds_of_fit(table, options.rounds, 1);
  stack::check_interrupted();
  const double many = seconds_of_fit(table, options.rounds, options.threads);
  stack::check_interrupted();
  const auto per_answer_round = [&](double seconds) {
    return stack::rounded(seconds * 1e9 / count / options.rounds);  // Nanoseconds.
  };
  line["seconds"] = stack::rounded(one);
  line["ns_per_answer_round"] = per_answer_round(one);
  line["threads"] = options.threads;
  line["seconds_threads"] = stack::rounded(many);
  if (peer > 0) {
    line["numpy_seconds"] = stack::rounded(peer);
    line["numpy_ns_per_answer_round"] = per_answer_round(peer);
    line["times_numpy"] = stack::rounded(peer / one);
  }
  aggregate::Threads workforce(options.threads);
  line["default_method"] = labels::methods().preferred().name;
  line["default_seconds"] = stack::rounded(
      seconds_of([&] { static_cast<void>(labels::methods().preferred().estimate({table}, workforce)); }));
  line["peak_mb"] = stack::peak_kib(::getpid()) / 1024;
  std::cout << line.dump() << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How long it takes to estimate labels from all answers of a large project at once.",
               "tally-bench-refit");
  Options options;
  stack::BenchOptions common;
  app.add_option("--tasks", options.tasks, "How many")->check(CLI::Range(1, 100'000'000));
  app.add_option("--answers", options.answers, "Of each task")->check(CLI::Range(1, 100));
  app.add_option("--workers", options.workers, "Who give them")->check(CLI::Range(1, 10'000'000));
  app.add_option("--labels", options.labels, "To choose from")->check(CLI::Range(2, 100));
  app.add_option("--rounds", options.rounds, "Of expectation maximisation")->check(CLI::Range(1, 1000));
  app.add_option("--threads", options.threads, "For the second measurement")->check(CLI::Range(1, 256));
  app.add_option("--numpy", options.peer, "The script of the peer; without it, none")->check(CLI::ExistingFile);
  return stack::bench_main(app, common, argc, argv, [&] { measure(options); });
}
