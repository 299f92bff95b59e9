// What parts tell each other of skill: counts that are added and taken away, beside what is learned meanwhile.
#include "common/aggregation/online/part_skills.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "common/codec/codec.h"

namespace tally::aggregation {
namespace {

using Counts = std::vector<std::int64_t>;

// A row of two labels: right and wrong answers on tasks of either label, in parts of a task.
SkillRow row_of(std::int64_t worker, std::int64_t right, std::int64_t wrong) {
  return {AccountId{worker}, {right, wrong, wrong, right, right + wrong, right + wrong}};
}
FieldSkill skill_of(std::vector<SkillRow> workers, Counts crowd = {}, Counts tasks = {}) {
  FieldSkill skill;
  skill.workers = std::move(workers);
  skill.crowd = std::move(crowd);
  skill.tasks = std::move(tasks);
  return skill;
}
Counts sum_of(const Counts& a, const Counts& b) {
  Counts sum(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = (i < a.size() ? a[i] : 0) + (i < b.size() ? b[i] : 0);
  return sum;
}
bool is_nothing(const Counts& counts) {
  return std::all_of(counts.begin(), counts.end(), [](std::int64_t count) { return count == 0; });
}

const FieldSkill elsewhere =
    skill_of({row_of(7, 40 * whole_share, whole_share), row_of(8, 10 * whole_share, 10 * whole_share)},
             {900'000, 100'000, 200'000, 800'000, 1'100'000, 900'000}, {700'000, 300'000});

// A model, and the ballots that it sees.
class Part {
 public:
  explicit Part(std::int32_t tasks) : ballots_(static_cast<std::size_t>(tasks)) {}

  void answered(std::int32_t task, std::int64_t worker, std::int32_t label) {
    ballots_[static_cast<std::size_t>(task)].push_back({AccountId{worker}, label});
    model.answered(task, static_cast<std::int32_t>(ballots_.size()), AccountId{worker},
                   [this](std::int32_t no, auto& found) { found = ballots_[static_cast<std::size_t>(no)]; });
  }
  // Worker 1 and 2 are right, 3 guesses, 7 is who is known elsewhere. Calls `between` after each answer.
  void work(const std::function<void(std::int64_t)>& between) {
    std::mt19937 random(1);
    std::int64_t answers = 0;
    for (std::size_t task = 0; task < ballots_.size(); ++task) {
      for (const std::int64_t worker : {1, 2, 3, 7}) {
        const auto truth = static_cast<std::int32_t>(task % 2);
        answered(static_cast<std::int32_t>(task), worker,
                 worker == 3 ? static_cast<std::int32_t>(random() % 2) : truth);
        between(++answers);
      }
    }
  }
  LabelModel model{2};

 private:
  std::vector<std::vector<LabelBallot>> ballots_;
};

// What was learned here: each answer is in its worker's row and in the crowd's.
void check_adds_up(const FieldSkill& learned) {
  Counts crowd;
  for (const SkillRow& row : learned.workers) crowd = sum_of(crowd, row.counts);
  REQUIRE(crowd == (learned.workers.empty() ? Counts{} : learned.crowd));
}

std::string bytes_of(const LabelModel& model) { return codec::encode(model, codec::Form::positional); }

}  // namespace

TEST_CASE("counts of elsewhere are added, and taken away without a trace in any judgement") {
  SkillCounts counts(2);
  const std::vector<LabelBallot> said{{AccountId{7}, 0}, {AccountId{8}, 1}, {AccountId{9}, 1}};
  const LabelEvidence before = counts.evidence(said, Frequencies::as_they_are);
  counts.add(elsewhere, 1);
  const LabelEvidence after = counts.evidence(said, Frequencies::as_they_are);
  CHECK_FALSE(after == before);
  // The first label is more frequent, and who is known to be right is believed more than one who guesses.
  CHECK(after.before[0] > after.before[1]);
  CHECK(after.said[0] - after.said[1] > after.said[3] - after.said[2]);
  counts.add(elsewhere, -1);
  CHECK(counts.evidence(said, Frequencies::as_they_are) == before);
}

TEST_CASE("what is left empty of counts from elsewhere is nothing") {
  SkillCounts counts(2);
  const std::vector<LabelBallot> said{{AccountId{7}, 0}};
  const LabelEvidence before = counts.evidence(said, Frequencies::as_they_are);
  counts.add(FieldSkill{}, 1);
  CHECK(counts.evidence(said, Frequencies::as_they_are) == before);
  counts.add(skill_of({}, elsewhere.crowd), 1);
  CHECK(counts.evidence(said, Frequencies::as_they_are).before == before.before);
  CHECK_FALSE(counts.evidence(said, Frequencies::as_they_are).said == before.said);
}

TEST_CASE("counts beyond others are what was counted since, and workers of whom nothing was are left out") {
  SkillCounts before(2);
  before.add(elsewhere, 1);
  SkillCounts after = before;
  CHECK(after.beyond(before).workers.empty());
  CHECK(is_nothing(after.beyond(before).crowd));
  CHECK(is_nothing(after.beyond(before).tasks));
  const std::vector<LabelBallot> ballots{{AccountId{7}, 0}, {AccountId{1}, 1}};
  const std::vector<std::int32_t> belief{4'000, 96};
  after.add(ballots, belief, 1);
  const FieldSkill found = after.beyond(before);
  CHECK(found.tasks == Counts{4'000, 96});
  REQUIRE(found.workers.size() == 2);
  CHECK(found.workers[0] == SkillRow{AccountId{1}, {0, 0, 4'000, 96, 4'000, 96}});
  CHECK(found.workers[1] == SkillRow{AccountId{7}, {4'000, 96, 0, 0, 4'000, 96}});
  CHECK(found.crowd == Counts{4'000, 96, 4'000, 96, 8'000, 192});
  // And what was found, told to what was before, is what is after.
  before.add(found, 1);
  CHECK(before.evidence(ballots, Frequencies::as_they_are) == after.evidence(ballots, Frequencies::as_they_are));
}

TEST_CASE("counts of another shape, or too large to be added, are known before they are") {
  CHECK(SkillCounts::is_sound(FieldSkill{}, 2));
  CHECK(SkillCounts::is_sound(elsewhere, 2));
  CHECK_FALSE(SkillCounts::is_sound(elsewhere, 3));
  CHECK_FALSE(SkillCounts::is_sound(elsewhere, 1));
  CHECK_FALSE(SkillCounts::is_sound(skill_of({}, {}, {1}), 2));
  CHECK_FALSE(SkillCounts::is_sound(skill_of({}, {}, {1, 2, 3}), 2));
  CHECK_FALSE(SkillCounts::is_sound(skill_of({}, {1, 2, 3, 4}), 2));
  CHECK_FALSE(SkillCounts::is_sound(skill_of({{AccountId{1}, {}}}), 2));
  CHECK_FALSE(SkillCounts::is_sound(skill_of({{AccountId{1}, {1, 2, 3, 4, 5}}}), 2));
  for (const std::int64_t much : {INT64_MAX, INT64_MIN, std::int64_t{1} << 50}) {
    CHECK_FALSE(SkillCounts::is_sound(skill_of({}, {}, {0, much}), 2));
    CHECK_FALSE(SkillCounts::is_sound(skill_of({}, {0, 0, 0, 0, 0, much}), 2));
    CHECK_FALSE(SkillCounts::is_sound(skill_of({{AccountId{1}, {much, 0, 0, 0, 0, 0}}}), 2));
  }
}

TEST_CASE("the largest counts that are sound can be judged with, told several times over") {
  const std::int64_t most = (std::int64_t{1} << 45) - 1;
  for (const std::int64_t count : {most, -most}) {
    const FieldSkill extreme = skill_of({{AccountId{1}, Counts(6, count)}}, Counts(6, count), {count, count});
    REQUIRE(SkillCounts::is_sound(extreme, 2));
    SkillCounts counts(2);
    for (int i = 0; i < 4; ++i) counts.add(extreme, 1);
    const std::vector<LabelBallot> said{{AccountId{1}, 0}, {AccountId{2}, 1}};
    const LabelEvidence evidence = counts.evidence(said, Frequencies::as_they_are);
    CHECK(is_sound(evidence, 2, 2));
  }
}

TEST_CASE("a model learns the same sums whether or not it is told of elsewhere, at any moment of a refit") {
  const std::int64_t answers = 4 * 60;
  for (std::int64_t told_at = 1; told_at < answers; told_at += 3) {
    INFO("told after " << told_at << " answers");
    Part part(60);
    part.work([&](std::int64_t given) {
      if (given == told_at) part.model.tell(elsewhere);
      check_adds_up(part.model.learned());
    });
    REQUIRE(part.model.refits() > 3);
    // Each task is a whole one, but for what rounding takes, and nothing of elsewhere is among it.
    const Counts tasks = part.model.learned().tasks;
    CHECK(tasks[0] + tasks[1] <= 60 * whole_share);
    CHECK(tasks[0] + tasks[1] > 60 * (whole_share - 4));
    REQUIRE(part.model.learned().workers.size() == 4);
    for (const SkillRow& row : part.model.learned().workers) {
      CHECK(row.counts[4] + row.counts[5] == tasks[0] + tasks[1]);
    }
  }
}

TEST_CASE("what a model is told stays when it is estimated afresh, and can be taken back later") {
  Part told(60);
  told.model.tell(elsewhere);
  told.work([](std::int64_t) {});
  REQUIRE(told.model.refits() > 3);
  const std::vector<LabelBallot> said{{AccountId{7}, 0}, {AccountId{8}, 1}};
  const FieldSkill learned = told.model.learned();
  // By hand: what was told and what was learned, in fresh counts.
  SkillCounts sum(2);
  sum.add(elsewhere, 1);
  sum.add(learned, 1);
  CHECK(told.model.evidence(said) == sum.evidence(said, told.model.frequencies()));
  told.model.tell(elsewhere, -1);
  SkillCounts alone(2);
  alone.add(learned, 1);
  CHECK(told.model.evidence(said) == alone.evidence(said, told.model.frequencies()));
  CHECK(told.model.learned() == learned);
}

TEST_CASE("telling and taking back in the middle of refits leaves a model that goes on as one that was told nothing") {
  Part plain(40);
  plain.work([](std::int64_t) {});
  Part told(40);
  told.work([&](std::int64_t given) {
    told.model.tell(elsewhere);
    if (given % 5 == 0) told.model.tell(elsewhere);
    if (given % 5 == 0) told.model.tell(elsewhere, -1);
    told.model.tell(elsewhere, -1);
  });
  CHECK(told.model.learned() == plain.model.learned());
  CHECK(told.model.refits() == plain.model.refits());
  const std::vector<LabelBallot> said{{AccountId{1}, 0}, {AccountId{3}, 1}, {AccountId{7}, 1}, {AccountId{8}, 0}};
  CHECK(told.model.evidence(said) == plain.model.evidence(said));
}

TEST_CASE("a model that was told is written and read as it was, in the middle of a refit too") {
  Part part(60);
  part.work([&](std::int64_t given) {
    if (given == 25 || given == 90) part.model.tell(elsewhere);
    const auto read = codec::decode<LabelModel>(bytes_of(part.model), codec::own_limits, codec::Form::positional);
    REQUIRE(read);
    REQUIRE(bytes_of(*read) == bytes_of(part.model));
    REQUIRE(read->learned() == part.model.learned());
    part.model = *read;
  });
}

TEST_CASE("claims are made from the outcomes here and those that were told last") {
  FieldClaims claims;
  claims.gold_opened();
  claims.gold_opened();
  const LabelEvidence sure{{0, 0}, {0, -10 * 65'536}};
  const std::int32_t bucket = claim_bucket(judge(sure));
  claims.gold_closed(&sure, true);
  const std::int64_t alone = claims.now().highest();
  const ClaimBasis own = claims.own();
  REQUIRE(own.gold == Outcomes{{bucket, 1, 0}});

  claims.tell({{bucket, 200, 0}}, {{bucket, 3, 0}});
  CHECK(claims.basis().gold == Outcomes{{bucket, 201, 0}});
  CHECK(claims.basis().audited == Outcomes{{bucket, 3, 0}});
  CHECK(claims.own() == own);
  CHECK(claims.now().highest() > alone);
  CHECK(claims.now().highest() == Claims(claims.basis()).highest());
  CHECK(claims.hopeful().highest() == hopeful_claims(claims.basis(), 1).highest());

  // It takes the place of what was told before.
  claims.tell({{bucket, 2, 0}, {bucket + 1, 0, 5}}, {});
  CHECK(claims.basis().gold == Outcomes{{bucket, 3, 0}, {bucket + 1, 0, 5}});
  CHECK(claims.basis().audited.empty());
  CHECK(claims.now().highest() == Claims(claims.basis()).highest());
  claims.gold_closed(&sure, false);
  CHECK(claims.basis().gold == Outcomes{{bucket, 3, 1}, {bucket + 1, 0, 5}});
  CHECK(claims.own().gold == Outcomes{{bucket, 1, 1}});
  claims.audit_closed(bucket, true);
  CHECK(claims.basis().audited == Outcomes{{bucket, 1, 0}});

  const auto written = codec::encode(claims, codec::Form::positional);
  const auto read = codec::decode<FieldClaims>(written, codec::own_limits, codec::Form::positional);
  REQUIRE(read);
  CHECK(read->basis() == claims.basis());
  CHECK(read->own() == claims.own());
  CHECK(read->now().highest() == claims.now().highest());

  claims.tell({}, {});
  CHECK(claims.basis() == claims.own());
}

TEST_CASE("a project may have more outcomes than are told apart, and claims are made all the same") {
  const std::int32_t bucket = 7;
  const Outcomes many{{bucket, 800'000, 700'000}};
  Outcomes sum;
  for (int i = 0; i < 3'000; ++i) add_outcomes(sum, many);
  CHECK(is_sound(sum));
  FieldClaims claims;
  for (int i = 0; i < 5; ++i) claims.gold_opened();
  claims.tell(sum, sum);
  CHECK(claims.now().highest() > 0);
  CHECK(claims.hopeful().highest() >= claims.now().highest());
  CHECK(hopeful_claims({1, {{bucket, 900'000, 0}, {39, 900'000, 0}}, {}}, INT64_MAX).highest() > 0);
}

TEST_CASE("what is known of a project takes the place of what was, field by field") {
  ModelsByField models;
  models.emplace(0, LabelModel(2));
  models.emplace(2, LabelModel(2));
  ClaimsByField claims;
  claims.try_emplace(0);
  claims.try_emplace(2);
  FieldSkill first = elsewhere;
  first.workers.clear();
  first.gold = {{4, 9, 1}};
  FieldSkill second = first;
  second.field = 2;
  FieldSkill more = first;
  for (std::int64_t& count : more.crowd) count *= 2;
  more.gold = {{4, 19, 1}};
  more.audited = {{3, 1, 0}};
  const ProjectKnown one{1, {first}};
  const ProjectKnown two{2, {more, second}};
  tell_all(models, claims, {}, one);
  tell_all(models, claims, one, two);
  LabelModel by_hand(2);
  by_hand.tell(more);
  LabelModel other(2);
  other.tell(second);
  CHECK(bytes_of(models.at(0)) == bytes_of(by_hand));
  CHECK(bytes_of(models.at(2)) == bytes_of(other));
  CHECK(claims.at(0).basis().gold == more.gold);
  CHECK(claims.at(0).basis().audited == more.audited);
  CHECK(claims.at(2).basis().gold == second.gold);
  CHECK(is_nothing(models.at(0).learned().crowd));
}

TEST_CASE(
    "of more workers than may be told those with the most answers are, in their order, and the crowd as a whole") {
  Part part(30);
  // Worker n answers the first n tasks.
  for (std::int32_t task = 0; task < 30; ++task) {
    for (std::int64_t worker = 1; worker <= 30; ++worker) {
      if (worker > task) part.answered(task, worker, 0);
    }
  }
  ModelsByField models;
  models.emplace(3, part.model);
  ClaimsByField claims;
  claims.try_emplace(3);
  claims.at(3).tell({{1, 5, 0}}, {});
  claims.at(3).audit_closed(2, true);
  const auto all = all_learned(models, claims, 1'000);
  REQUIRE(all.size() == 1);
  CHECK(all[0].field == 3);
  CHECK(all[0].gold.empty());
  CHECK(all[0].audited == Outcomes{{2, 1, 0}});
  const auto few = all_learned(models, claims, 4);
  REQUIRE(few[0].workers.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(few[0].workers[i].worker == AccountId{27 + static_cast<std::int64_t>(i)});
    CHECK(few[0].workers[i] == all[0].workers[all[0].workers.size() - 4 + i]);
  }
  CHECK(few[0].crowd == all[0].crowd);
  CHECK(few[0].tasks == all[0].tasks);
  CHECK(all_learned(models, claims, 0)[0].workers.empty());
}

}  // namespace tally::aggregation
