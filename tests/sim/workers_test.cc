// The audit of what is known of workers sees what it is there for.
#include <initializer_list>
#include <string>

#include <catch2/catch.hpp>

#include "tools/sim/audit_workers.h"

namespace tally::sim {
namespace {

constexpr ProjectId project{17};
constexpr AccountId worker{33};
const PartId control = control_part_of(project);
const PartId home = account_part_of(worker);
const PartId part = part_of(project, 1);

struct Stage {
  Findings findings;
  JournalAudit journal{findings};
  WorkerAudit audit{findings, journal};

  explicit Stage(const ProjectSpec& spec) {
    ProjectCreated created;
    created.opened.spec = spec;
    group({{control, created}});
  }
  struct Stored {
    PartId part;
    Record record;
  };
  void group(std::initializer_list<Stored> records) {
    audit.begin("");
    for (const Stored& stored : records) audit.apply(stored.part, stored.record);
    audit.end();
  }
  void lease() { group({{part, leased()}}); }
  static AssignmentLeased leased() { return {1, 1, worker, 0, 1, 0}; }
  [[nodiscard]] std::string found() const { return findings.first().value_or("nothing"); }
  [[nodiscard]] bool has_found(const std::string& text) const { return found().find(text) != std::string::npos; }
};

ProjectSpec spec() {
  ProjectSpec spec;
  spec.form = {{"bird", "choice", "Which bird?", true, {"bunting", "other"}, {}}};
  return spec;
}
ProjectSpec with_training() {
  ProjectSpec made = spec();
  made.training.tasks = {{{"a"}, {{"bird", {"bunting"}}}, ""}, {{"b"}, {{"bird", {"bunting"}}}, ""}};
  return made;
}
ProjectSpec with_requirements() {
  ProjectSpec made = spec();
  made.require.qualifications = {{"birds", 50}};
  return made;
}
QualificationGranted granted(std::int64_t score) { return {worker, "birds", score, GrantedBy::admin, {}, 1}; }
Train answer(std::int64_t round, std::int32_t no, const std::string& bird) {
  return {project, TrainingAnswer{round, no, {{"bird", {bird}}}}};
}

}  // namespace

TEST_CASE("a lease of a worker without the qualification is found, and one of its last moment is not") {
  Stage without(with_requirements());
  without.lease();
  CHECK(without.has_found("lacks the qualification 'birds'"));

  Stage with_less(with_requirements());
  with_less.group({{home, granted(49)}});
  with_less.lease();
  CHECK(with_less.has_found("lacks the qualification 'birds'"));

  Stage in_time(with_requirements());
  in_time.group({{home, granted(50)}});
  in_time.group({{home, QualificationRevoked{worker, "birds", 1}}, {part, Stage::leased()}});
  CHECK(in_time.found() == "nothing");
  in_time.lease();
  CHECK(in_time.has_found("lacks the qualification 'birds'"));
}

TEST_CASE("a lease of a worker whose gold answers are wrong is found") {
  ProjectSpec strict = spec();
  strict.require.gold_ppm = 500'000;
  strict.require.gold_after = 2;
  Stage stage(strict);
  stage.group({{control, GoldAnswered{worker, {part, 1}, false}}});
  stage.lease();
  CHECK(stage.found() == "nothing");
  stage.group({{control, GoldAnswered{worker, {part, 2}, false}}});
  stage.lease();
  CHECK(stage.has_found("lacks right answers to gold tasks"));
}

TEST_CASE("a training answer that is counted twice, or as it was not given, is found") {
  Stage twice(with_training());
  twice.audit.asked(worker, answer(1, 1, "bunting"));
  twice.group({{control, TrainingAnswered{worker, 1, true, 1}}});
  CHECK(twice.found() == "nothing");
  twice.group({{control, TrainingAnswered{worker, 1, true, 1}}});
  CHECK(twice.has_found("counted out of its order, or twice"));

  Stage otherwise(with_training());
  otherwise.audit.asked(worker, answer(1, 1, "other"));
  otherwise.group({{control, TrainingAnswered{worker, 1, true, 1}}});
  CHECK(otherwise.has_found("counted as it was not answered"));
}

TEST_CASE("a round that is passed against its answers is found, and so is a lease before it was passed") {
  Stage stage(with_training());
  for (const std::int32_t no : {1, 2}) {
    stage.audit.asked(worker, answer(1, no, "other"));
    stage.group({{control, TrainingAnswered{worker, no, false, 1}}});
  }
  stage.group({{control, TrainingEnded{worker, 0, true}}});
  CHECK(stage.has_found("is told another result than was earned"));

  Stage early(with_training());
  early.lease();
  CHECK(early.has_found("did not pass the training"));
}

TEST_CASE("a standing that is not what the answers came to is found at rest") {
  Stage stage(spec());
  stage.group({{home, StandingCounted{{{worker, {2, 1, 0, 0}}}}}});
  stage.audit.check_at_rest({{worker, {2, 1, 0, 0}}}, {});
  CHECK(stage.found() == "nothing");
  stage.audit.check_at_rest({{worker, {2, 2, 0, 0}}}, {});
  CHECK(stage.has_found("is not what its answers came to"));
}

}  // namespace tally::sim
