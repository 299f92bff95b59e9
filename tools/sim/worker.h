#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/person.h"
#include "tools/sim/projects.h"

namespace tally::sim {

enum class WorkerKind {
  honest,
  lazy,       // The same answer to everything.
  spamming,   // Any answer.
  colluding,  // The wrong answer that others of them give too.
  repeating,  // Sends old messages again, and other answers to what was answered.
  crashing,   // Takes tasks and is gone; comes back without memory.
  skipping,   // Hands tasks back, and takes some of them again.
  dawdling,   // Hands in late, when the lease is over.
};
inline constexpr std::array worker_kinds{WorkerKind::honest,    WorkerKind::lazy,      WorkerKind::spamming,
                                         WorkerKind::colluding, WorkerKind::repeating, WorkerKind::crashing,
                                         WorkerKind::skipping,  WorkerKind::dawdling};

class Worker final : public Person {
 public:
  Worker(Environment& environment, Network& network, std::string name, WorkerKind kind, const NoticeBoard& board)
      : Person(environment, network, std::move(name)), kind_(kind), board_(board) {}

  // From now on an honest one.
  void reform();

 protected:
  void begin() override { pull(); }

 private:
  void pull();
  void pull_later(Duration most);
  void take(std::vector<TaskOffer> offers);
  void hand_in();
  void hand_back(const TaskOffer& offer);
  void misbehave();
  void train_for_some();
  void train(ProjectId project);
  void go_on(ProjectId project, const TrainingStep& step);
  [[nodiscard]] AnswerValues answer(const TaskOffer& offer);

  WorkerKind kind_;
  const NoticeBoard& board_;
  std::vector<TaskOffer> tasks_;
  std::vector<SubmittedAnswer> last_;  // Handed in.
  std::set<ProjectId> training_for_;   // Under way.
};

}  // namespace tally::sim
