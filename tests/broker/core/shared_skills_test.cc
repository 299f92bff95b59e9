// What the parts of a project tell each other of skill: each begins with what those before it learned.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/online/claims.h"
#include "common/aggregation/online/label_model.h"
#include "common/aggregation/online/part_skills.h"
#include "tests/broker/core/market.h"
#include "tests/broker/core/rebuilt.h"

namespace tally::core {
namespace {

constexpr std::int64_t in_part = 10;
constexpr std::int64_t million = 1'000'000;
const std::vector<std::string> birds{"bunting", "grosbeak", "other"};

std::string bird_of(std::int64_t item) { return birds[static_cast<std::size_t>(item) % birds.size()]; }

ProjectSpec by_theta() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {3, 5, 1, 990'000};
  spec.pull_by_item = true;
  return spec;
}
ProjectSpec by_confidence(std::int64_t confidence_ppm = 800'000) {
  ProjectSpec spec = by_theta();
  spec.redundancy = {3, 5, 1, 0, confidence_ppm};
  return spec;
}

Limits small_parts() {
  Limits limits;
  limits.part_size = in_part;
  return limits;
}

std::string bytes_of(const aggregation::LabelModel& model) { return codec::encode(model, codec::Form::positional); }

struct Factory : Market {
  Factory() : Market(small_parts()) {
    for (int i = 0; i < 5; ++i) {
      names.push_back("worker " + std::to_string(i));
      accounts.push_back(worker(names.back()));
    }
  }
  // The first `gold` items of each part are gold.
  ProjectId open_parts(const ProjectSpec& spec, std::int64_t parts, std::int64_t gold = 0) {
    const ProjectId project = announce(spec, parts * in_part);
    for (std::int64_t first = 1; first <= parts * in_part; first += in_part) {
      PostItems post;
      post.project = project;
      post.first = first;
      for (std::int64_t i = 0; i < in_part; ++i) {
        post.items.push_back({{"a picture"}, std::nullopt, {}});
        if (i < gold) post.items.back().gold = {{"bird", bird_of(first + i)}};
      }
      static_cast<void>(world.get<ItemsPosted>("req", post));
    }
    return project;
  }
  // What this worker says of an item: the last two of them are often wrong.
  static std::string said_by(std::size_t worker, std::int64_t item) {
    const bool is_wrong = worker >= 3 && (item * 7 + static_cast<std::int64_t>(worker)) % 3 != 0;
    return bird_of(is_wrong ? item + 1 : item);
  }
  // Nothing: the item takes no more answers.
  std::optional<AssignmentId> lease_item(std::size_t worker, ProjectId project, std::int64_t item) {
    const Tasks tasks = world.get<Tasks>(names[worker], Pull{project, 1, {item}, 0});
    if (tasks.tasks.empty()) return std::nullopt;
    return tasks.tasks[0].assignment;
  }
  void do_item(ProjectId project, std::int64_t item) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t worker = (i + static_cast<std::size_t>(item)) % names.size();
      const auto taken = lease_item(worker, project, item);
      if (taken) REQUIRE(answer(names[worker], *taken, {{"bird", {said_by(worker, item)}}}).accepted);
    }
  }
  void do_part(ProjectId project, std::int64_t part_no) {
    for (std::int64_t i = 1; i <= in_part; ++i) do_item(project, (part_no - 1) * in_part + i);
    REQUIRE(tasks(project, part_no).open == 0);
  }
  [[nodiscard]] std::vector<PartLearned> learned(ProjectId project, std::int64_t part_no) const {
    std::vector<PartLearned> mails;
    for (const MailSent& sent : world.records_of<MailSent>(part_of(project, part_no))) {
      if (const auto* mail = std::get_if<PartLearned>(&sent.body)) mails.push_back(*mail);
    }
    return mails;
  }
  [[nodiscard]] std::vector<WorkerIntroduced> introduced(ProjectId project, std::int64_t part_no) const {
    return world.records_of<WorkerIntroduced>(part_of(project, part_no));
  }
  [[nodiscard]] std::vector<ProjectKnown> known(ProjectId project, std::int64_t part_no) const {
    return world.records_of<ProjectKnown>(part_of(project, part_no));
  }
  void has_standing(AccountId account, const Standing& standing) {
    const PartId home = account_part_of(account);
    world.journal[home].push_back(StandingCounted{{{account, standing}}});
    world.reload(home);
  }
  std::vector<std::string> names;
  std::vector<AccountId> accounts;
};

