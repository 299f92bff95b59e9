// What is believed of tasks and workers while answers come in.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/online/fixed_point.h"
#include "common/aggregation/online/label_model.h"
#include "common/aggregation/skill.h"
#include "common/codec/codec.h"

namespace tally::aggregation {
namespace {

struct SaidLabel {
  std::int32_t task = 0;
  LabelBallot ballot;
};

// Tasks of known truth, and what workers of known skill say of them, in a mixed order.
struct Crowd {
  std::int32_t labels = 2;
  std::vector<std::int32_t> truth;
  std::vector<SaidLabel> said;
};

struct CrowdConfig {
  std::int32_t labels = 2;
  std::int32_t tasks = 300;
  std::vector<double> skills;     // By worker; the rest is spread over the other labels.
  std::vector<double> frequency;  // By label; empty: alike.
  std::size_t answers = 5;        // Of a task.
};

Crowd crowd_of(const CrowdConfig& config, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> frequency = config.frequency;
  if (frequency.empty()) frequency.assign(static_cast<std::size_t>(config.labels), 1.0);
  std::discrete_distribution<std::int32_t> truth(frequency.begin(), frequency.end());
  std::uniform_real_distribution<double> chance;
  std::uniform_int_distribution<std::int32_t> other(1, std::max(1, config.labels - 1));
  std::vector<std::int64_t> workers(config.skills.size());
  for (std::size_t i = 0; i < workers.size(); ++i) workers[i] = static_cast<std::int64_t>(i);
  Crowd crowd{config.labels, {}, {}};
  for (std::int32_t task = 0; task < config.tasks; ++task) {
    crowd.truth.push_back(truth(random));
    std::shuffle(workers.begin(), workers.end(), random);
    for (std::size_t i = 0; i < config.answers; ++i) {
      const bool is_right = chance(random) < config.skills[static_cast<std::size_t>(workers[i])];
      const std::int32_t label = is_right ? crowd.truth.back() : (crowd.truth.back() + other(random)) % config.labels;
      crowd.said.push_back({task, {AccountId{workers[i] + 1}, label}});
    }
  }
  std::shuffle(crowd.said.begin(), crowd.said.end(), random);
  return crowd;
}

// A model and the answers that it has seen.
class Seen {
 public:
  explicit Seen(const Crowd& crowd)
      : model_(crowd.labels), ballots_(crowd.truth.size()), tasks_(static_cast<std::int32_t>(crowd.truth.size())) {}

  void take(const SaidLabel& said) {
    ballots_[static_cast<std::size_t>(said.task)].push_back(said.ballot);
    model_.answered(said.task, tasks_, said.ballot.worker, [this](std::int32_t task, auto& ballots) {
      ++looks_;
      ballots = ballots_[static_cast<std::size_t>(task)];
    });
  }
  [[nodiscard]] LabelJudgement judgement(std::int32_t task) const {
    return judge(model_.evidence(ballots_[static_cast<std::size_t>(task)]));
  }
  [[nodiscard]] double accuracy(const Crowd& crowd) const {
    std::int64_t right = 0;
    for (std::int32_t task = 0; task < tasks_; ++task) {
      right += judgement(task).label == crowd.truth[static_cast<std::size_t>(task)] ? 1 : 0;
    }
    return static_cast<double>(right) / tasks_;
  }
  [[nodiscard]] double accuracy_of_votes(const Crowd& crowd) const {
    double right = 0;
    for (std::size_t task = 0; task < ballots_.size(); ++task) {
      std::vector<std::int32_t> votes(static_cast<std::size_t>(crowd.labels));
      for (const LabelBallot& ballot : ballots_[task]) ++votes[static_cast<std::size_t>(ballot.label)];
      const std::int32_t most = *std::max_element(votes.begin(), votes.end());
      const auto ties = std::count(votes.begin(), votes.end(), most);
      if (votes[static_cast<std::size_t>(crowd.truth[task])] == most) right += 1.0 / static_cast<double>(ties);
    }
    return right / static_cast<double>(ballots_.size());
  }
  [[nodiscard]] const LabelModel& model() const { return model_; }
  [[nodiscard]] std::int64_t looks() const { return looks_; }

