#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/core/turn.h"

// How a task reaches a worker: finding one, and leasing it. Inside the core only.
namespace tally::core {

struct Asker {
  Peer from;
  AccountId worker;
};

// How much of a reply its items may take: a worker gets fewer of those that are large, but always one.
class ReplyRoom {
 public:
  explicit ReplyRoom(const Turn& turn) : bytes_max_(turn.state.limits.reply_bytes_max) {}
  [[nodiscard]] bool has_room(const TaskPart& tasks) const {
    return bytes_ == 0 || bytes_ + tasks.item_bytes_max <= bytes_max_;
  }
  void take(const TaskPart& tasks) { bytes_ += tasks.item_bytes_max; }

 private:
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;
};

// What looking for work came to.
struct Search {
  std::vector<TaskOffer> tasks;
  NoWork no_work = NoWork::no_open_project;
  std::optional<PartId> missing;  // A part that has to be read before more can be said.
};

// Looks in one project, or in all that are open, going on after the one that was served last; leases what it finds.
[[nodiscard]] Search search_work(const Turn& turn, const Asker& asker, std::optional<ProjectId> project,
                                 std::int64_t asked);

// The leases that this very request made before: it was sent again. REQUIRES have_parts_of_leases(), which otherwise
// has let the command wait for them.
[[nodiscard]] bool have_parts_of_leases(const Turn& turn, const Asker& asker);
[[nodiscard]] std::vector<TaskOffer> made_before(const Turn& turn, const Asker& asker);

TaskOffer lease(const Turn& turn, Part& part, std::int32_t task, const Asker& asker);

// Whether this worker was ever given the task.
[[nodiscard]] bool had(const TaskPart& tasks, std::int32_t task_no, AccountId worker);
[[nodiscard]] bool had(const TaskPart& tasks, const Task& task, AccountId worker);

// Why nothing is handed out in a project of this state.
[[nodiscard]] NoWork reason_of(ProjectState state);

// How many more tasks this worker may lease: now, of those asked for; and in a project that bounds them.
[[nodiscard]] std::int64_t leases_left(const Turn& turn, AccountId worker, std::int64_t asked);
[[nodiscard]] std::int64_t places_left_of_worker(const Turn& turn, ProjectId project, std::int64_t tasks_per_worker_max,
                                                 AccountId worker);

// Where a project bounds the tasks of one worker, the control part counts them, so it must be in memory.
[[nodiscard]] bool is_counted(const Part& part);
void count_worker(const Turn& turn, const Part& part, AccountId worker, std::int64_t change);

}  // namespace tally::core