std::int64_t sum_of(const Outcomes& outcomes) {
  std::int64_t sum = 0;
  for (const OutcomeCount& count : outcomes) sum += count.right + count.wrong;
  return sum;
}

}  // namespace

TEST_CASE(
    "a part begins with what the part before it learned, of each worker at the first task that the worker takes") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_theta(), 2);
  CHECK(factory.introduced(project, 1).empty());
  factory.do_part(project, 1);
  CHECK(factory.introduced(project, 1).empty());
  CHECK(factory.known(project, 1).empty());
  const auto learned = factory.learned(project, 1);
  REQUIRE(learned.size() == 1);
  REQUIRE(learned[0].skills.size() == 1);
  const FieldSkill& first = learned[0].skills[0];
  CHECK(first.workers.size() == 5);

  REQUIRE(factory.lease_item(0, project, in_part + 1).has_value());
  REQUIRE(factory.lease_item(0, project, in_part + 2).has_value());
  REQUIRE(factory.lease_item(4, project, in_part + 1).has_value());
  const auto known = factory.known(project, 2);
  REQUIRE(known.size() == 1);
  CHECK(known[0].version == 1);
  const auto introduced = factory.introduced(project, 2);
  REQUIRE(introduced.size() == 2);
  CHECK(introduced[0].worker == factory.accounts[0]);
  CHECK(introduced[1].worker == factory.accounts[4]);

  // By hand: the crowd and the frequencies of the first part, and the rows of these two.
  aggregation::LabelModel by_hand(3);
  FieldSkill crowd = first;
  crowd.workers.clear();
  by_hand.tell(crowd);
  for (const std::size_t worker : {0U, 4U}) {
    FieldSkill row;
    for (const SkillRow& each : first.workers) {
      if (each.worker == factory.accounts[worker]) row.workers.push_back(each);
    }
    REQUIRE(row.workers.size() == 1);
    by_hand.tell(row);
  }
  const aggregation::LabelModel& model = factory.tasks(project, 2).models.at(0);
  CHECK(bytes_of(model) == bytes_of(by_hand));
  // And that is not what one knows who knows nothing: who was good is believed more than who was not.
  const std::vector<aggregation::LabelBallot> said{{factory.accounts[0], 0}, {factory.accounts[4], 1}};
  const auto judgement = aggregation::judge(model.evidence(said));
  CHECK(judgement.label == 0);
  CHECK_FALSE(judgement.is_tied);
  CHECK(aggregation::judge(aggregation::LabelModel(3).evidence(said)).is_tied);
  check_rebuilt(factory.world);
  check_snapshots(factory.world);
}

TEST_CASE("what the parts learned adds up in the project, and no part learns what it was told") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_confidence(), 3, 4);
  for (std::int64_t part_no = 1; part_no <= 3; ++part_no) factory.do_part(project, part_no);
  FieldSkill sum;
  std::map<AccountId, std::vector<std::int64_t>> rows;
  const auto add = [](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& more) {
    to.resize(more.size());
    for (std::size_t i = 0; i < more.size(); ++i) to[i] += more[i];
  };
  for (std::int64_t part_no = 1; part_no <= 3; ++part_no) {
    const auto mails = factory.learned(project, part_no);
    REQUIRE(mails.size() == 1);
    const FieldSkill& skill = mails[0].skills.at(0);
    CHECK(sum_of(skill.gold) <= 4);
    // Each answer adds one whole task to its worker's row and to the crowd's, but for what rounding takes.
    std::int64_t tasks = 0;
    for (const std::int64_t count : skill.tasks) tasks += count;
    CHECK(tasks <= in_part * aggregation::whole_share);
    CHECK(tasks > in_part * (aggregation::whole_share - 8));
    std::vector<std::int64_t> crowd;
    for (const SkillRow& row : skill.workers) {
      add(crowd, row.counts);
      add(rows[row.worker], row.counts);
      std::int64_t answers = 0;
      for (const std::int64_t count : row.counts) answers += count;
      CHECK(answers <= 2 * in_part * aggregation::whole_share);
    }
    CHECK(crowd == skill.crowd);
    add(sum.tasks, skill.tasks);
    add(sum.crowd, skill.crowd);
    aggregation::add_outcomes(sum.gold, skill.gold);
    aggregation::add_outcomes(sum.audited, skill.audited);
  }
  const ProjectSkills& skills = factory.control(project).skills;
  CHECK(skills.version == 3);
  CHECK(skills.by_field.at(0) == sum);
  CHECK(skills.workers.at(0) == rows);
  CHECK(sum_of(sum.gold) > 8);
  check_rebuilt(factory.world);
  check_snapshots(factory.world);
}

