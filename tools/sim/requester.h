#pragma once

#include <cstdint>
#include <string>

#include "tools/sim/person.h"
#include "tools/sim/projects.h"

namespace tally::sim {

// Posts projects of several forms, and does with them what requesters do: pauses, extends, ends, reviews, gives
// bonuses. The program they use may be cut off in the middle of posting, and goes on.
class Requester final : public Person {
 public:
  Requester(Environment& environment, Network& network, std::string name, NoticeBoard& board, std::int64_t projects_max)
      : Person(environment, network, std::move(name)),
        environment_(environment),
        board_(board),
        projects_left_(projects_max) {}

  // From now on no new project, and nothing but what brings those that there are to their end. Each minute again.
  void finish();

 protected:
  void begin() override { next_project(); }

 private:
  void next_project();
  void open(OpenProject open);
  void post(ProjectId project, std::int64_t first, std::int64_t items, std::int64_t part_size);
  void post_run(ProjectId project, std::int64_t first, std::int64_t last, std::int64_t items, std::int64_t part_size);
  void meddle(ProjectId project);
  void review(ProjectId project);
  void judge(const AnswerRow& answer);
  void change(ProjectId project, ProjectAction action);

  Environment& environment_;
  NoticeBoard& board_;
  std::int64_t projects_left_;
  std::int64_t keys_ = 0;
  bool is_finishing_ = false;
  std::int64_t times_finished_ = 0;
};

}  // namespace tally::sim
