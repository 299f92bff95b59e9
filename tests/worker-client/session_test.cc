#include "worker-client/session.h"

#include "tests/worker-client/play.h"

using namespace tally;
using namespace tally::worker;

namespace {

constexpr Time start{1'000'000};
Time at(std::int64_t ms) { return start + Duration{ms}; }

TaskOffer leased_for(std::int32_t no, std::int64_t ms) {
  TaskOffer task = bird_task(no);
  task.lease_left_ms = ms;
  return task;
}

void give(Session& session, const std::vector<TaskOffer>& tasks, Time now = start) {
  session.asked(std::ssize(tasks));
  session.given(std::ssize(tasks), tasks, now);
}

}  // namespace

TEST_CASE("a session asks for as many tasks as can be worked on, less those it has and those under way") {
  Session session({.at_once = 4});
  CHECK(session.wanted(start) == 4);
  session.asked(4);
  CHECK(session.wanted(start) == 0);
  session.given(4, std::vector<TaskOffer>{bird_task(1), bird_task(2)}, start);
  CHECK(session.wanted(start) == 2);
  CHECK(session.begin(start).has_value());
  CHECK(session.wanted(start) == 2);
  session.answered(assignment(1), at(5));
  CHECK(session.wanted(start) == 3);
  CHECK(session.answers() == 1);
}

TEST_CASE("the broker's bound on leases and the number of answers wanted bound what is asked for") {
  CHECK(Session({.at_once = 10, .leases_max = 3}).wanted(start) == 3);
  Session session({.at_once = 10, .count_max = 2});
  CHECK(session.wanted(start) == 2);
  give(session, {bird_task(1)});
  CHECK(session.wanted(start) == 1);
  CHECK(session.begin(start).has_value());
  session.handed_back(assignment(1));
  CHECK(session.wanted(start) == 2);  // What was handed back was no answer.
  give(session, {bird_task(2)});
  CHECK(session.begin(start).has_value());
  session.answered(assignment(2), start);
  CHECK_FALSE(session.is_complete());
  give(session, {bird_task(3)});
  CHECK(session.begin(start).has_value());
  session.answered(assignment(3), start);
  CHECK(session.is_complete());
  CHECK(session.wanted(start) == 0);
}

TEST_CASE("tasks are leased ahead only once they prove to be quick beside the lease") {
  Session session({.at_once = 1, .prefetch = true});
  CHECK(session.wanted(start) == 1);
  give(session, {leased_for(1, 10'000)});
  CHECK(session.begin(start).has_value());
  session.answered(assignment(1), at(50));
  CHECK(session.wanted(start) == 3);
  // Slow ones: the average soon says so.
  for (std::int32_t no = 2; no < 6; ++no) {
    give(session, {leased_for(no, 10'000)});
    CHECK(session.begin(start).has_value());
    session.answered(assignment(no), at(4'000));
  }
  CHECK(session.wanted(start) == 1);
}

TEST_CASE("a task that is given twice is held once") {
  Session session({.at_once = 3});
  give(session, {bird_task(1), bird_task(1)});
  CHECK(session.held() == 1);
  CHECK(session.begin(start).has_value());
  give(session, {bird_task(1)});
  CHECK(session.held() == 1);
  CHECK(session.waiting().empty());
}

TEST_CASE("the task whose lease ends first is begun first, unless another is preferred") {
  Session session({.at_once = 3});
  give(session, {leased_for(1, 3'000), leased_for(2, 1'000), leased_for(3, 2'000)});
  CHECK(session.begin(start)->offer.assignment == assignment(2));
  CHECK(session.begin(start, assignment(1))->offer.assignment == assignment(1));
  CHECK(session.begin(start, assignment(99))->offer.assignment == assignment(3));
  CHECK_FALSE(session.begin(start));
}

TEST_CASE("a task put back is there again") {
  Session session({.at_once = 1});
  give(session, {bird_task(1)});
  const OpenTask task = *session.begin(start);
  session.put_back(task);
  CHECK(session.held() == 1);
  CHECK(session.begin(start)->offer.assignment == assignment(1));
}

TEST_CASE("a waiting task with hardly any time left is given up, and all of them when stopping") {
  Session session({.at_once = 3});
  give(session, {leased_for(1, 10'000), leased_for(2, 100'000)});
  CHECK(session.take_unwanted(start).empty());
  const auto late = session.take_unwanted(at(9'500));
  REQUIRE(late.size() == 1);
  CHECK(late[0].offer.assignment == assignment(1));
  session.stop();
  CHECK(session.wanted(start) == 0);
  CHECK(session.take_unwanted(start).size() == 1);
  CHECK(session.held() == 0);
}

TEST_CASE("a broker that says it has nothing for good is not asked again at once, and one that waited is") {
  Session session({.at_once = 1});
  session.asked(1);
  session.given(1, {}, start);
  session.nothing(NoWork::all_tasks_taken, start);
  CHECK(session.wanted(start) == 1);
  session.nothing(NoWork::project_ended, start);
  CHECK(session.wanted(start) == 0);
  CHECK(session.wanted(session.ask_again_at()) == 1);
  session.nothing(NoWork::tasks_loading, start);
  CHECK(session.ask_again_at() <= at(1'000));
  CHECK(session.ask_again_at() > start);
}

TEST_CASE("work ends before the lease does, by a tenth of it and five seconds at most") {
  CHECK(work_deadline({leased_for(1, 0), start, at(10'000)}) == at(9'000));
  CHECK(work_deadline({leased_for(1, 0), start, at(600'000)}) == at(595'000));
  CHECK(work_deadline({leased_for(1, 0), at(20'000), at(10'000)}) == at(10'000));
}