TEST_CASE("what is told anew takes the place of what was told before") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_confidence(), 3, 3);
  factory.do_part(project, 1);
  REQUIRE(factory.lease_item(0, project, 2 * in_part + 1).has_value());
  factory.do_part(project, 2);
  REQUIRE(factory.known(project, 3).size() == 1);
  // Who was introduced is not introduced again, but what the project knows is told.
  REQUIRE(factory.lease_item(0, project, 2 * in_part + 2).has_value());
  const auto known = factory.known(project, 3);
  REQUIRE(known.size() == 2);
  CHECK(known[0].version == 1);
  CHECK(known[1].version == 2);
  CHECK(factory.introduced(project, 3).size() == 1);
  CHECK(factory.tasks(project, 3).known.version == 2);
  CHECK(factory.tasks(project, 3).known.skills == known[1].skills);

  aggregation::LabelModel by_hand(3);
  FieldSkill all = factory.control(project).skills.by_field.at(0);
  CHECK(all.workers.empty());
  by_hand.tell(all);
  FieldSkill row;
  const auto first = factory.learned(project, 1).at(0).skills.at(0);
  for (const SkillRow& each : first.workers) {
    if (each.worker == factory.accounts[0]) row.workers.push_back(each);
  }
  by_hand.tell(row);
  CHECK(bytes_of(factory.tasks(project, 3).models.at(0)) == bytes_of(by_hand));
  const auto& claims = factory.tasks(project, 3).claims.at(0);
  CHECK(claims.basis().gold == all.gold);
  CHECK(claims.basis().audited == all.audited);
  CHECK(claims.own().gold.empty());
  CHECK(sum_of(all.gold) > 3);
  check_rebuilt(factory.world);
  check_snapshots(factory.world);
}

TEST_CASE("a worker whom only other projects know begins with a little of the standing there") {
  Factory factory;
  factory.has_standing(factory.accounts[0], {40, 40, 0, 0});
  factory.has_standing(factory.accounts[1], {1'000'000, 0, 0, 0});
  factory.has_standing(factory.accounts[2], {4, 4, 0, 0});
  factory.has_standing(factory.accounts[3], {5, 4, 0, 0});
  const ProjectId project = factory.open_parts(by_theta(), 2);
  for (const std::size_t worker : {0U, 1U, 2U, 3U}) {
    REQUIRE(factory.lease_item(worker, project, static_cast<std::int64_t>(worker) + 1).has_value());
  }
  const auto introduced = factory.introduced(project, 1);
  // The third was judged too little to say anything.
  REQUIRE(introduced.size() == 3);
  struct Expected {
    std::size_t worker;
    std::int64_t agreed, others;
  };
  // 8 answers over three labels: 10922 each, of which (40 + 2.8) / 44; of 2.8 / 1000004 nothing is left. One answer:
  // 1365 each, of which (4 + 2.8) / 9.
  for (const auto& [at, expected] :
       std::map<std::size_t, Expected>{{0, {0, 10'624, 149}}, {1, {1, 0, 5'461}}, {2, {3, 1'031, 167}}}) {
    REQUIRE(introduced[at].worker == factory.accounts[expected.worker]);
    REQUIRE(introduced[at].skills.size() == 1);
    const FieldSkill& skill = introduced[at].skills[0];
    CHECK(skill.tasks.empty());
    CHECK(skill.crowd.empty());
    REQUIRE(skill.workers.size() == 1);
    CHECK(skill.workers[0].worker == introduced[at].worker);
    const std::int64_t a = expected.agreed;
    const std::int64_t o = expected.others;
    CHECK(skill.workers[0].counts ==
          std::vector<std::int64_t>{a, o, o, o, a, o, o, o, a, a + 2 * o, a + 2 * o, a + 2 * o});
    CHECK(aggregation::SkillCounts::is_sound(skill, 3));
  }
}

TEST_CASE("what the project knows of a worker comes before what other projects do") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_theta(), 2);
  factory.do_part(project, 1);
  factory.has_standing(factory.accounts[0], {1'000, 1'000, 0, 0});
  REQUIRE(factory.lease_item(0, project, in_part + 1).has_value());
  const auto introduced = factory.introduced(project, 2);
  REQUIRE(introduced.size() == 1);
  CHECK(introduced[0].skills.at(0).workers.at(0).counts ==
        factory.control(project).skills.workers.at(0).at(factory.accounts[0]));
}

TEST_CASE("where votes are counted nothing is learned nor told") {
  Factory factory;
  ProjectSpec spec = by_theta();
  spec.redundancy = {2, 5, 2};
  const ProjectId project = factory.open_parts(spec, 2);
  factory.has_standing(factory.accounts[0], {100, 100, 0, 0});
  factory.do_part(project, 1);
  factory.do_item(project, in_part + 1);
  CHECK(factory.learned(project, 1).empty());
  CHECK(factory.introduced(project, 2).empty());
  CHECK(factory.known(project, 2).empty());
}

TEST_CASE("a part that nobody answered has learned nothing, and one that was ended tells what it has") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_theta(), 2);
  factory.do_item(project, 1);
  factory.change(project, ProjectAction::end);
  CHECK(factory.learned(project, 1).size() == 1);
  CHECK(factory.learned(project, 2).empty());
  CHECK(factory.control(project).skills.version == 1);
}

