// Forms with more than one field: when a task is settled, and who is paid.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

enum class Sex { required, optional };

// At least two answers, at most so many; two must agree.
ProjectSpec bird_and_sex(Sex sex, std::int32_t answers_max) {
  ProjectSpec spec = simple_spec();
  spec.form.push_back({"sex", "choice", "Which sex?", sex == Sex::required, {"female", "male"}, {}});
  spec.redundancy = {2, answers_max, 2};
  return spec;
}

AnswerValues is(const std::string& bird, const std::string& sex) { return {{"bird", {bird}}, {"sex", {sex}}}; }

// One task.
struct OneTask {
  explicit OneTask(const ProjectSpec& spec) : project(market.open(spec, 1)) {}

  AssignmentId answers(const std::string& key, const AnswerValues& values) { return market.work(key, project, values); }
  [[nodiscard]] const Task& task() const { return *market.tasks(project).find_task(1); }
  [[nodiscard]] PayState pay(AssignmentId answer) const { return market.assignment(answer).pay; }

  Market market;
  AccountId ann = market.worker("ann");
  AccountId ben = market.worker("ben");
  AccountId cem = market.worker("cem");
  AccountId dan = market.worker("dan");
  ProjectId project;
};

}  // namespace

TEST_CASE("a task asks for one more answer while one of its required fields has no quorum, and then settles") {
  const auto split = GENERATE(as<std::string>{}, "bird", "sex");
  INFO(split);
  OneTask one(bird_and_sex(Sex::required, 5));
  const AnswerValues common = is("bunting", "female");
  const AnswerValues differs = split == "bird" ? is("other", "female") : is("bunting", "male");
  const AssignmentId of_ann = one.answers("ann", common);
  const AssignmentId of_ben = one.answers("ben", differs);
  CHECK(one.task().state == TaskState::open);
  CHECK(one.pay(of_ann) == PayState::waiting);

  const AssignmentId lease = one.market.lease("cem", one.project);
  CHECK(one.market.pull("dan", one.project).no_work == NoWork::all_tasks_taken);  // One more, and no second.
  CHECK(one.market.answer("cem", lease, common).accepted);
  CHECK(one.task().state == TaskState::settled);
  REQUIRE(one.task().judged.size() == 2);
  CHECK(one.task().judged[0].value == "bunting");
  CHECK(one.task().judged[1].value == "female");

  CHECK(one.pay(of_ann) == PayState::paid);
  CHECK(one.pay(lease) == PayState::paid);
  CHECK(one.pay(of_ben) == PayState::unpaid);
  CHECK(one.market.pay_reason(of_ben) == "disagrees_on:" + split);
  CHECK(one.market.world.wallet(one.ann) == Micros{10'000});
  CHECK(one.market.world.wallet(one.ben) == Micros{0});
  CHECK(one.market.spent() == Micros{2LL * 12'000});
}

TEST_CASE("an answer that differs in every field is unpaid because of the first") {
  OneTask one(bird_and_sex(Sex::required, 3));
  static_cast<void>(one.answers("ann", is("bunting", "female")));
  const AssignmentId of_ben = one.answers("ben", is("other", "male"));
  static_cast<void>(one.answers("cem", is("bunting", "female")));
  CHECK(one.market.pay_reason(of_ben) == "disagrees_on:bird");
}

TEST_CASE("a task that had its last answer without a quorum in each required field is undecided, and all are paid") {
  OneTask one(bird_and_sex(Sex::required, 2));
  const AssignmentId of_ann = one.answers("ann", is("bunting", "female"));
  const AssignmentId of_ben = one.answers("ben", is("bunting", "male"));
  CHECK(one.task().state == TaskState::undecided);
  CHECK(one.market.verdicts(one.project) == std::vector{VerdictReason::max_reached});
  // What they did agree on is told.
  REQUIRE(one.task().judged.size() == 2);
  CHECK(one.task().judged[0].settled);
  CHECK_FALSE(one.task().judged[1].settled);
  CHECK(one.task().judged[1].value.empty());
  CHECK(one.pay(of_ann) == PayState::paid);
  CHECK(one.pay(of_ben) == PayState::paid);
  CHECK(one.market.spent() == Micros{2LL * 12'000});
}

TEST_CASE("an optional field without a quorum holds up no task, and costs nobody their pay") {
  OneTask one(bird_and_sex(Sex::optional, 5));
  const AssignmentId of_ann = one.answers("ann", is("bunting", "female"));
  const auto left_empty = GENERATE(true, false);
  const AssignmentId of_ben =
      one.answers("ben", left_empty ? AnswerValues{{"bird", {"bunting"}}} : is("bunting", "male"));
  CHECK(one.task().state == TaskState::settled);
  REQUIRE(one.task().judged.size() == 2);
  CHECK(one.task().judged[0].settled);
  CHECK_FALSE(one.task().judged[1].settled);
  CHECK(one.pay(of_ann) == PayState::paid);
  CHECK(one.pay(of_ben) == PayState::paid);
}

TEST_CASE("an answer without a required field is refused, and the lease stays") {
  OneTask one(bird_and_sex(Sex::required, 3));
  const AssignmentId lease = one.market.lease("ann", one.project);
  CHECK(one.market.answer("ann", lease, {{"bird", {"bunting"}}}).refusal == RefusalCode::answer_invalid);
  CHECK(one.market.assignment(lease).state == AssignmentState::live);
}

}  // namespace tally::core
