// The training round before paid work: its order, what is said of each answer, and what passing leads to.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "common/codec/codec.h"
#include "schemas/qualification_name.h"
#include "tests/broker/core/market.h"
#include "tests/broker/core/rebuilt.h"

namespace tally::core {
namespace {

AnswerValues is(const std::string& bird) { return {{"bird", {bird}}}; }

const std::vector<std::string> truth{"bunting", "grosbeak", "other"};
const std::vector<std::string> one_wrong{"bunting", "other", "other"};
const std::vector<std::string> all_wrong{"other", "bunting", "bunting"};

// Three tasks to learn on, of which two must be right.
ProjectSpec with_training() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  spec.pull_by_item = true;
  spec.training.pass_ppm = 600'000;
  spec.training.rounds_max = 2;
  spec.training.grants = "birds";
  for (const std::string& bird : truth)
    spec.training.tasks.push_back({{"picture of " + bird}, is(bird), "see " + bird});
  return spec;
}

struct School : Market {
  explicit School(const ProjectSpec& spec = with_training(), std::int64_t items = 3) : project(open(spec, items)) {}

  [[nodiscard]] PartId control_id() const { return control_part_of(project); }
  TrainingStep ask(const std::string& key = "ann") { return world.get<TrainingStep>(key, Train{project, {}}); }
  static Train answer_of(ProjectId project, std::int64_t round, std::int32_t no, AnswerValues values) {
    return Train{project, TrainingAnswer{round, no, std::move(values)}};
  }
  TrainingStep say(std::int64_t round, std::int32_t no, const AnswerValues& values, const std::string& key = "ann") {
    return world.get<TrainingStep>(key, answer_of(project, round, no, values));
  }
  RefusalCode refused_to_say(std::int64_t round, std::int32_t no, const AnswerValues& values = is("bunting")) {
    return world.refused("ann", answer_of(project, round, no, values));
  }
  // A whole round; gives its last step.
  TrainingStep do_round(std::int64_t round, const std::vector<std::string>& birds, const std::string& key = "ann") {
    TrainingStep last;
    for (std::size_t i = 0; i < birds.size(); ++i)
      last = say(round, static_cast<std::int32_t>(i + 1), is(birds[i]), key);
    return last;
  }
  [[nodiscard]] std::size_t answers_counted() const { return world.records_of<TrainingAnswered>(control_id()).size(); }
  [[nodiscard]] std::size_t rounds_ended() const { return world.records_of<TrainingEnded>(control_id()).size(); }
  // The last records of the control part were never stored: it is what it was when it had so many.
  void undo_to(std::size_t records) {
    world.journal[control_id()].resize(records);
    world.reload(control_id());
  }
  std::vector<QualificationRow> qualifications(const std::string& key = "ann") {
    return world.get<StandingPage>(key, GetStanding{}).qualifications;
  }
  ProjectStanding standing() { return world.get<StandingPage>("ann", GetStanding{{}, project}).in_project.value(); }

  AccountId ann = worker("ann");
  ProjectId project;
};

std::string bytes_of(const TrainingStep& step) { return codec::encode(step, codec::Form::named); }

}  // namespace

TEST_CASE("training tasks come in their order, each answer is told what is right, and who passes is served") {
  School school;
  CHECK(school.pull("ann", school.project).no_work == NoWork::training_needed);
  const TrainingStep begin = school.ask();
  CHECK_FALSE(begin.feedback.has_value());
  REQUIRE(begin.next.has_value());
  CHECK(begin.next->round == 1);
  CHECK(begin.next->no == 1);
  CHECK(begin.next->values == std::vector<std::string>{"picture of bunting"});
  CHECK(begin.tasks == 3);
  CHECK(begin.right_min == 2);
  CHECK(begin.rounds_left == 2);
  // To ask again begins nothing anew.
  CHECK(bytes_of(school.ask()) == bytes_of(begin));

  const TrainingStep first = school.say(1, 1, is("bunting"));
  REQUIRE(first.feedback.has_value());
  CHECK(first.feedback->no == 1);
  CHECK(first.feedback->is_right);
  CHECK(first.feedback->gold == is("bunting"));
  CHECK(first.feedback->explanation == "see bunting");
  CHECK(first.right == 1);
  REQUIRE(first.next.has_value());
  CHECK(first.next->no == 2);

  const TrainingStep second = school.say(1, 2, is("bunting"));
  CHECK_FALSE(second.feedback->is_right);
  CHECK(second.feedback->gold == is("grosbeak"));
  CHECK(second.right == 1);
  CHECK(second.next->values == std::vector<std::string>{"picture of other"});
  CHECK(school.ask().next->no == 3);
  CHECK(school.pull("ann", school.project).no_work == NoWork::training_needed);

  const TrainingStep last = school.say(1, 3, is("other"));
  CHECK(last.is_passed);
  CHECK(last.right == 2);
  CHECK_FALSE(last.next.has_value());
  CHECK(last.rounds_left == 0);
  CHECK(school.pull("ann", school.project).tasks.size() == 1);
  CHECK_FALSE(school.ask().next.has_value());
  check_rebuilt(school.world);
  check_snapshots(school.world);
}

