#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "worker-client/earned.h"
#include "worker-client/form_reader.h"
#include "worker-client/line_source.h"
#include "worker-client/outbox.h"
#include "worker-client/projects.h"
#include "worker-client/sender.h"
#include "worker-client/session.h"
#include "worker-client/stop.h"
#include "worker-client/wire.h"
#include "worker-client/work_config.h"

namespace tally::worker {

// Work with the keyboard: a task is shown, its form read, its answer sent, and so on until somebody stops it.
class TerminalWork {
 public:
  // Borrows all.
  TerminalWork(Wire& wire, const Outbox& outbox, LineSource& lines, Stop& stop, std::ostream& screen,
               WorkConfig config);

  // The exit code. What could not be sent stays in the outbox, and the last line says so.
  int run();

 private:
  struct GaveUp {};   // Stopped, and no reply in time.
  struct MustEnd {};  // Nothing can succeed any more; why has been shown.
  struct Pulling {
    std::uint64_t request = 0;
    std::int64_t count = 0;
  };
  using AnyReply = Result<Reply, Refusal>;

  AnyReply ask(const Request& request) { return wait_for(wire_.send(request)); }
  AnyReply wait_for(std::uint64_t request);
  std::optional<AnyReply> take_reply(std::uint64_t request);
  void listen(Time since, bool at_keyboard);
  void show_trouble();
  void show_refusal(const std::string& about, const Refusal& refusal);
  bool is_asked_to_stop();

  void deliver_left_over();
  void deliver(std::int64_t next);
  void show_outcome(const SubmitOutcome& outcome);
  void ask_for_news();
  void show_earned();

  void return_unwanted();
  void give_back(AssignmentId assignment, HandBackHow how);
  void take_back_skip();
  void pull();
  void await_pull();
  void pulled(const AnyReply& reply);
  void no_work(NoWork why);
  void train(ProjectId project);
  [[noreturn]] void end_shut_out(ProjectId project, NoWork why);
  void look_at_keyboard();

  const ProjectSpec* described(ProjectId project);
  const ProjectSpec* spec_of(const OpenTask& task);
  void show_task(const OpenTask& task, const ProjectSpec& spec);
  void work_on(const OpenTask& task);
  bool carry_out(Choice choice, const OpenTask& task, const AnswerValues& draft);
  bool hand_in(const OpenTask& task, const AnswerValues& draft);

  Wire& wire_;
  const Outbox& outbox_;
  LineSource& lines_;
  Stop& stop_;
  std::ostream& screen_;
  WorkConfig config_;

  Session session_;
  Sender sender_;
  Projects projects_;
  Earned earned_;
  std::map<AssignmentId, Micros> rewards_;       // Of answers under way.
  std::map<AssignmentId, AnswerValues> drafts_;  // Of tasks that were put back.
  std::vector<AssignmentId> handed_back_;        // The last one is taken back first.
  std::set<ProjectId> introduced_;               // Whose instructions were shown.
  std::map<std::uint64_t, AnyReply> replies_;    // That nobody has asked for yet.
  std::optional<Pulling> pull_;
  std::optional<AssignmentId> preferred_;  // The task that was taken back.
  std::optional<Time> stopped_at_;
  std::string trouble_shown_;
  std::string earned_shown_;
  std::optional<NoWork> no_work_shown_;
  int unusable_ = 0;      // Tasks in a row that this program cannot show.
  bool is_over_ = false;  // There is no more work, and that is the end.
};

}  // namespace tally::worker
