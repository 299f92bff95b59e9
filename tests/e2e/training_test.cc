// Who may work, and training before it, with the programs as people use them.
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/e2e/programs.h"
#include "tests/support/comes_true.h"

namespace tally::e2e {
namespace {

using Catch::Contains;
using test::comes_true;

constexpr const char* project_toml = R"(title = "Birds"
reward = "0.01"
redundancy = { min = 1, max = 1, quorum = 1 }
[[field]]
name = "bird"
type = "choice"
options = ["robin", "wren"]
[require]
qualifications = { french = 80 }
[training]
file = "training.csv"
pass = 1.0
grants = "birds"
)";
constexpr const char* training_csv =
    "text,_gold.bird,_explanation\n"
    "red breast,robin,\n"
    "tail up,wren,A wren's tail stands up.\n";

// What is typed at prompts, an entry a line.
Ran type(const ProgramUser& user, const std::string& lines, const std::string& arguments) {
  return run_shell("printf " + quoted(lines) + " | " + user.command(arguments));
}

}  // namespace

TEST_CASE("a worker is told what is missing, is qualified, trains, fails a round, passes the next, works and is paid") {
  Market market;
  const ProgramUser rob(market, Role::requester, "Rob", "rob");
  market.admin->deposit(rob.account(), Micros{1'000'000});
  const auto project_file = write_file(market.folder.path() / "project.toml", project_toml);
  write_file(market.folder.path() / "training.csv", training_csv);
  const auto items_file = write_file(market.folder.path() / "items.csv", "text\none\ntwo\nthree\n");
  const Ran posted = rob.tally("post --yes " + quoted(project_file) + " " + quoted(items_file));
  INFO(posted.said);
  REQUIRE(posted.code == 0);
  CHECK_THAT(posted.said, Contains("the qualification 'french' with a score of 80 or more") &&
                              Contains("2 tasks, unpaid; 2 right pass; at most 2 rounds"));
  const ProjectId project = stack::must(market.admin->client(), ListProjects{}).rows.at(0).project;
  const std::string number = std::to_string(project.value);

  const ProgramUser wim(market, Role::worker, "Wim", "wim");
  const auto grant = [&](std::int64_t score) {
    stack::must(market.admin->client(), GrantQualification{wim.account(), "french", score, false});
  };
  Ran ran = wim.tally("projects " + number);
  CHECK_THAT(ran.said, Contains("- the qualification 'french' with a score of 80") &&
                           Contains("It begins with training: 2 tasks, unpaid"));
  CHECK(ran.said.find("tail") == std::string::npos);
  ran = wim.tally("work --project " + number);
  CHECK(ran.code == 1);
  CHECK_THAT(ran.said, Contains("You cannot work on project " + number) && Contains("the qualification 'french'"));
  grant(50);
  ran = wim.tally("standing --project " + number);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Contains("yours is 50") && Contains("given by") && Contains("not passed yet, 2 rounds left"));
  grant(90);

  // Both a robin; then one of each, and three paid answers.
  ran = type(wim, "1\\ny\\n1\\ny\\n1\\ny\\n2\\ny\\n1\\ny\\n1\\ny\\n1\\ny\\n", "work --count 3 --project " + number);
  INFO(ran.said);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Contains("begins with training, which is not paid: 2 tasks, of which 2 must be right") &&
                           Contains("A wren's tail stands up.") &&
                           Contains("Round 1: 1 of 2 right, 2 are needed; 1 round is left.") &&
                           Contains("Round 2: 2 of 2 right: the training is passed.") && Contains("3 answers"));
  auto client = wim.client(market);
  CHECK(comes_true([&] {
    const EarningsPage earned = stack::must(*client, Earnings{});
    return earned.wallet + earned.on_the_way == Micros{30'000};
  }));
  CHECK(comes_true([&] {
    const auto standing = nlohmann::json::parse(wim.tally("standing --json --project " + number).said);
    return standing.at("in_project").at("training").at("passed") == true &&
           standing.at("qualifications").at(0).at("name").get<std::string>().starts_with("birds@") &&
           standing.at("qualifications").at(0).at("score") == 100;
  }));
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("a program trains before its paid work, and a broker that is killed in between knows where it was") {
  Market market;
  ProjectSpec spec = small_spec();
  spec.redundancy = {1, 1, 1};
  spec.training.tasks = {{{"a robin"}, {{"bird", {"robin"}}}, ""}, {{"a wren"}, {{"bird", {"wren"}}}, "Small."}};
  spec.training.pass_ppm = 500'000;
  const ProjectId project = market.post(spec, numbered_items(4));
  const ProgramUser wim(market, Role::worker, "Wim", "wim");
  auto client = wim.client(market);
  const TrainingStep first = stack::must(*client, Train{project, std::nullopt});
  REQUIRE(first.next);
  const Train answer{project, TrainingAnswer{1, 1, {{"bird", {"robin"}}}}};
  CHECK(stack::must(*client, answer).right == 1);
  market.broker.kill();
  market.broker.start();
  // Sent again, it is not counted twice.
  const TrainingStep again = stack::must(*client, answer);
  CHECK(again.right == 1);
  REQUIRE(again.next);
  CHECK(again.next->no == 2);
  const auto script =
      write_file(market.folder.path() / "robin.py",
                 "import json, sys\n"
                 "for line in sys.stdin:\n"
                 "    name = json.loads(line)['assignment']\n"
                 "    print(json.dumps({'assignment': name, 'values': {'bird': 'robin'}}), flush=True)\n");
  const Ran ran =
      wim.tally("work --count 4 --project " + std::to_string(project.value) + " --exec python3 " + quoted(script));
  INFO(ran.said);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Contains("training, round 1, task 2: not right; right is bird=wren (Small.)") &&
                           Contains("1 of 2 right: the training is passed") && Contains("4 answers"));
  CHECK(ran.said.find("round 2") == std::string::npos);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace tally::e2e