TEST_CASE("training is unpaid and touches no task") {
  School school;
  const auto records = school.world.journal.at(part_of(school.project, 1)).size();
  school.do_round(1, truth);
  CHECK(school.world.journal.at(part_of(school.project, 1)).size() == records);
  CHECK(school.tasks(school.project).assignments.empty());
  CHECK(school.world.wallet(school.ann) == Micros{});
  CHECK(school.world.sum() == Micros{});
}

TEST_CASE("a training answer that is sent again has the same reply and is counted once, wherever in the round it is") {
  School school;
  const auto repeats = GENERATE(as<std::string>{}, "at once", "after a reload", "with another answer");
  INFO(repeats);
  std::size_t counted = 0;
  for (const std::int64_t round : {1, 2}) {
    const auto& birds = round == 1 ? all_wrong : one_wrong;
    for (std::int32_t no = 1; no <= 3; ++no) {
      const std::string& bird = birds[static_cast<std::size_t>(no) - 1];
      const TrainingStep step = school.say(round, no, is(bird));
      ++counted;
      if (repeats == "after a reload") school.world.reload(school.control_id());
      const TrainingStep again = school.say(round, no, is(repeats == "with another answer" ? "grosbeak" : bird));
      CHECK(bytes_of(again) == bytes_of(step));
      CHECK(school.answers_counted() == counted);
    }
    CHECK(school.rounds_ended() == static_cast<std::size_t>(round));
    CHECK(school.control(school.project).trainees.at(school.ann).is_passed == (round == 2));
  }
  CHECK(school.qualifications().size() == 1);
  check_rebuilt(school.world);
}

TEST_CASE("an answer whose record was lost is asked for again and counted once, also the one that passed the round") {
  School school;
  static_cast<void>(school.say(1, 1, is("bunting")));
  const std::size_t after_first = school.world.journal.at(school.control_id()).size();
  static_cast<void>(school.say(1, 2, is("other")));
  school.undo_to(after_first);
  CHECK(school.ask().next->no == 2);
  CHECK(school.say(1, 2, is("grosbeak")).right == 2);
  const std::size_t before_last = school.world.journal.at(school.control_id()).size();

  school.world.hold_deliveries = true;
  CHECK(school.say(1, 3, is("other")).is_passed);
  school.undo_to(before_last);
  CHECK(school.pull("ann", school.project).no_work == NoWork::training_needed);
  CHECK(school.say(1, 3, is("bunting")).is_passed);
  school.world.release_deliveries();
  REQUIRE(school.qualifications().size() == 1);
  CHECK(school.qualifications()[0].score == 66);
  CHECK(school.world.records_of<QualificationGranted>(account_part_of(school.ann)).size() == 1);
  CHECK(school.pull("ann", school.project).tasks.size() == 1);
  check_rebuilt(school.world);
}

