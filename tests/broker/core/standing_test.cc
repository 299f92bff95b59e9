// What a worker's answers come to over all projects: counted by hand, and told to where the worker lives.
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

AnswerValues is(const std::string& bird) { return {{"bird", {bird}}}; }
AnswerValues is(const std::string& bird, const std::string& sex) { return {{"bird", {bird}}, {"sex", {sex}}}; }

// Two answers, a third where these differ.
ProjectSpec two_of_three() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {2, 3, 2};
  spec.pull_by_item = true;
  return spec;
}
ProjectSpec bird_and_sex(bool is_sex_required) {
  ProjectSpec spec = two_of_three();
  spec.form.push_back({"sex", "choice", "Which sex?", is_sex_required, {"female", "male"}, {}});
  return spec;
}

struct Club : Market {
  explicit Club(const Limits& limits = {}) : Market(limits) {}
  ProjectId open_items(const ProjectSpec& spec, const std::vector<Item>& items) {
    const ProjectId project = announce(spec, std::ssize(items), std::ssize(items) * 3);
    PostItems post;
    post.project = project;
    post.items = items;
    static_cast<void>(world.get<ItemsPosted>("req", post));
    return project;
  }
  AssignmentId lease_item(const std::string& key, ProjectId project, std::int64_t item) {
    return world.get<Tasks>(key, Pull{project, 1, {item}, 0}).tasks.at(0).assignment;
  }
  void say(const std::string& key, ProjectId project, std::int64_t item, const AnswerValues& values) {
    REQUIRE(answer(key, lease_item(key, project, item), values).accepted);
  }
  Standing standing(const std::string& key) { return world.get<StandingPage>(key, GetStanding{}).over_all; }
  // Mails of a part that tell it.
  [[nodiscard]] std::vector<StandingEarned> told(ProjectId project, std::int64_t part_no = 1) const {
    std::vector<StandingEarned> mails;
    for (const MailSent& sent : world.records_of<MailSent>(part_of(project, part_no))) {
      if (const auto* mail = std::get_if<StandingEarned>(&sent.body)) mails.push_back(*mail);
    }
    return mails;
  }
  [[nodiscard]] std::size_t times_counted(AccountId account) const {
    std::size_t times = 0;
    for (const auto& counted : world.records_of<StandingCounted>(account_part_of(account))) {
      for (const StandingOf& row : counted.rows) times += row.account == account ? 1U : 0U;
    }
    return times;
  }

  AccountId ann = worker("ann");
  AccountId ben = worker("ben");
  AccountId cem = worker("cem");
};

const Item plain{{"a picture"}, std::nullopt, {}};
Item gold(const std::string& bird) { return {{"a picture"}, std::nullopt, {{"bird", bird}}}; }
Item asking(std::int32_t answers) { return {{"a picture"}, answers, {}}; }

}  // namespace

TEST_CASE("standing is counted as by hand: settled tasks with several answers, and gold") {
  Club club;
  const ProjectId project = club.open_items(
      two_of_three(), {plain, plain, plain, asking(1), gold("bunting"), gold("bunting"), gold("other")});
  // 1: both agree. 2: Ben does not. 3: nobody agrees with anybody. 4: one answer alone.
  club.say("ann", project, 1, is("bunting"));
  club.say("ben", project, 1, is("bunting"));
  club.say("ann", project, 2, is("bunting"));
  club.say("ben", project, 2, is("other"));
  club.say("cem", project, 2, is("bunting"));
  club.say("ann", project, 3, is("bunting"));
  club.say("ben", project, 3, is("other"));
  club.say("cem", project, 3, is("grosbeak"));
  club.say("ann", project, 4, is("other"));
  // 5: gold, and both right. 6: gold, and both wrong, which settles it. 7: gold that is not settled.
  club.say("ann", project, 5, is("bunting"));
  club.say("ben", project, 5, is("bunting"));
  club.say("ann", project, 6, is("grosbeak"));
  club.say("ben", project, 6, is("grosbeak"));
  club.say("ann", project, 7, is("other"));
  club.say("ben", project, 7, is("bunting"));
  CHECK(club.standing("ann") == Standing{});
  CHECK(club.told(project).empty());
  club.say("cem", project, 7, is("grosbeak"));
  REQUIRE(club.tasks(project).state == PartState::done);
  CHECK(club.standing("ann") == Standing{4, 4, 3, 2});
  CHECK(club.standing("ben") == Standing{4, 3, 3, 1});
  CHECK(club.standing("cem") == Standing{1, 1, 1, 0});
  for (const AccountId account : {club.ann, club.ben, club.cem}) CHECK(club.times_counted(account) == 1);
  check_rebuilt(club.world);
  check_snapshots(club.world);
}

