// Who may work on a project: qualifications, standing over all projects, gold in this one.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"
#include "tests/broker/core/rebuilt.h"

namespace tally::core {
namespace {

constexpr Duration look = Limits{}.patience_check_every;

ProjectSpec requiring(Requirements require) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  spec.pull_by_item = true;
  spec.patience = hour;
  spec.require = std::move(require);
  return spec;
}
Requirements a_score_of(std::int64_t score_min) { return {{{"birds", score_min}}}; }
Requirements standing_of(std::int64_t judged_min, std::int64_t agreement_ppm) {
  return {{}, judged_min, agreement_ppm};
}
Requirements gold_of(std::int64_t gold_ppm, std::int64_t gold_after) { return {{}, 0, 0, gold_ppm, gold_after}; }

struct Guild : Market {
  using Market::Market;
  void grant(AccountId account, const std::string& name, std::int64_t score = qualification_score_max) {
    done(world.admin, GrantQualification{account, name, score, false});
  }
  void revoke(AccountId account, const std::string& name) {
    done(world.admin, GrantQualification{account, name, 0, true});
  }
  // As if the worker had answered in projects that are over.
  void has_standing(AccountId account, const Standing& standing) {
    const PartId home = account_part_of(account);
    world.journal[home].push_back(StandingCounted{{{account, standing}}});
    world.reload(home);
  }
  std::optional<NoWork> no_work(const std::string& key, ProjectId project) { return pull(key, project).no_work; }
  StandingPage standing(const std::string& key, ProjectId project) {
    return world.get<StandingPage>(key, GetStanding{{}, project});
  }

  AccountId ann = worker("ann");
  AccountId ben = worker("ben");
};

// All items are gold: buntings.
ProjectId open_gold(Market& market, const ProjectSpec& spec, std::int64_t items) {
  const ProjectId project = market.announce(spec, items);
  PostItems post;
  post.project = project;
  for (std::int64_t i = 0; i < items; ++i) post.items.push_back({{"a picture"}, std::nullopt, {{"bird", "bunting"}}});
  static_cast<void>(market.world.get<ItemsPosted>("req", post));
  return project;
}

}  // namespace

TEST_CASE("only who holds the qualification, with the score that is asked for, is given tasks") {
  Guild guild;
  const ProjectId project = guild.open(requiring(a_score_of(70)), 3);
  CHECK(guild.no_work("ann", project) == NoWork::not_qualified);
  CHECK(guild.standing("ann", project).in_project->no_work == NoWork::not_qualified);
  CHECK_THAT(guild.standing("ann", project).in_project->missing, Catch::Contains("'birds'"));
  guild.grant(guild.ann, "bird");
  guild.grant(guild.ann, "birds", 69);
  CHECK(guild.no_work("ann", project) == NoWork::not_qualified);
  CHECK_THAT(guild.standing("ann", project).in_project->missing, Catch::Contains("70") && Catch::Contains("69"));
  guild.grant(guild.ann, "birds", 70);
  CHECK(guild.pull("ann", project).tasks.size() == 1);
  CHECK_FALSE(guild.standing("ann", project).in_project->no_work.has_value());
  CHECK(guild.no_work("ben", project) == NoWork::not_qualified);
}

TEST_CASE("of several qualifications each is needed, and the first that is missing is named") {
  Guild guild;
  const ProjectId project = guild.open(requiring({{{"birds", 0}, {"trees", 0}}}), 1);
  guild.grant(guild.ann, "trees", 0);
  CHECK_THAT(guild.standing("ann", project).in_project->missing, Catch::Contains("'birds'"));
  guild.grant(guild.ann, "birds", 0);
  CHECK(guild.pull("ann", project).tasks.size() == 1);
}