TEST_CASE("an answer to another task than the one whose turn it is is refused and not counted") {
  School school;
  // Before anything was answered nothing is the answer that was given last.
  for (const auto& [round, no] : std::vector<std::pair<std::int64_t, std::int32_t>>{{0, 0},
                                                                                    {0, 1},
                                                                                    {1, 0},
                                                                                    {1, 2},
                                                                                    {1, 4},
                                                                                    {2, 1},
                                                                                    {1, -1},
                                                                                    {-1, 1},
                                                                                    {INT64_MAX, INT32_MAX},
                                                                                    {INT64_MIN, INT32_MIN}}) {
    INFO(round << "." << no);
    CHECK(school.refused_to_say(round, no) == RefusalCode::training_out_of_order);
  }
  CHECK(school.answers_counted() == 0);
  static_cast<void>(school.do_round(1, all_wrong));
  for (const auto& [round, no] : std::vector<std::pair<std::int64_t, std::int32_t>>{
           {0, 0}, {0, 3}, {1, 1}, {1, 2}, {2, 2}, {2, 3}, {3, 1}, {2, 0}}) {
    INFO(round << "." << no);
    CHECK(school.refused_to_say(round, no) == RefusalCode::training_out_of_order);
  }
  CHECK(school.answers_counted() == 3);
  const Refused refused = school.world.get<Refused>("ann", School::answer_of(school.project, 2, 2, is("other")));
  CHECK_THAT(refused.detail, Catch::Contains("task 1 of round 2"));
}

TEST_CASE("an answer that the form does not take is refused by its field, and may be given again") {
  School school;
  for (const AnswerValues& values :
       std::vector<AnswerValues>{{}, is("penguin"), {{"bird", {}}}, {{"bird", {"other", "bunting"}}}}) {
    const Refused refused = school.world.get<Refused>("ann", School::answer_of(school.project, 1, 1, values));
    CHECK(refused.code == RefusalCode::answer_invalid);
    CHECK_THAT(refused.detail, Catch::Contains("bird"));
  }
  const AnswerValues more{{"bird", {"bunting"}}, {"beak", {"big"}}};
  const Refused refused = school.world.get<Refused>("ann", School::answer_of(school.project, 1, 1, more));
  CHECK(refused.code == RefusalCode::answer_invalid);
  CHECK_THAT(refused.detail, Catch::Contains("beak"));
  CHECK(school.answers_counted() == 0);
  CHECK(school.say(1, 1, is("bunting")).right == 1);
}

TEST_CASE("who does not pass in as many rounds as there are is told so, and is not trained again") {
  School school;
  const TrainingStep first = school.do_round(1, all_wrong);
  CHECK_FALSE(first.is_passed);
  CHECK(first.rounds_left == 1);
  REQUIRE(first.next.has_value());
  CHECK(first.next->round == 2);
  CHECK(first.next->no == 1);
  CHECK(school.pull("ann", school.project).no_work == NoWork::training_needed);
  // What was right in the first round does not count in the second.
  CHECK(school.say(2, 1, is("bunting")).right == 1);
  static_cast<void>(school.say(2, 2, is("other")));
  const TrainingStep last = school.say(2, 3, is("bunting"));
  CHECK_FALSE(last.is_passed);
  CHECK(last.rounds_left == 0);
  CHECK_FALSE(last.next.has_value());
  CHECK(school.pull("ann", school.project).no_work == NoWork::training_failed);
  CHECK_FALSE(school.ask().next.has_value());
  CHECK(school.refused_to_say(3, 1) == RefusalCode::training_over);
  CHECK(bytes_of(school.say(2, 3, is("bunting"))) == bytes_of(last));
  CHECK(school.qualifications().empty());
  CHECK(school.standing().no_work == NoWork::training_failed);
  school.world.reload(school.control_id());
  CHECK(school.pull("ann", school.project).no_work == NoWork::training_failed);
}

TEST_CASE("who passed has no round more") {
  School school;
  static_cast<void>(school.do_round(1, truth));
  CHECK(school.refused_to_say(2, 1) == RefusalCode::training_over);
  CHECK(school.refused_to_say(1, 1) == RefusalCode::training_over);
  CHECK(school.refused_to_say(0, 0) == RefusalCode::training_over);
}

TEST_CASE("a training of one task has rounds like any other") {
  ProjectSpec spec = with_training();
  spec.training.tasks.resize(1);
  School school(spec);
  const TrainingStep wrong = school.say(1, 1, is("other"));
  CHECK(wrong.next->round == 2);
  CHECK(bytes_of(school.say(1, 1, is("other"))) == bytes_of(wrong));
  CHECK(school.say(2, 1, is("bunting")).is_passed);
  CHECK(school.answers_counted() == 2);
}