TEST_CASE("parts that are read again in the middle of it all decide as those that stayed") {
  std::vector<std::vector<VerdictReached>> verdicts;
  for (const bool reloads : {false, true}) {
    Factory factory;
    const ProjectId project = factory.open_parts(by_confidence(), 3, 3);
    for (std::int64_t item = 1; item <= 3 * in_part; ++item) {
      // Of the last part some come before the second is done.
      if (item == in_part + 4) factory.do_item(project, 3 * in_part);
      factory.do_item(project, item);
      if (!reloads) continue;
      for (const PartId id : factory.world.core.loaded()) {
        if (id.value % 3 == item % 3 || !is_account_part(id)) factory.world.reload(id);
      }
      check_snapshots(factory.world);
    }
    for (std::int64_t part_no = 1; part_no <= 3; ++part_no) {
      verdicts.push_back(factory.world.records_of<VerdictReached>(part_of(project, part_no)));
    }
    CHECK(factory.control(project).skills.version == 3);
    check_rebuilt(factory.world);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& stayed = verdicts[i];
    const auto& read_again = verdicts[i + 3];
    REQUIRE(stayed.size() == read_again.size());
    for (std::size_t j = 0; j < stayed.size(); ++j) {
      CHECK(stayed[j].task == read_again[j].task);
      CHECK(stayed[j].judged == read_again[j].judged);
      CHECK(stayed[j].evidence == read_again[j].evidence);
    }
  }
}

TEST_CASE("what a part learned arrives once, though its mail is held up and both sides are read again") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_theta(), 2);
  factory.world.hold_deliveries = true;
  factory.do_part(project, 1);
  CHECK(factory.control(project).skills.version == 0);
  // A worker who begins with the next part meanwhile is a stranger there.
  REQUIRE(factory.lease_item(0, project, in_part + 1).has_value());
  CHECK(factory.introduced(project, 2).empty());
  factory.world.reload(part_of(project, 1));
  factory.world.reload(control_part_of(project));
  factory.world.release_deliveries();
  CHECK(factory.control(project).skills.version == 1);
  factory.world.reload(part_of(project, 1));
  factory.world.reload(control_part_of(project));
  CHECK(factory.control(project).skills.version == 1);
  CHECK(factory.world.records_of<SkillsLearned>(control_part_of(project)).size() == 1);
  // The project is known at the next lease, the worker only where it was the first.
  REQUIRE(factory.lease_item(0, project, in_part + 2).has_value());
  CHECK(factory.known(project, 2).size() == 1);
  CHECK(factory.introduced(project, 2).empty());
  check_rebuilt(factory.world);
}

TEST_CASE("what was told and lost with its record is told again") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_confidence(), 2, 3);
  factory.do_part(project, 1);
  const PartId second = part_of(project, 2);
  const std::size_t records = factory.world.journal[second].size();
  const auto first_lease = factory.lease_item(0, project, in_part + 1);
  const std::string model = bytes_of(factory.tasks(project, 2).models.at(0));
  factory.world.journal[second].resize(records);
  factory.world.reload(second);
  CHECK(factory.tasks(project, 2).known.version == 0);
  CHECK(factory.lease_item(0, project, in_part + 1) == first_lease);
  CHECK(bytes_of(factory.tasks(project, 2).models.at(0)) == model);
  CHECK(factory.introduced(project, 2).size() == 1);
}

TEST_CASE("a skip that is taken back introduces nobody twice") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_theta(), 2);
  factory.do_part(project, 1);
  const auto skipped = factory.lease_item(0, project, in_part + 1);
  factory.hand_back(factory.names[0], *skipped);
  static_cast<void>(factory.lease_item(0, project, in_part + 2));
  static_cast<void>(factory.world.get<Acknowledged>(factory.names[0], HandBack{*skipped, HandBackHow::skipped}));
  CHECK(factory.world.get<Tasks>(factory.names[0], TakeBackSkip{*skipped}).tasks.size() == 1);
  CHECK(factory.introduced(project, 2).size() == 1);
  CHECK(factory.known(project, 2).size() == 1);
}