TEST_CASE("a standing that is asked for is reached at its very number") {
  struct Given {
    Requirements require;
    Standing standing;
    bool may;
  };
  const std::vector<Given> all{{standing_of(10, 0), {9, 9, 0, 0}, false},
                               {standing_of(10, 0), {10, 0, 0, 0}, true},
                               {standing_of(10, 900'000), {10, 8, 0, 0}, false},
                               {standing_of(10, 900'000), {10, 9, 0, 0}, true},
                               {standing_of(0, 900'000), {}, true},
                               {standing_of(0, 900'000), {1, 0, 9, 9}, false},
                               {standing_of(3, 666'667), {3, 2, 0, 0}, false},
                               {standing_of(3, 666'666), {3, 2, 0, 0}, true}};
  for (const Given& given : all) {
    INFO(given.require.judged_min << " judged, " << given.require.agreement_ppm << ", " << given.standing.agreed
                                  << " of " << given.standing.judged);
    Guild guild;
    const ProjectId project = guild.open(requiring(given.require), 1);
    guild.has_standing(guild.ann, given.standing);
    CHECK(guild.pull("ann", project).tasks.empty() != given.may);
  }
}

TEST_CASE("who is wrong on too much gold is given no more tasks, but what they hold may be answered") {
  Guild guild;
  const ProjectId project = open_gold(guild, requiring(gold_of(500'000, 2)), 6);
  const std::vector<TaskOffer> held = guild.pull("ann", project, 4).tasks;
  REQUIRE(held.size() == 4);
  const AnswerValues wrong{{"bird", {"other"}}};
  CHECK(guild.answer("ann", held[0].assignment, wrong).accepted);
  // One gold answer is too few to go by.
  CHECK(guild.pull("ann", project).tasks.size() == 1);
  CHECK(guild.answer("ann", held[1].assignment, wrong).accepted);
  CHECK(guild.no_work("ann", project) == NoWork::not_qualified);
  CHECK_THAT(guild.standing("ann", project).in_project->missing, Catch::Contains("0 of 2"));
  const SubmitOutcome late = guild.answer("ann", held[2].assignment);
  CHECK(late.accepted);
  CHECK(late.paid == Micros{10'000});
  // One of three, and with the next two of four: as much as is asked for.
  CHECK(guild.no_work("ann", project) == NoWork::not_qualified);
  CHECK(guild.answer("ann", held[3].assignment).accepted);
  CHECK(guild.pull("ann", project).tasks.size() == 1);
  check_rebuilt(guild.world);
}

TEST_CASE("gold is asked for by project: what was wrong in one does not count in another") {
  Guild guild;
  const ProjectId first = open_gold(guild, requiring(gold_of(900'000, 1)), 3);
  const ProjectId second = open_gold(guild, requiring(gold_of(900'000, 1)), 3);
  static_cast<void>(guild.work("ann", first, {{"bird", {"other"}}}));
  CHECK(guild.no_work("ann", first) == NoWork::not_qualified);
  guild.world.reload(control_part_of(first));
  CHECK(guild.no_work("ann", first) == NoWork::not_qualified);
  CHECK(guild.pull("ann", second).tasks.size() == 1);
}

TEST_CASE("a waiting pull is served when its worker is granted what was missing") {
  Guild guild;
  const ProjectId project = guild.open(requiring(a_score_of(50)), 2);
  REQUIRE(guild.world.ask("ann", Pull{project, 1, {}, 60'000}).empty());
  REQUIRE(guild.world.ask("ben", Pull{project, 1, {}, 60'000}).empty());
  CHECK(guild.world.ask(guild.world.admin, GrantQualification{guild.ann, "birds", 49, false}).size() == 1);
  const auto replies = guild.world.ask(guild.world.admin, GrantQualification{guild.ann, "birds", 50, false});
  REQUIRE(replies.size() == 2);
  CHECK(std::get<Tasks>(replies[1]).tasks.size() == 1);
  const auto end = guild.world.pass(Duration{60'000});
  REQUIRE(end.size() == 1);
  CHECK(std::get<Tasks>(end[0]).no_work == NoWork::not_qualified);
}

TEST_CASE("one who asks by item and is not qualified is told at once") {
  Guild guild;
  const ProjectId project = guild.open(requiring(a_score_of(0)), 2);
  const Tasks tasks = guild.world.get<Tasks>("ann", Pull{project, 2, {1, 2}, 60'000});
  CHECK(tasks.no_work == NoWork::not_qualified);
  CHECK(tasks.tasks.empty());
  CHECK(tasks.items.size() == 2);
  CHECK(guild.world.get<Submitted>("ann", Submit{{}, 2, project}).no_work == NoWork::not_qualified);
  guild.grant(guild.ann, "birds", 0);
  CHECK(guild.world.get<Tasks>("ann", Pull{project, 2, {1, 2}, 0}).tasks.size() == 2);
}

TEST_CASE("a pull that names no project passes by those that its worker is not qualified for") {
  Guild guild;
  static_cast<void>(guild.open(requiring(a_score_of(0)), 2));
  const ProjectId open = guild.open(requiring({}), 1);
  static_cast<void>(guild.open(requiring(a_score_of(0)), 2));
  const Tasks tasks = guild.world.get<Tasks>("ann", Pull{});
  REQUIRE(tasks.tasks.size() == 1);
  CHECK(tasks.tasks[0].project == open);
  CHECK(guild.world.get<Tasks>("ben", Pull{}).no_work.has_value());
}

TEST_CASE("what is revoked does not count any more, also for a skip that is taken back, but for what is held") {
  Guild guild;
  const ProjectId project = guild.open(requiring(a_score_of(0)), 4);
  guild.grant(guild.ann, "birds");
  const AssignmentId held = guild.lease("ann", project);
  const AssignmentId skipped = guild.lease("ann", project);
  guild.done("ann", HandBack{skipped, HandBackHow::skipped});
  guild.revoke(guild.ann, "birds");
  CHECK(guild.no_work("ann", project) == NoWork::not_qualified);
  const Refused refused = guild.world.get<Refused>("ann", TakeBackSkip{skipped});
  CHECK(refused.code == RefusalCode::not_qualified);
  CHECK_THAT(refused.detail, Catch::Contains("'birds'"));
  CHECK(guild.assignment(skipped).state == AssignmentState::skipped);
  CHECK(guild.answer("ann", held).accepted);
  guild.grant(guild.ann, "birds");
  CHECK(guild.world.get<Tasks>("ann", TakeBackSkip{skipped}).tasks.size() == 1);
  check_rebuilt(guild.world);
  check_snapshots(guild.world);
}

TEST_CASE("a skip is not taken back by one who is wrong on too much gold") {
  Guild guild;
  const ProjectId project = open_gold(guild, requiring(gold_of(500'000, 1)), 4);
  const AssignmentId skipped = guild.lease("ann", project);
  guild.done("ann", HandBack{skipped, HandBackHow::skipped});
  static_cast<void>(guild.work("ann", project, {{"bird", {"other"}}}));
  CHECK(guild.world.refused("ann", TakeBackSkip{skipped}) == RefusalCode::not_qualified);
}

TEST_CASE("an answer that comes late is welcome also from one who is not qualified any more") {
  Guild guild;
  const ProjectId project = guild.open(requiring(a_score_of(0)), 2);
  guild.grant(guild.ann, "birds");
  const AssignmentId late = guild.lease("ann", project);
  guild.pass(requiring({}).lease);
  guild.revoke(guild.ann, "birds");
  CHECK(guild.answer("ann", late).accepted);
}

// A task that Ann answered and that asks for another answer.
struct LeftOver : Guild {
  explicit LeftOver(ProjectSpec spec) {
    spec.redundancy = {2, 2, 2};
    grant(ann, "birds");
    project = open(spec, 1);
  }
  [[nodiscard]] bool closes() {
    pass(hour);
    pass(look);
    pass(look);
    const auto reasons = verdicts(project);
    if (!reasons.empty()) CHECK(reasons == std::vector{VerdictReason::no_eligible_worker});
    return !reasons.empty();
  }
  ProjectId project;
};

TEST_CASE("a task that only workers are left for who are not qualified closes when patience is over") {
  LeftOver left(requiring(a_score_of(50)));
  static_cast<void>(left.work("ann", left.project));
  SECTION("nobody else is qualified") { CHECK(left.closes()); }
  SECTION("another is qualified") {
    left.grant(left.ben, "birds", 50);
    CHECK_FALSE(left.closes());
    // Until they are not any more.
    left.revoke(left.ben, "birds");
    left.pass(look);
    CHECK(left.verdicts(left.project) == std::vector{VerdictReason::no_eligible_worker});
  }
  SECTION("another has too low a score") {
    left.grant(left.ben, "birds", 49);
    CHECK(left.closes());
  }
}

TEST_CASE("a worker who may still train is one that a task may wait for, and who failed is not") {
  ProjectSpec spec = requiring({});
  spec.training.tasks = {{{"a picture"}, {{"bird", {"bunting"}}}, ""}};
  spec.training.rounds_max = 1;
  LeftOver left(spec);
  static_cast<void>(
      left.world.get<TrainingStep>("ann", Train{left.project, TrainingAnswer{1, 1, {{"bird", {"bunting"}}}}}));
  static_cast<void>(left.work("ann", left.project));
  CHECK_FALSE(left.closes());
  static_cast<void>(
      left.world.get<TrainingStep>("ben", Train{left.project, TrainingAnswer{1, 1, {{"bird", {"other"}}}}}));
  left.pass(look);
  CHECK(left.verdicts(left.project) == std::vector{VerdictReason::no_eligible_worker});
}

TEST_CASE("who is wrong on too much gold is nobody that a task may wait for") {
  Guild guild;
  ProjectSpec spec = requiring(gold_of(500'000, 1));
  spec.redundancy = {2, 2, 2};
  const ProjectId project = open_gold(guild, spec, 2);
  static_cast<void>(guild.work("ben", project, {{"bird", {"other"}}}));
  static_cast<void>(guild.work("ann", project));
  static_cast<void>(guild.work("ann", project));
  guild.pass(hour);
  guild.pass(look);
  CHECK(guild.verdicts(project) == std::vector{VerdictReason::max_reached, VerdictReason::no_eligible_worker});
}

TEST_CASE("what an admin grants wrongly is refused, and what is granted again changes nothing") {
  Guild guild;
  const auto refused = [&](AccountId account, const std::string& name, std::int64_t score, bool is_revoked = false) {
    return guild.world.refused(guild.world.admin, GrantQualification{account, name, score, is_revoked});
  };
  for (const std::string& name :
       {std::string(), std::string("Birds"), std::string("1bird"), std::string("-bird"), std::string("a bird"),
        std::string("vögel"), std::string(41, 'a'), std::string("a\0b", 3)}) {
    INFO(name);
    CHECK(refused(guild.ann, name, 50) == RefusalCode::malformed);
  }
  CHECK(refused(guild.ann, "birds", -1) == RefusalCode::malformed);
  CHECK(refused(guild.ann, "birds", 101) == RefusalCode::malformed);
  CHECK(refused(guild.ann, "birds", 0, true) == RefusalCode::qualification_not_held);
  for (const AccountId account :
       {AccountId{0}, AccountId{-1}, AccountId{3}, AccountId{999'999}, AccountId{INT64_MIN}, guild.requester}) {
    CHECK(refused(account, "birds", 50) == RefusalCode::account_not_found);
    CHECK(refused(account, "birds", 50, true) == RefusalCode::account_not_found);
  }
  const auto grants = [&] { return guild.world.records_of<QualificationGranted>(account_part_of(guild.ann)).size(); };
  guild.grant(guild.ann, std::string(40, 'a'), 0);
  guild.grant(guild.ann, "b-1_c", 100);
  guild.grant(guild.ann, "b-1_c", 100);
  CHECK(grants() == 2);
  guild.grant(guild.ann, "b-1_c", 99);
  CHECK(grants() == 3);
  guild.revoke(guild.ann, "b-1_c");
  CHECK(refused(guild.ann, "b-1_c", 0, true) == RefusalCode::qualification_not_held);
  CHECK(guild.world.get<StandingPage>("ann", GetStanding{}).qualifications.size() == 1);
  check_rebuilt(guild.world);
}

TEST_CASE("who holds a qualification is listed over all homes, each once, whatever the size of a page") {
  Guild guild;
  std::map<AccountId, std::int64_t> granted;
  for (int i = 0; i < 25; ++i) {
    const AccountId account = guild.worker("worker " + std::to_string(i));
    if (i % 5 == 4) continue;
    guild.grant(account, "birds", i);
    if (i % 2 == 0) guild.grant(account, "trees", i);
    granted[account] = i;
  }
  std::set<PartId> homes;
  for (const auto& [account, score] : granted) homes.insert(account_part_of(account));
  REQUIRE(homes.size() > 3);
  for (const std::int64_t limit : {1, 2, 7, 1000, 0, -3}) {
    for (const std::string name : {"birds", "", "trees"}) {
      INFO(limit << " of " << name);
      std::map<AccountId, std::int64_t> birds;
      std::size_t rows = 0;
      std::string after;
      std::size_t pages = 0;
      do {
        const auto page = guild.world.get<QualifiedPage>(guild.world.admin, ListQualified{name, after, limit});
        for (const QualifiedRow& row : page.rows) {
          ++rows;
          if (!name.empty()) CHECK(row.held.name == name);
          if (row.held.name == "birds") CHECK(birds.emplace(row.account, row.held.score).second);
          CHECK(row.held.score == granted.at(row.account));
        }
        after = page.next;
        REQUIRE(++pages < 100);
      } while (!after.empty());
      if (name != "trees") CHECK(birds == granted);
      const std::size_t trees = 10;
      CHECK(rows == (name == "birds" ? granted.size() : name == "trees" ? trees : granted.size() + trees));
    }
  }
  for (const char* cursor : {"x", "-1", "1.5", "99999999999999999999"}) {
    CHECK(guild.world.refused(guild.world.admin, ListQualified{"birds", cursor, 1}) == RefusalCode::malformed);
  }
  CHECK(guild.world.get<QualifiedPage>(guild.world.admin, ListQualified{"stones", "", 1}).rows.empty());
}

}  // namespace tally::core