TEST_CASE("the pass mark is rounded up to whole tasks") {
  struct Mark {
    std::size_t tasks;
    std::int64_t pass_ppm;
    std::int64_t right_min;
  };
  for (const Mark& mark : std::vector<Mark>{
           {3, 666'666, 2}, {3, 666'667, 3}, {3, 1'000'000, 3}, {3, 1, 1}, {2, 500'000, 1}, {1, 500'000, 1}}) {
    INFO(mark.tasks << " tasks, " << mark.pass_ppm);
    ProjectSpec spec = with_training();
    spec.training.tasks.resize(mark.tasks);
    spec.training.pass_ppm = mark.pass_ppm;
    for (const std::int64_t right : {mark.right_min - 1, mark.right_min}) {
      School school(spec);
      CHECK(school.ask().right_min == mark.right_min);
      TrainingStep last;
      for (std::size_t i = 0; i < mark.tasks; ++i) {
        const bool is_right = static_cast<std::int64_t>(i) < right;
        last = school.say(1, static_cast<std::int32_t>(i + 1), is(is_right ? truth[i] : truth[(i + 1) % 3]));
      }
      CHECK(last.is_passed == (right == mark.right_min));
    }
  }
}

TEST_CASE(
    "a training answer is right as a paid one agrees: numbers within the tolerance, texts and choices normalised") {
  ProjectSpec spec = with_training();
  spec.form = {{"wings", "number", "How wide?", true, {}, {{"tolerance", "0.5"}}},
               {"name", "text", "Which?", true, {}, {}},
               {"colours", "choices", "Which colours?", false, {"blue", "red", "green"}, {}},
               {"note", "text", "Anything else?", false, {}, {}}};
  spec.training.tasks = {
      {{"a picture"}, {{"wings", {"21"}}, {"name", {"Painted Bunting"}}, {"colours", {"blue", "red"}}}, ""}};
  spec.training.rounds_max = 100;
  struct Given {
    AnswerValues values;
    bool is_right;
  };
  const auto with = [](const std::string& wings, const std::string& name, std::vector<std::string> colours) {
    return AnswerValues{{"wings", {wings}}, {"name", {name}}, {"colours", std::move(colours)}};
  };
  AnswerValues noted = with("21", "painted bunting", {"blue", "red"});
  noted["note"] = {"blurred"};
  const std::vector<Given> all{{with("21.5", "  painted   BUNTING ", {"red", "blue"}), true},
                               {with("20.5", "Painted Bunting", {"blue", "red"}), true},
                               {with("21.500001", "Painted Bunting", {"blue", "red"}), false},
                               {with("21", "Painted Buntin", {"blue", "red"}), false},
                               {with("21", "Painted Bunting", {"blue"}), false},
                               {with("21", "Painted Bunting", {}), false},
                               {noted, true}};
  for (const Given& given : all) {
    School school(spec);
    CHECK(school.say(1, 1, given.values).feedback->is_right == given.is_right);
  }
}

TEST_CASE("a field of which nothing is known does not decide whether a training answer is right") {
  ProjectSpec spec = with_training();
  spec.form.push_back({"sex", "choice", "Which sex?", true, {"female", "male"}, {}});
  School school(spec);
  CHECK(school.say(1, 1, {{"bird", {"bunting"}}, {"sex", {"male"}}}).feedback->is_right);
  CHECK_FALSE(school.say(1, 2, {{"bird", {"other"}}, {"sex", {"male"}}}).feedback->is_right);
  CHECK(school.refused_to_say(1, 3, is("other")) == RefusalCode::answer_invalid);
}

