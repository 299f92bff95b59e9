#pragma once

#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "worker-client/earned.h"
#include "worker-client/exec_program.h"
#include "worker-client/exec_training.h"
#include "worker-client/outbox.h"
#include "worker-client/projects.h"
#include "worker-client/sender.h"
#include "worker-client/session.h"
#include "worker-client/stop.h"
#include "worker-client/wire.h"
#include "worker-client/work_config.h"

namespace tally::worker {

struct ExecConfig {
  WorkConfig work;
  std::vector<std::string> command;       // The program's path, then its arguments.
  std::int64_t parallel = 1;              // Programs, each with one task at a time.
  std::optional<Duration> task_time_max;  // Besides the end of the lease.
  Duration restart_after{1'000};          // After a failure; then twice as long each time,
  Duration restart_after_max{30'000};     // up to this.
  int failures_max = 5;                   // Of one program in a row, then all ends.
  Duration grace{30'000};                 // When stopping: how long programs may finish what they have begun.
  int end_patience_ms = 2'000;            // For programs to end by themselves, and again after SIGTERM.
};

// Work by programs: tasks go to them as JSON lines, answers come from them. Everything that is under way is watched in
// one place, run().
class ExecLoop {
 public:
  // Borrows all.
  ExecLoop(Wire& wire, const Outbox& outbox, Stop& stop, std::ostream& log, ExecConfig config);
  ~ExecLoop();

  // The exit code. What could not be sent stays in the outbox, and the last line says so.
  int run();

 private:
  struct Slot {
    std::unique_ptr<ExecProgram> program;  // Null while it waits to be started again.
    std::optional<OpenTask> task;
    std::optional<TrainingOffer> training;     // In place of a task.
    std::optional<TrainingFeedback> feedback;  // That its program has not been told.
    Time work_until;                           // When there is a task.
    Time start_at;                             // When there is no program.
    Time ready_at;                             // A task given to a program that ends as it starts would be lost to us.
    int failures = 0;                          // In a row.

    [[nodiscard]] bool is_at_work() const { return task || training; }
  };

  void look_at_stop();
  void end_work(int code, const std::string& why);
  bool is_done();
  bool is_at_work() const;

  void start(Slot& slot);
  void tend(Slot& slot);
  void heard_line(Slot& slot, const std::string& line);
  void heard_training_answer(Slot& slot, const std::string& line);
  void failed(Slot& slot, const std::string& what, bool keep_program);
  void give_up_task(Slot& slot, HandBackHow how);
  void give_up_work(Slot& slot);

  void return_unwanted();
  void hand_back(AssignmentId assignment, HandBackHow how);
  void describe();
  void describe(ProjectId project);
  void assign();
  void assign_training();
  void ask();
  void listen();
  Duration time_to_wait() const;
  void arrived(const Wire::Arrived& arrived);
  void pulled(const Wire::Arrived& arrived);
  void delivered(const Sender::Report& report);
  void described(ProjectId project, const Wire::Arrived& arrived);
  void trained(const ExecTraining::Report& report);
  void no_work(NoWork why);
  void shut_out(const Wire::Arrived& arrived);
  void refused(const std::string& about, const Refusal& refusal);
  void show_trouble();
  void show_progress();
  void say(const std::string& text);

  Wire& wire_;
  const Outbox& outbox_;
  Stop& stop_;
  std::ostream& log_;
  ExecConfig config_;

  Session session_;
  Sender sender_;
  Projects projects_;
  Earned earned_;
  ExecTraining training_;
  std::vector<Slot> slots_;
  std::size_t trainee_ = 0;                        // The slot whose program answered the last training task.
  std::map<AssignmentId, Micros> rewards_;         // Of answers under way.
  std::set<std::uint64_t> hand_backs_;             // Requests.
  std::map<std::uint64_t, ProjectId> describing_;  // Requests.
  std::optional<std::uint64_t> pull_;              // Request.
  std::optional<std::uint64_t> standing_;          // Request: what is missing to work on the project.
  NoWork shut_out_why_ = NoWork::not_qualified;    // When it was made.
  std::int64_t pull_count_ = 0;
  bool no_work_ = false;  // Said by the last pull.
  int code_ = 0;
  std::int64_t returned_ = 0;
  std::optional<Time> stopped_at_;
  std::optional<Time> closing_since_;
  std::optional<Time> unconnected_since_;
  std::string trouble_shown_;
  std::optional<NoWork> no_work_shown_;
  std::int64_t answers_shown_ = 0;
  Time progress_at_;
};

}  // namespace tally::worker
