#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "schemas/messages.h"
#include "tools/stack/people.h"

// The demo: simulated people work on a batch whose truth is known, and what came of it.
namespace tally::stack {

// How a simulated person works.
struct WorkerKind {
  std::string name;
  int right_percent = 0;       // Otherwise another option, at random. 0: any option, without looking.
  std::int64_t thinks_ms = 0;  // On average.
};
// Of `count` workers: two spammers; of the others half careful, half hasty.
[[nodiscard]] std::vector<WorkerKind> demo_workers(std::size_t count);

// truth.csv: the right answer by the item's first column. The error names the line.
[[nodiscard]] Result<std::map<std::string, std::string>, std::string> load_truth(const std::filesystem::path& file);

struct DemoConfig {
  std::map<std::string, std::string> truth;
  std::size_t workers = 30;
  std::size_t threads = 2;
  std::uint64_t seed = 1;
  double pace = 1;  // 2: twice as fast; 0: nobody stops to think.
};

// Enrols the workers and lets them work on the requester's newest project until all of its tasks are closed; then
// reports to `out`: accuracy beside that of a single answer a task, what it cost, who earned what. The project's first
// field is the one with a truth. Progress goes to `progress`. Throws std::runtime_error.
void run_demo(const DemoConfig& config, const Person& admin, const Person& requester, std::ostream& out,
              std::ostream& progress, const std::atomic<bool>& interrupted);

struct WorkerTotal {
  std::string name;
  std::int64_t answers = 0;
  std::int64_t right = 0;
  std::int64_t paid_answers = 0;
  Micros earned;
};
struct DemoTotals {
  std::int64_t tasks = 0;
  std::int64_t settled = 0;
  std::int64_t right = 0;        // Settled, and so.
  std::int64_t first_right = 0;  // Tasks that were right in the hands of whoever was first given them.
  std::int64_t answers = 0;
  Micros paid;         // To workers.
  Micros cost;         // With the platform's fees.
  Micros single_cost;  // Of one answer for every task.
  std::map<AccountId, WorkerTotal> workers;

  void take(const ResultRow& row, const std::map<std::string, std::string>& truth);
};
[[nodiscard]] std::string report_of(const DemoTotals& totals, const std::string& currency);

}  // namespace tally::stack