TEST_CASE("an answer agrees where it does on every field with labels that settled") {
  Club club;
  const ProjectId project = club.open_items(bird_and_sex(true), {plain});
  club.say("ann", project, 1, is("bunting", "male"));
  club.say("ben", project, 1, is("bunting", "female"));
  club.say("cem", project, 1, is("bunting", "male"));
  REQUIRE(club.verdicts(project) == std::vector{VerdictReason::quorum});
  CHECK(club.standing("ann") == Standing{1, 1, 0, 0});
  CHECK(club.standing("ben") == Standing{1, 0, 0, 0});
}

TEST_CASE("a field that did not settle does not count, nor one without labels") {
  Club club;
  ProjectSpec spec = bird_and_sex(false);
  spec.form.push_back({"note", "text", "What else?", false, {}, {}});
  const ProjectId project = club.open_items(spec, {plain});
  AnswerValues noted = is("bunting", "male");
  noted["note"] = {"blurred"};
  club.say("ann", project, 1, noted);
  club.say("ben", project, 1, is("bunting", "female"));
  REQUIRE(club.verdicts(project) == std::vector{VerdictReason::quorum});
  CHECK_FALSE(club.tasks(project).tasks[0].judged[1].settled);
  CHECK(club.standing("ann") == Standing{1, 1, 0, 0});
  CHECK(club.standing("ben") == Standing{1, 1, 0, 0});
}

TEST_CASE("a task that settled on fields without labels alone judges nobody") {
  Club club;
  ProjectSpec spec = two_of_three();
  spec.form = {{"count", "number", "How many?", true, {}, {}}};
  const ProjectId project = club.open_items(spec, {plain});
  club.say("ann", project, 1, {{"count", {"3"}}});
  club.say("ben", project, 1, {{"count", {"3"}}});
  REQUIRE(club.verdicts(project) == std::vector{VerdictReason::quorum});
  CHECK(club.standing("ann") == Standing{});
  CHECK(club.told(project).empty());
}

TEST_CASE("gold is right in each field where something is known, and wrong in one is wrong") {
  Club club;
  Item both = gold("bunting");
  both.gold["sex"] = "male";
  const ProjectId project = club.open_items(bird_and_sex(true), {both, gold("bunting")});
  club.say("ann", project, 1, is("bunting", "male"));
  club.say("ben", project, 1, is("bunting", "female"));
  club.say("cem", project, 1, is("other", "male"));
  club.say("ann", project, 2, is("bunting", "male"));
  club.say("ben", project, 2, is("bunting", "male"));
  CHECK(club.standing("ann") == Standing{2, 2, 2, 2});
  CHECK(club.standing("ben") == Standing{2, 1, 2, 1});
  CHECK(club.standing("cem") == Standing{1, 0, 1, 0});
}