TEST_CASE("what the data of a project can support is the outcomes of all its parts, and what gold is missing") {
  Factory factory;
  constexpr std::int64_t asked = 900'000;
  const ProjectId project = factory.open_parts(by_confidence(asked), 2, 4);
  const auto support = [&](const std::string& key = "req") {
    return factory.world.get<SupportReport>(key, GetSupport{project});
  };
  const auto needed = [&](const ClaimBasis& basis) -> std::int64_t {
    if (aggregation::Claims(basis).highest() >= asked) return 0;
    for (const std::int64_t gold : {5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1'000, 2'000}) {
      if (aggregation::hopeful_claims(basis, gold).highest() >= asked) return gold;
    }
    return -1;
  };
  const SupportReport before = support();
  CHECK(before.asked_ppm == asked);
  REQUIRE(before.by_field.size() == 1);
  CHECK(before.by_field[0].field == "bird");
  CHECK(before.by_field[0].gold == 0);
  CHECK(before.by_field[0].gold_open == 8);
  CHECK(before.by_field[0].claim_max_ppm == aggregation::Claims().highest());
  CHECK(before.by_field[0].gold_needed == needed({}));
  REQUIRE(before.by_field[0].gold_needed > 0);
  // Five answers each at a hundredth, and a fifth of that as the fee.
  CHECK(before.by_field[0].cost == Micros{before.by_field[0].gold_needed * 5 * 12'000});

  factory.do_part(project, 1);
  factory.do_item(project, in_part + 1);
  ClaimBasis basis;
  std::int64_t gold = 0;
  std::int64_t right = 0;
  for (const std::int64_t part_no : {1, 2}) {
    for (const auto& verdict : factory.world.records_of<VerdictReached>(part_of(project, part_no))) {
      if (verdict.task > 4) continue;
      const auto judgement = aggregation::judge(verdict.evidence.at(0).evidence);
      if (judgement.is_tied || judgement.log_odds < 0) continue;
      const bool is_right = verdict.judged[0].value == bird_of((part_no - 1) * in_part + verdict.task);
      aggregation::count_outcome(basis.gold, aggregation::claim_bucket(judgement), is_right);
      ++gold;
      right += is_right ? 1 : 0;
    }
  }
  const SupportReport after = support();
  CHECK(gold > 2);
  CHECK(after.by_field[0].gold == gold);
  CHECK(after.by_field[0].right == right);
  CHECK(after.by_field[0].gold_open == 3);
  CHECK(after.by_field[0].claim_max_ppm == aggregation::Claims(basis).highest());
  CHECK(after.by_field[0].gold_needed == needed(basis));
  CHECK(support(factory.world.admin).by_field[0].gold == gold);

  static_cast<void>(factory.world.enrol("other", Role::requester));
  CHECK(factory.world.refused("other", GetSupport{project}) == RefusalCode::not_yours);
  CHECK(factory.world.refused("worker 0", GetSupport{project}) == RefusalCode::role_not_allowed);
  for (const std::int64_t no : {0, 999, -4}) {
    CHECK(factory.world.refused("req", GetSupport{ProjectId{no}}) == RefusalCode::project_not_found);
  }
  const ProjectId theta = factory.open_parts(by_theta(), 1);
  CHECK(factory.world.get<SupportReport>("req", GetSupport{theta}).asked_ppm == 0);
  CHECK(factory.world.get<SupportReport>("req", GetSupport{theta}).by_field.empty());
}

TEST_CASE("a confidence that no gold brings is said to be out of reach, at no cost") {
  Factory factory;
  const ProjectId project = factory.open_parts(by_confidence(confidence_ppm_max), 1);
  const auto report = factory.world.get<SupportReport>("req", GetSupport{project});
  const std::int64_t most = aggregation::hopeful_claims({}, 2'000).highest();
  REQUIRE(report.by_field.size() == 1);
  if (most < confidence_ppm_max) {
    CHECK(report.by_field[0].gold_needed == -1);
    CHECK(report.by_field[0].cost == Micros{});
  } else {
    CHECK(report.by_field[0].gold_needed > 0);
  }
  CHECK(report.by_field[0].claim_max_ppm < million);
}

}  // namespace tally::core