TEST_CASE("a worker who waits for work is served with the answer that passes the training") {
  School school;
  const std::vector<std::int64_t> items = GENERATE(std::vector<std::int64_t>{}, std::vector<std::int64_t>{2});
  REQUIRE(school.world.ask("ann", Pull{school.project, 1, items, 60'000}).empty());
  static_cast<void>(school.say(1, 1, is("bunting")));
  static_cast<void>(school.say(1, 2, is("grosbeak")));
  CHECK(school.world.core.waiting_pulls() == 1);
  const std::vector<Reply> replies = school.world.ask("ann", School::answer_of(school.project, 1, 3, is("other")));
  REQUIRE(replies.size() == 2);
  CHECK(std::get<TrainingStep>(replies[0]).is_passed);
  REQUIRE(std::get<Tasks>(replies[1]).tasks.size() == 1);
  CHECK(std::get<Tasks>(replies[1]).tasks[0].item_no == (items.empty() ? 1 : items[0]));
  CHECK(school.world.core.waiting_pulls() == 0);
}

TEST_CASE("a worker who waited by item and failed the training is told so when the wait is over") {
  School school;
  REQUIRE(school.world.ask("ann", Pull{school.project, 1, {2}, 60'000}).empty());
  static_cast<void>(school.do_round(1, all_wrong));
  static_cast<void>(school.do_round(2, all_wrong));
  const std::vector<Reply> replies = school.world.pass(Duration{60'000});
  REQUIRE(replies.size() == 1);
  CHECK(std::get<Tasks>(replies[0]).no_work == NoWork::training_failed);
}

TEST_CASE("passing grants the qualification with the score in percent, once") {
  School school;
  static_cast<void>(school.do_round(1, one_wrong));
  const auto held = school.qualifications();
  REQUIRE(held.size() == 1);
  CHECK(held[0].name == name_by_training("birds", school.requester));
  CHECK(held[0].score == 66);
  CHECK(held[0].by == GrantedBy::training);
  CHECK(held[0].project == school.project);
  CHECK(held[0].at_ms == school.world.now.ms);
  school.world.reload(account_part_of(school.ann));
  school.world.reload(school.control_id());
  CHECK(school.world.records_of<QualificationGranted>(account_part_of(school.ann)).size() == 1);
  check_snapshots(school.world);
}

TEST_CASE("what a training round grants holds in projects of the same requester, and in no other") {
  School school;
  static_cast<void>(school.do_round(1, truth));
  ProjectSpec spec = simple_spec();
  spec.require.qualifications = {{"birds", 90}};
  CHECK(school.pull("ann", school.open(spec, 1)).tasks.size() == 1);
  const std::string granted = name_by_training("birds", school.requester);
  const std::string by_another = name_by_training("birds", AccountId{school.requester.value + 1});
  school.done(school.world.admin, GrantQualification{school.ann, granted, 0, true});
  CHECK(school.pull("ann", school.open(spec, 1)).no_work == NoWork::not_qualified);
  // Nobody but a training round can grant such a name.
  CHECK(school.world.refused(school.world.admin, GrantQualification{school.ann, by_another, 100, false}) ==
        RefusalCode::malformed);
  school.done(school.world.admin, GrantQualification{school.ann, "birds", 90, false});
  CHECK(school.pull("ann", school.open(spec, 1)).tasks.size() == 1);
}

TEST_CASE("without a qualification to grant passing sends no mail") {
  ProjectSpec spec = with_training();
  spec.training.grants.clear();
  School school(spec);
  static_cast<void>(school.do_round(1, truth));
  CHECK(school.qualifications().empty());
  CHECK(school.pull("ann", school.project).tasks.size() == 1);
}

TEST_CASE("one trains while the project is paused, but not while it is posted, nor when it is over") {
  School school;
  school.change(school.project, ProjectAction::pause);
  CHECK(school.say(1, 1, is("bunting")).right == 1);
  school.change(school.project, ProjectAction::end);
  CHECK(school.world.refused("ann", Train{school.project, {}}) == RefusalCode::project_not_open);
  CHECK(school.refused_to_say(1, 2) == RefusalCode::project_not_open);
  const ProjectId posting = school.announce(with_training(), 3);
  CHECK(school.world.refused("ann", Train{posting, {}}) == RefusalCode::project_not_open);
  const ProjectId cancelled = school.open(with_training(), 3);
  school.change(cancelled, ProjectAction::cancel);
  CHECK(school.world.refused("ann", Train{cancelled, {}}) == RefusalCode::project_not_open);
}

TEST_CASE("where there is nothing to train, or no such project, that is said") {
  School school;
  const ProjectId plain = school.open(simple_spec(), 1);
  CHECK(school.world.refused("ann", Train{plain, {}}) == RefusalCode::training_over);
  CHECK(school.world.refused("ann", Train{plain, TrainingAnswer{}}) == RefusalCode::training_over);
  for (const std::int64_t project : {0, 999, -5}) {
    CHECK(school.world.refused("ann", Train{ProjectId{project}, {}}) == RefusalCode::project_not_found);
  }
}

TEST_CASE("who has not what the project requires is not trained for it") {
  ProjectSpec spec = with_training();
  spec.require.qualifications = {{"ornithology", 50}};
  School school(spec);
  CHECK(school.world.refused("ann", Train{school.project, {}}) == RefusalCode::not_qualified);
  CHECK(school.refused_to_say(1, 1) == RefusalCode::not_qualified);
  CHECK(school.pull("ann", school.project).no_work == NoWork::not_qualified);
  school.done(school.world.admin, GrantQualification{school.ann, "ornithology", 50, false});
  CHECK(school.do_round(1, truth).is_passed);
}

TEST_CASE("a suspended worker does not train, and goes on where they were afterwards") {
  School school;
  static_cast<void>(school.say(1, 1, is("bunting")));
  school.done(school.world.admin, Suspend{school.ann, true, "rude"});
  CHECK(school.refused_to_say(1, 2) == RefusalCode::account_suspended);
  school.done(school.world.admin, Suspend{school.ann, false, "sorry"});
  CHECK(school.ask().next->no == 2);
}

TEST_CASE("workers are trained each for themselves, and in each project anew") {
  School school;
  static_cast<void>(school.worker("ben"));
  static_cast<void>(school.do_round(1, truth));
  CHECK(school.ask("ben").next->no == 1);
  CHECK(school.pull("ben", school.project).no_work == NoWork::training_needed);
  const ProjectId other = school.open(with_training(), 1);
  CHECK(school.pull("ann", other).no_work == NoWork::training_needed);
}

TEST_CASE("a task part holds the number of the training tasks and nothing of what is in them") {
  School school;
  const auto& there = school.control(school.project).opened.spec.training.tasks;
  const auto& here = school.tasks(school.project).created.spec.training.tasks;
  CHECK(there == with_training().training.tasks);
  REQUIRE(here.size() == there.size());
  for (const TrainingTask& task : here) CHECK(task == TrainingTask{});
  CHECK(school.tasks(school.project).created.spec.keeps_workers());
}

TEST_CASE("that training comes first is said wherever a task is asked for") {
  School school;
  const auto no_work = [&](const NoWork expected) {
    CHECK(school.pull("ann", school.project).no_work == expected);
    CHECK(school.world.get<Tasks>("ann", Pull{}).no_work == expected);
    const Tasks by_item = school.world.get<Tasks>("ann", Pull{school.project, 1, {1, 2}, 0});
    CHECK(by_item.no_work == expected);
    CHECK(by_item.tasks.empty());
    CHECK(by_item.items.size() == 2);
    CHECK(school.world.get<Submitted>("ann", Submit{{}, 1, school.project}).no_work == expected);
  };
  no_work(NoWork::training_needed);
  static_cast<void>(school.do_round(1, all_wrong));
  no_work(NoWork::training_needed);
  static_cast<void>(school.do_round(2, all_wrong));
  no_work(NoWork::training_failed);
}

TEST_CASE("in a project that hands nothing out that is the reason, and not that training comes first") {
  School school;
  const auto by_item = [&] { return Pull{school.project, 1, {1}, 60'000}; };
  school.change(school.project, ProjectAction::pause);
  CHECK(school.pull("ann", school.project).no_work == NoWork::project_paused);
  CHECK(school.world.get<Tasks>("ann", Pull{school.project, 1, {1}, 0}).no_work == NoWork::project_paused);
  school.change(school.project, ProjectAction::end);
  CHECK(school.world.get<Tasks>("ann", by_item()).no_work == NoWork::project_ended);
}

TEST_CASE("a worker sees how far the training of a project is") {
  School school;
  CHECK(school.standing().training_tasks == 3);
  CHECK_FALSE(school.standing().is_trained);
  CHECK(school.standing().rounds_left == 2);
  CHECK(school.standing().no_work == NoWork::training_needed);
  static_cast<void>(school.do_round(1, all_wrong));
  CHECK(school.standing().rounds_left == 1);
  static_cast<void>(school.do_round(2, truth));
  CHECK(school.standing().is_trained);
  CHECK(school.standing().rounds_left == 0);
  CHECK_FALSE(school.standing().no_work.has_value());
  CHECK(school.standing().missing.empty());
}

}  // namespace tally::core
