#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>

#include "schemas/project_spec.h"
#include "tools/stack/recorded_set.h"
#include "tools/stack/replay_check.h"

namespace tally::stack {

struct ReplayConfig {
  std::filesystem::path broker;  // The program.
  std::filesystem::path data;    // Its folder; empty: a temporary one.
  bool keep = false;             // The temporary folder stays.
  std::string field_type = "auto";
  bool all = false;                // Every recorded answer is bought.
  Redundancy redundancy{3, 5, 2};  // Otherwise.
  bool max_all = false;            // A task gets at most as many answers as were recorded for any.
  bool in_order = false;           // All answers of all workers in one order, by the seed.
  std::size_t gold = 0;            // So many tasks of known truth, drawn by the seed, are posted with it.
  Micros reward{10'000};
  std::size_t workers_max = 0;  // 0: all.
  std::size_t threads = 2;
  std::int64_t tasks_in_hand_max = 20;
  // kill -9, so many times, at random places among the answers.
  std::int64_t broker_kills = 0;
  std::int64_t postgres_kills = 0;
  std::uint64_t seed = 1;
  std::int64_t time_max_ms = 900'000;  // For handing out.
};

struct ReplayReport {
  std::string set;
  std::string method;  // By which the broker decides.
  std::int64_t workers = 0;
  std::int64_t repeated = 0;
  std::int64_t acknowledged = 0;
  double seconds = 0;  // From the first pull to the last acknowledgement.
  double accuracy_single = 0;
  std::int64_t asked_ppm = 0;  // The confidence, where one was asked for; and what could have been settled at best.
  double coverage_best = 0;
  std::int64_t gold = 0;
  std::int64_t broker_kills = 0;
  std::int64_t postgres_kills = 0;
  Findings findings;
  std::string audit;

  [[nodiscard]] bool is_fine() const { return audit == "clean" && findings.wrong_count == 0; }
};

// Posts the set to a broker of its own and gives every recorded worker a client of its own, until no answer is left.
// What people want to know meanwhile goes to `progress`. Throws std::runtime_error when it cannot be played to its end,
// also because `interrupted` was set.
[[nodiscard]] ReplayReport replay(const ReplayConfig& config, const RecordedSet& set, const FieldSpec& field,
                                  std::ostream& progress, const std::atomic<bool>& interrupted);

// One line of JSON: that of `bench quality` (set, method, tasks, answers_per_task, accuracy, f1, seconds), and more.
// `tasks` are those of known truth that are no gold, `tasks_all` all that were posted.
[[nodiscard]] std::string to_json(const ReplayReport& report);

}  // namespace tally::stack