 private:
  LabelModel model_;
  std::vector<std::vector<LabelBallot>> ballots_;
  std::int32_t tasks_;
  std::int64_t looks_ = 0;
};

Seen seen(const Crowd& crowd) {
  Seen result(crowd);
  for (const SaidLabel& said : crowd.said) result.take(said);
  return result;
}

// Three who are good at it, five who guess.
CrowdConfig mixed_crowd() { return {3, 400, {0.9, 0.9, 0.9, 0.34, 0.34, 0.34, 0.34, 0.34}, {}, 6}; }

// As a snapshot holds it.
std::string bytes_of(const LabelModel& model) { return codec::encode(model, codec::Form::positional); }

}  // namespace

TEST_CASE("logarithms and powers are those of mathematics, but for a few units") {
  for (std::uint64_t x = 1; x < 5000; ++x) {
    const double exact = std::log2(static_cast<double>(x)) * fixed::doubling;
    REQUIRE(std::abs(fixed::log2_of(x) - exact) <= 3);
  }
  for (int bits = 12; bits < 64; ++bits) {
    const std::uint64_t x = (std::uint64_t{1} << bits) + (std::uint64_t{1} << (bits - 2)) + 12'345 % bits;
    REQUIRE(std::abs(fixed::log2_of(x) - std::log2(static_cast<double>(x)) * fixed::doubling) <= 3);
  }
  CHECK(fixed::log2_of(1) == 0);
  CHECK(fixed::log2_of(std::uint64_t{1} << 63) == 63 * fixed::doubling);
  for (std::int64_t units = 0; units < 4LL * fixed::doubling; units += 37) {
    const double exact = std::exp2(-static_cast<double>(units) / fixed::doubling) * (1 << 30);
    REQUIRE(std::abs(fixed::power_below(units) - exact) <= exact * 2e-6 + 1);
  }
  CHECK(fixed::power_below(0) == 1U << 30);
  CHECK(fixed::power_below(30LL * fixed::doubling) == 1);
  CHECK(fixed::power_below(31LL * fixed::doubling) == 0);
}

TEST_CASE("logarithms and powers never turn back") {
  std::int32_t last = -1;
  for (std::uint64_t x = 1; x < 70'000; ++x) {
    REQUIRE(fixed::log2_of(x) >= last);
    last = fixed::log2_of(x);
  }
  std::uint32_t least = fixed::power_below(0);
  for (std::int64_t units = 1; units < 40'000; ++units) {
    REQUIRE(fixed::power_below(units) <= least);
    least = fixed::power_below(units);
  }
}

TEST_CASE("a judgement is Bayes' rule") {
  // Before: 3 to 1 for the first. One answer, three times as probable if the second is true; then they are alike.
  const std::int32_t three = fixed::log2_of(3);
  LabelEvidence evidence{{three, 0}, {0, three}};
  CHECK(judge(evidence).is_tied);
  CHECK(judge(evidence).label == 0);
  evidence.said.insert(evidence.said.end(), {0, three});
  const LabelJudgement judgement = judge(evidence);
  CHECK_FALSE(judgement.is_tied);
  CHECK(judgement.label == 1);
  CHECK(std::abs(judgement.posterior_ppm - 750'000) < 20);
  CHECK(std::abs(judgement.belief[1] - whole_share * 3 / 4) <= 1);
}

TEST_CASE("evidence that was not made by a model is known before it is judged") {
  const LabelEvidence good{{-1, -1}, {-5, -7}};
  CHECK(is_sound(good, 2, 1));
  CHECK_FALSE(is_sound(good, 3, 1));
  CHECK_FALSE(is_sound(good, 2, 2));
  CHECK_FALSE(is_sound({{}, {}}, 0, 0));
  CHECK_FALSE(is_sound({{-1, INT32_MIN}, {-5, -7}}, 2, 1));
  CHECK_FALSE(is_sound({{-1, -1}, {-5, INT32_MAX}}, 2, 1));
}

TEST_CASE("what other tasks tell of a task's workers is what was known of them without it") {
  const std::vector<LabelBallot> one{{AccountId{1}, 0}, {AccountId{2}, 0}, {AccountId{3}, 0}};
  const std::vector<LabelBallot> two{{AccountId{1}, 1}, {AccountId{2}, 1}, {AccountId{4}, 1}};
  const std::vector<std::int32_t> first{4000, 96};
  const std::vector<std::int32_t> second{7, 4089};
  const std::vector<std::int32_t> nothing{0, 0};
  SkillCounts both(2);
  both.add(one, first, 1);
  both.add(two, second, 1);
  SkillCounts only(2);
  only.add(two, second, 1);
  const auto as_they_are = Frequencies::as_they_are;
  const LabelJudgement with = judge(both.evidence(one, as_they_are));
  const LabelJudgement of_others = judge(both.evidence_of_others(one, first, as_they_are));
  const LabelJudgement without = judge(only.evidence_of_others(one, nothing, as_they_are));
  CHECK(of_others.label == with.label);
  CHECK(of_others.posterior_ppm < with.posterior_ppm);
  // The crowd's row has it still, which hardly tells.
  CHECK(std::abs(of_others.posterior_ppm - without.posterior_ppm) < 30'000);
}

TEST_CASE("no worker is so good that one answer counts without bound against all others") {
  SkillCounts counts(2);
  for (int i = 0; i < 2000; ++i) {
    const std::vector<LabelBallot> said{{AccountId{1}, i % 2}, {AccountId{2}, i % 2}};
    counts.add(said, std::vector<std::int32_t>{i % 2 == 0 ? whole_share : 0, i % 2 == 0 ? 0 : whole_share}, 1);
  }
  const std::vector<LabelBallot> alone{{AccountId{1}, 0}};
  const std::vector<std::int32_t> nothing{0, 0};
  const auto held_back = Frequencies::held_back;
  CHECK(judge(counts.evidence(alone, held_back)).posterior_ppm > 999'000);
  CHECK(judge(counts.evidence_of_others(alone, nothing, held_back)).posterior_ppm < 990'000);
  const std::vector<LabelBallot> two{{AccountId{1}, 0}, {AccountId{2}, 0}};
  CHECK(judge(counts.evidence_of_others(two, nothing, held_back)).posterior_ppm > 999'000);
}

TEST_CASE("counts are additive: what was taken away was never there, and the order does not matter") {
  const std::vector<LabelBallot> one{{AccountId{1}, 0}, {AccountId{2}, 1}};
  const std::vector<LabelBallot> two{{AccountId{2}, 1}, {AccountId{3}, 1}};
  const std::vector<std::int32_t> first{4000, 96};
  const std::vector<std::int32_t> second{7, 4080};
  SkillCounts there(2);
  there.add(one, first, 1);
  there.add(two, second, 1);
  SkillCounts back(2);
  back.add(two, second, 1);
  back.add(one, first, 1);
  for (const auto frequencies : {Frequencies::as_they_are, Frequencies::held_back}) {
    CHECK(there.evidence(one, frequencies) == back.evidence(one, frequencies));
  }
  there.add(one, first, -1);
  SkillCounts only(2);
  only.add(two, second, 1);
  const std::vector<LabelBallot> both{{AccountId{2}, 0}, {AccountId{3}, 0}};
  CHECK(there.evidence(both, Frequencies::as_they_are) == only.evidence(both, Frequencies::as_they_are));
}

TEST_CASE("who is known to be good counts more than several who are known to guess") {
  const Crowd crowd = crowd_of(mixed_crowd(), 1);
  const Seen all = seen(crowd);
  const std::vector<LabelBallot> ballots{{AccountId{1}, 2}, {AccountId{5}, 0}, {AccountId{6}, 0}, {AccountId{7}, 0}};
  CHECK(judge(all.model().evidence(ballots)).label == 2);
  CHECK(all.accuracy(crowd) > all.accuracy_of_votes(crowd) + 0.05);
}

TEST_CASE("unanimous answers settle for their label, with every number of labels") {
  for (const std::int32_t labels : {1, 2, 3, 7, 32}) {
    const Crowd crowd = crowd_of({labels, 60, std::vector<double>(5, 1.0), {}, 5}, 2);
    CHECK(seen(crowd).accuracy(crowd) == 1.0);
  }
}

TEST_CASE("one answer says nothing of its worker") {
  Crowd crowd{2, std::vector<std::int32_t>(50), {}};
  for (std::int32_t task = 0; task < 50; ++task) crowd.said.push_back({task, {AccountId{1 + task % 3}, 0}});
  const Seen all = seen(crowd);
  const std::vector<LabelBallot> known{{AccountId{1}, 0}};
  const std::vector<LabelBallot> stranger{{AccountId{99}, 0}};
  CHECK(all.model().evidence(known) == all.model().evidence(stranger));
}

TEST_CASE("other names of the labels and of the workers do not matter") {
  Crowd crowd = crowd_of(mixed_crowd(), 3);
  const Seen plain = seen(crowd);
  for (SaidLabel& said : crowd.said) {
    said.ballot.label = (said.ballot.label + 1) % 3;
    said.ballot.worker = AccountId{1000 - said.ballot.worker.value};
  }
  const Seen renamed = seen(crowd);
  for (std::int32_t task = 0; task < 400; ++task) {
    REQUIRE(plain.judgement(task).posterior_ppm == renamed.judgement(task).posterior_ppm);
    REQUIRE((plain.judgement(task).label + 1) % 3 == renamed.judgement(task).label);
  }
}

TEST_CASE("an answer costs the looks that it is said to cost, however many there are") {
  for (const std::int32_t tasks : {10, 300, 4096}) {
    const Crowd crowd = crowd_of({2, tasks, std::vector<double>(9, 0.8), {}, 5}, 4);
    Seen model(crowd);
    std::int64_t most = 0;
    for (const SaidLabel& said : crowd.said) {
      const std::int64_t before = model.looks();
      model.take(said);
      most = std::max(most, model.looks() - before);
    }
    CHECK(model.model().refits() > 3);
    CHECK(most == 7);
  }
}

TEST_CASE("a model that is written and read goes on as it was, in the middle of a refit too") {
  const Crowd crowd = crowd_of(mixed_crowd(), 5);
  Seen whole(crowd);
  std::map<std::int32_t, std::vector<LabelBallot>> ballots;
  LabelModel model(crowd.labels);
  for (std::size_t i = 0; i < crowd.said.size(); ++i) {
    whole.take(crowd.said[i]);
    ballots[crowd.said[i].task].push_back(crowd.said[i].ballot);
    if (i % 7 == 0) {
      const auto read = codec::decode<LabelModel>(bytes_of(model), codec::own_limits, codec::Form::positional);
      REQUIRE(read);
      model = *read;
    }
    model.answered(crowd.said[i].task, static_cast<std::int32_t>(crowd.truth.size()), crowd.said[i].ballot.worker,
                   [&](std::int32_t task, auto& found) { found = ballots[task]; });
  }
  CHECK(bytes_of(model) == bytes_of(whole.model()));
}

TEST_CASE("frequencies of labels count where they help to foretell, and are held back where they do not") {
  const std::vector<double> fair(12, 0.75);
  const Seen skewed = seen(crowd_of({2, 1500, fair, {19, 1}, 3}, 6));
  CHECK(skewed.model().frequencies() == Frequencies::as_they_are);
  const Seen even = seen(crowd_of({2, 1500, fair, {}, 5}, 6));
  CHECK(even.model().frequencies() == Frequencies::held_back);
}

TEST_CASE("a verdict by skill settles at theta, is a best guess below it, and neither where two labels are alike") {
  const std::int32_t nine = fixed::log2_of(9);
  const LabelEvidence evidence{{0, 0}, {nine, 0}};
  const Claims claims;
  const SkillVerdict settled = verdict_by_skill(evidence, claims, {1, 5, 1, 899'000});
  CHECK(settled.is_settled);
  CHECK(settled.label == 0);
  const SkillVerdict guess = verdict_by_skill(evidence, claims, {1, 5, 1, 910'000});
  CHECK_FALSE(guess.is_settled);
  CHECK(guess.has_label);
  CHECK(guess.posterior_ppm == settled.posterior_ppm);
  const SkillVerdict tied = verdict_by_skill({{0, 0}, {nine, nine}}, claims, {1, 5, 1, 500'000});
  CHECK_FALSE(tied.is_settled);
  CHECK_FALSE(tied.has_label);
  CHECK(tied.posterior_ppm == 0);
}

TEST_CASE("a settled verdict is borne out by evidence that is as sure of the same label, and by no other") {
  const std::int32_t nine = fixed::log2_of(9);
  const LabelEvidence sure{{0, 0}, {nine, 0}};
  const LabelEvidence unsure{{0, 0}, {nine / 2, 0}};
  const LabelEvidence other{{0, 0}, {0, nine}};
  const LabelEvidence tied{{0, 0}, {nine, nine}};
  const Redundancy redundancy{1, 5, 1, 899'000};
  const auto is_settled = [&](const LabelEvidence& evidence, std::optional<LabelEvidence> of_others) {
    return verdict_on({0, evidence, {}, std::move(of_others)}, Claims(), redundancy).is_settled;
  };
  CHECK(is_settled(sure, sure));
  CHECK_FALSE(is_settled(sure, unsure));
  CHECK_FALSE(is_settled(sure, other));
  CHECK_FALSE(is_settled(sure, tied));
  CHECK_FALSE(is_settled(sure, std::nullopt));
  CHECK_FALSE(is_settled(unsure, sure));
  CHECK(needs_others(sure, redundancy));
  CHECK_FALSE(needs_others(unsure, redundancy));
  CHECK_FALSE(needs_others(tied, redundancy));
}

TEST_CASE("what other tasks tell is asked of a model at any time, in the middle of a refit too") {
  const Crowd crowd = crowd_of(mixed_crowd(), 7);
  std::vector<std::vector<LabelBallot>> ballots(crowd.truth.size());
  LabelModel model(crowd.labels);
  for (const SaidLabel& said : crowd.said) {
    const auto task = static_cast<std::size_t>(said.task);
    ballots[task].push_back(said.ballot);
    model.answered(said.task, static_cast<std::int32_t>(crowd.truth.size()), said.ballot.worker,
                   [&](std::int32_t each, auto& found) { found = ballots[static_cast<std::size_t>(each)]; });
    REQUIRE(is_sound(model.evidence_of_others(said.task, ballots[task]), 3, ballots[task].size()));
  }
}

}  // namespace tally::aggregation
