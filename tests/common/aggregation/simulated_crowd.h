#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/aggregation/conduct/conduct.h"

// A crowd that never was, made by a seed: who looks, who does not, and a ring. The same plan and seed give the same
// crowd.
namespace tally::aggregation::conduct {

enum class Manner { looks, random, constant, always_first, copies };

struct CrowdPlan {
  std::int32_t workers = 60;
  std::int32_t tasks = 600;
  std::int32_t labels = 4;
  std::int32_t answers_min = 5;  // Of a task.
  std::int32_t answers_max = 7;
  double spammers = 0.3;  // Of all workers; a third each at random, constant, and always first.
  double skill_min = 0.6;
  double skill_max = 0.95;
  std::int32_t experts = 0;  // Of those who look: who is right in 99 of a hundred.
  // The ring takes the same tasks on purpose: of ring_tasks, each is answered by ring_of_task of its members.
  std::int32_t ring = 5;
  std::int32_t ring_tasks = 120;
  std::int32_t ring_of_task = 3;
  double ring_skill = 0.5;  // Of the one they copy from.
  double gold = 0;          // The share of tasks whose truth is told.
  // So many tasks tempt who errs to one and the same wrong label, and to err twice as often.
  double tempting = 0;
  bool is_timed = false;  // Spammers take a tenth of the time.
};

struct SimulatedCrowd {
  CrowdPlan plan;
  std::vector<Manner> manners;  // By worker.
  std::vector<Answer> answers;
  std::vector<std::int32_t> truth;  // By task.
  std::vector<std::int32_t> gold;   // By task: the truth where it is told.

  [[nodiscard]] ConductInput input() const {
    return {.size = {plan.tasks, plan.workers, plan.labels}, .answers = answers, .gold = gold, .first_option = 0};
  }
};

[[nodiscard]] SimulatedCrowd simulated_crowd(const CrowdPlan& plan, std::uint64_t seed);

// How the signals of one crowd compare with what it is.
struct Found {
  int lookers = 0;
  int lookers_accused = 0;         // By any signal.
  int lookers_called_copying = 0;  // Of them.
  int spammers = 0;
  int spammers_found = 0;        // By any signal.
  int spammers_named_right = 0;  // By the signal of their own manner.
  int ring = 0;
  int ring_found = 0;
  int ring_alike = 0;  // In a group of Conduct::alike.
  int lookers_alike = 0;
  int rings = 0;  // As they were joined.

  void add(const Found& other);
};

[[nodiscard]] Found compare(const SimulatedCrowd& crowd, const Conduct& conduct);

}  // namespace tally::aggregation::conduct