TEST_CASE("a best guess judges nobody, where answers are weighed by skill") {
  Club club;
  ProjectSpec spec = two_of_three();
  spec.redundancy = {2, 2, 1, 999'999};
  const ProjectId project = club.open_items(spec, {plain});
  club.say("ann", project, 1, is("bunting"));
  club.say("ben", project, 1, is("bunting"));
  REQUIRE(club.tasks(project).tasks[0].state == TaskState::best_guess);
  CHECK(club.standing("ann") == Standing{});
}

TEST_CASE("the end of a project counts what was settled by then, once") {
  const auto action = GENERATE(ProjectAction::end, ProjectAction::cancel);
  Club club;
  const ProjectId project = club.open_items(two_of_three(), {plain, plain, gold("bunting")});
  club.say("ann", project, 1, is("bunting"));
  club.say("ben", project, 1, is("bunting"));
  club.say("ann", project, 2, is("bunting"));
  club.say("ann", project, 3, is("bunting"));
  const AssignmentId held = club.lease_item("cem", project, 2);
  club.change(project, action);
  CHECK(club.standing("ann") == Standing{1, 1, 1, 1});
  CHECK(club.standing("ben") == Standing{1, 1, 0, 0});
  // What comes in afterwards is not counted, nor sent a second time.
  CHECK(club.answer("cem", held, is("bunting")).accepted);
  CHECK(club.standing("cem") == Standing{});
  CHECK(club.times_counted(club.ann) == 1);
  CHECK(club.tasks(project).state == PartState::done);
}

TEST_CASE("parts and projects add up, and each part tells for itself") {
  Limits limits;
  limits.part_size = 2;
  Club club(limits);
  const ProjectId project = club.open(two_of_three(), 5);
  for (std::int64_t item = 1; item <= 4; ++item) {
    club.say("ann", project, item, is("bunting"));
    club.say("ben", project, item, is(item == 4 ? "other" : "bunting"));
  }
  CHECK(club.standing("ann") == Standing{2, 2, 0, 0});
  club.say("cem", project, 4, is("other"));
  CHECK(club.standing("ann") == Standing{4, 3, 0, 0});
  const ProjectId second = club.open_items(two_of_three(), {plain});
  club.say("ann", second, 1, is("other"));
  club.say("ben", second, 1, is("other"));
  CHECK(club.standing("ann") == Standing{5, 4, 0, 0});
  CHECK_FALSE(club.told(project, 1).empty());
  CHECK_FALSE(club.told(project, 2).empty());
  CHECK(club.told(project, 3).empty());
}

TEST_CASE("standing that is told twice is counted once, and what was on its way arrives after a reload") {
  Club club;
  const ProjectId project = club.open_items(two_of_three(), {plain});
  club.world.hold_deliveries = true;
  club.say("ann", project, 1, is("bunting"));
  club.say("ben", project, 1, is("bunting"));
  CHECK(club.standing("ann") == Standing{});
  const PartId part = part_of(project, 1);
  club.world.reload(part);
  club.world.reload(account_part_of(club.ann));
  CHECK(club.standing("ann") == Standing{});
  club.world.release_deliveries();
  CHECK(club.standing("ann") == Standing{1, 1, 0, 0});
  CHECK(club.times_counted(club.ann) == 1);
  for (const PartId id : club.world.core.loaded()) club.world.reload(id);
  CHECK(club.standing("ann") == Standing{1, 1, 0, 0});
  CHECK(club.times_counted(club.ann) == 1);
}

TEST_CASE("the standing of each worker goes to where the worker lives, in one mail a home") {
  Club club;
  ProjectSpec spec = two_of_three();
  spec.redundancy = {30, 30, 2};
  std::set<PartId> homes;
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) {
    names.push_back("worker " + std::to_string(i));
    homes.insert(account_part_of(club.worker(names.back())));
  }
  REQUIRE(homes.size() > 3);
  const ProjectId project = club.announce(spec, 1);
  club.post(project, 1, 1);
  for (std::size_t i = 0; i < names.size(); ++i) club.say(names[i], project, 1, is(i % 3 == 0 ? "other" : "bunting"));
  const auto mails = club.told(project);
  CHECK(mails.size() == homes.size());
  std::size_t rows = 0;
  for (const StandingEarned& mail : mails) {
    rows += mail.rows.size();
    for (const StandingOf& row : mail.rows) {
      CHECK(account_part_of(row.account) == account_part_of(mail.rows[0].account));
    }
  }
  CHECK(rows == names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    CHECK(club.standing(names[i]) == Standing{1, i % 3 == 0 ? 0 : 1, 0, 0});
}

TEST_CASE("who reaches the standing of a rule is granted its qualification, once, and a waiting pull is served") {
  Limits limits;
  limits.part_size = 1;
  limits.qualification_rules = {{"reliable", 3, 900'000}, {"busy", 2, 0}};
  Club club(limits);
  ProjectSpec spec = two_of_three();
  spec.require.qualifications = {{"reliable", 0}};
  const ProjectId reserved = club.open(spec, 1);
  REQUIRE(club.world.ask("ann", Pull{reserved, 1, {}, 60'000}).empty());
  REQUIRE(club.world.ask("ben", Pull{reserved, 1, {}, 60'000}).empty());
  const ProjectId project = club.open(two_of_three(), 4);
  const auto held = [&](const std::string& key) {
    std::map<std::string, std::int64_t> scores;
    for (const QualificationRow& row : club.world.get<StandingPage>(key, GetStanding{}).qualifications) {
      CHECK(row.by == GrantedBy::rule);
      CHECK_FALSE(row.project.has_value());
      scores[row.name] = row.score;
    }
    return scores;
  };
  using Scores = std::map<std::string, std::int64_t>;
  // Ben is wrong on the first.
  club.say("ann", project, 1, is("bunting"));
  club.say("ben", project, 1, is("other"));
  club.say("cem", project, 1, is("bunting"));
  CHECK(held("ann").empty());
  club.say("ann", project, 2, is("bunting"));
  club.say("ben", project, 2, is("bunting"));
  CHECK(held("ann") == Scores{{"busy", 100}});
  CHECK(held("ben") == Scores{{"busy", 50}});
  club.say("ann", project, 3, is("bunting"));
  const AssignmentId last = club.lease_item("ben", project, 3);
  Submit submit;
  submit.answers.push_back({last, is("bunting")});
  const auto replies = club.world.ask("ben", submit);
  // Ben's own reply, and what Ann waited for.
  REQUIRE(replies.size() == 2);
  CHECK(std::get<Tasks>(replies[1]).tasks.at(0).project == reserved);
  CHECK(held("ann") == Scores{{"busy", 100}, {"reliable", 100}});
  CHECK(held("ben") == Scores{{"busy", 50}});
  club.say("ann", project, 4, is("bunting"));
  club.say("ben", project, 4, is("bunting"));
  CHECK(held("ann").size() == 2);
  std::size_t granted_to_ann = 0;
  for (const auto& granted : club.world.records_of<QualificationGranted>(account_part_of(club.ann))) {
    granted_to_ann += granted.account == club.ann ? 1U : 0U;
  }
  CHECK(granted_to_ann == 2);
  check_rebuilt(club.world);
  // What an admin took away no rule gives again; an admin may.
  const auto busy = [&](bool is_revoked) {
    static_cast<void>(
        club.world.get<Acknowledged>(club.world.admin, GrantQualification{club.ann, "busy", 7, is_revoked}));
  };
  busy(true);
  check_rebuilt(club.world);
  const ProjectId later = club.open(two_of_three(), 1);
  club.say("ann", later, 1, is("bunting"));
  club.say("ben", later, 1, is("bunting"));
  CHECK(held("ann") == Scores{{"reliable", 100}});
  CHECK(held("ben").contains("busy"));
  busy(false);
  CHECK(club.world.core.find(account_part_of(club.ann))->accounts().accounts.at(club.ann).revoked.empty());
}

TEST_CASE("a worker sees their own standing, an admin that of every worker, and nobody that of others") {
  Club club;
  const ProjectId project = club.open_items(two_of_three(), {plain});
  club.say("ann", project, 1, is("bunting"));
  club.say("ben", project, 1, is("bunting"));
  const auto refused = [&](const std::string& key, const GetStanding& get) { return club.world.refused(key, get); };
  CHECK(club.world.get<StandingPage>("ann", GetStanding{club.ann, {}}).account == club.ann);
  CHECK(refused("ann", GetStanding{club.ben, {}}) == RefusalCode::not_yours);
  CHECK(refused("ann", GetStanding{AccountId{999'999}, {}}) == RefusalCode::not_yours);
  const auto page = club.world.get<StandingPage>(club.world.admin, GetStanding{club.ben, project});
  CHECK(page.account == club.ben);
  CHECK(page.over_all == Standing{1, 1, 0, 0});
  REQUIRE(page.in_project.has_value());
  CHECK_FALSE(page.in_project->no_work.has_value());
  for (const std::optional<AccountId> account : std::vector<std::optional<AccountId>>{
           std::nullopt, club.requester, AccountId{0}, AccountId{-7}, AccountId{999'999}}) {
    CHECK(refused(club.world.admin, GetStanding{account, {}}) == RefusalCode::account_not_found);
  }
  CHECK(refused("req", GetStanding{}) == RefusalCode::role_not_allowed);
  for (const std::int64_t no : {0, 999, -4}) {
    CHECK(refused("ann", GetStanding{{}, ProjectId{no}}) == RefusalCode::project_not_found);
  }
}

TEST_CASE("standing in a project whose control part is not in memory is told when it has been read") {
  Club club;
  const ProjectId project = club.open_items(two_of_three(), {plain});
  club.world.hold_loads = true;
  club.world.core.drop(control_part_of(project));
  CHECK(club.world.ask("ann", GetStanding{{}, project}).empty());
  const auto replies = club.world.release_loads();
  REQUIRE(replies.size() == 1);
  CHECK(std::get<StandingPage>(replies[0]).in_project.has_value());
}

}  // namespace tally::core
