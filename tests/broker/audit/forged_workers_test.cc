#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/online/label_model.h"
#include "common/aggregation/skill.h"
#include "tests/broker/audit/forge.h"

// What is known of workers: standing, skill, training and qualifications, in journals whose digests are right.
using namespace tally;
using namespace tally::audit::testing;

namespace {

constexpr std::size_t labels = 3;  // Of the one field of the form.

}  // namespace

TEST_CASE("what a part was told of skill, or tells of it, is found when it is not what its records give") {
  const Restored restored;
  const PartId first = part_of(history().trained, 1);
  const PartId second = part_of(history().trained, 2);
  check_found({
      {[&] {
         forge_one<WorkerIntroduced>(second, [&](WorkerIntroduced& r) {
           std::vector<std::int64_t>& counts = r.skills[0].workers[0].counts;
           counts[0] += std::int64_t{1} << 20;
           counts[counts.size() - labels] += std::int64_t{1} << 20;
           return true;
         });
       },
       "its evidence is not what the answers before it give"},
      {[&] {
         forge_one<WorkerIntroduced>(second, [&](WorkerIntroduced& r) {
           r.skills[0].workers[0].counts.pop_back();
           return true;
         });
       },
       "it is not one row of the worker for each field"},
      {[&] {
         forge_one<WorkerIntroduced>(second, [&](WorkerIntroduced& r) {
           r.skills[0].field = 7;
           return true;
         });
       },
       "it is not one row of the worker for each field"},
      {[&] {
         forge_one<WorkerIntroduced>(second, [&](WorkerIntroduced& r) {
           // Sums that fit, of numbers too large to be multiplied.
           std::vector<std::int64_t>& counts = r.skills[0].workers[0].counts;
           counts[0] = counts[counts.size() - labels] = std::int64_t{1} << 42;
           return true;
         });
       },
       "it is not one row of the worker for each field"},
      {[&] {
         // More answers of one label than of all.
         forge_one<WorkerIntroduced>(second, [&](WorkerIntroduced& r) {
           r.skills[0].workers[0].counts[0] += std::int64_t{1} << 20;
           return true;
         });
       },
       "it is not one row of the worker for each field"},
      {[&] {
         forge_one<WorkerIntroduced>(second, [&](WorkerIntroduced& r) {
           r.skills[0].workers[0].counts[0] = -1;
           return true;
         });
       },
       "it is not one row of the worker for each field"},
      {[&] {
         forge_one<WorkerIntroduced>(second, [&](WorkerIntroduced& r) {
           r.worker = AccountId{999};
           r.skills[0].workers[0].worker = r.worker;
           return true;
         });
       },
       "its evidence is not what the answers before it give"},
      {[&] {
         // Of a worker who never had a task of the part.
         bool is_done = false;
         forge(second, [&](std::vector<Record>& records) {
           for (std::size_t i = 0; i < records.size() && !is_done; ++i) {
             const auto* r = std::get_if<WorkerIntroduced>(&records[i]);
             if (r == nullptr) continue;
             WorkerIntroduced other = *r;
             other.worker = other.skills[0].workers[0].worker = AccountId{999};
             records.insert(records.begin() + static_cast<std::ptrdiff_t>(i), other);
             is_done = true;
           }
         });
       },
       "the worker got no task of the part"},
      {[&] {
         // After the first task.
         forge(second, [&](std::vector<Record>& records) {
           for (std::size_t i = 0; i + 1 < records.size(); ++i) {
             const bool is_told = std::holds_alternative<WorkerIntroduced>(records[i]) &&
                                  std::holds_alternative<AssignmentLeased>(records[i + 1]);
             if (is_told) std::swap(records[i], records[i + 1]);
           }
         });
       },
       "the worker had a task of the part before"},
      {[&] {
         forge_one<ProjectKnown>(second, [&](ProjectKnown& r) {
           r.version = 0;
           return true;
         });
       },
       "it is not from more parts than what was told before"},
      {[&] {
         forge_one<ProjectKnown>(second, [&](ProjectKnown& r) {
           r.skills[0].tasks.pop_back();
           return true;
         });
       },
       "it is not what is known of fields of the form"},
      {[&] {
         forge_one<ProjectKnown>(second, [&](ProjectKnown& r) {
           r.skills[0].gold.push_back({99, 1, 0});
           return true;
         });
       },
       "it is not what is known of fields of the form"},
      {[&] {
         forge_one<ProjectKnown>(second, [&](ProjectKnown& r) {
           r.skills[0].crowd[0] += std::int64_t{1} << 20;
           return true;
         });
       },
       "its evidence is not what the answers before it give"},
      {[&] { forge_mail<PartLearned>(first, [&](Mail&, PartLearned& m) { ++m.skills[0].tasks[0]; }); },
       "what it says was learned is not what the answers gave"},
      {[&] { forge_mail<PartLearned>(first, [&](Mail&, PartLearned& m) { m.skills[0].workers.pop_back(); }); },
       "what it says was learned is not what the answers gave"},
      {[&] { forge_mail<PartLearned>(first, [&](Mail& mail, PartLearned&) { mail = PartFilled{}; }); },
       "missing: what the part learned"},
      {[&] { forge_mail<StandingEarned>(first, [&](Mail&, StandingEarned& m) { ++m.rows[0].standing.agreed; }); },
       "the standing that it tells is not what answers and verdicts give"},
      {[&] { forge_mail<StandingEarned>(first, [&](Mail&, StandingEarned& m) { --m.rows[0].standing.gold; }); },
       "the standing that it tells is not what answers and verdicts give"},
      {[&] { forge_mail<StandingEarned>(first, [&](Mail& mail, StandingEarned&) { mail = PartFilled{}; }); },
       "missing: the standing of workers in p0."},
      {[&] {
         forge_one<AnswerAccepted>(first, [&](AnswerAccepted& r) {
           ++r.took_ms;
           return true;
         });
       },
       "it did not take the time since its lease"},
  });
}

TEST_CASE("a single answer that settles a task which is drawn for the spot check is found") {
  const Restored restored;
  const PartId part = part_of(history().skilled, 1);
  constexpr std::int32_t tasks = 6;
  // One answer of whom nothing is known would do; it is always looked at once more.
  const Redundancy redundancy{1, 3, 1, 600'000};
  bool is_done = false;
  const auto settle_by_the_first = [&](std::vector<Record>& records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (auto* created = std::get_if<TaskPartCreated>(&records[i])) created->spec.redundancy = redundancy;
      const auto* answer = std::get_if<AnswerAccepted>(&records[i]);
      if (answer == nullptr || std::exchange(is_done, true)) continue;
      const std::vector<aggregation::LabelBallot> said{{answer->worker, 0}};
      aggregation::LabelModel model(labels);
      FieldEvidence of{0, model.evidence(said), {}, {}};
      model.answered(answer->task - 1, tasks, answer->worker, [&](std::int32_t, auto& ballots) { ballots = said; });
      of.claim.version = aggregation::claims_version;
      of.of_others = model.evidence_of_others(answer->task - 1, said);
      const auto verdict = aggregation::verdict_by_skill(of.evidence, aggregation::Claims(of.claim), redundancy);
      VerdictReached reached{answer->task, VerdictReason::theta_reached, {}, {{answer->assignment}}, answer->at_ms, {}};
      reached.judged = {{true, answer->ballots[0], verdict.claim_ppm, "skill", verdict.posterior_ppm}};
      reached.evidence = {of};
      records.insert(records.begin() + static_cast<std::ptrdiff_t>(i) + 1, reached);
    }
  };
  check_found({{[&] { forge(part, settle_by_the_first); }, "it is drawn for the spot check, and did not go on"}});
  CHECK(is_done);
}

TEST_CASE("training, qualifications and standing that follow from nothing are found") {
  const Restored restored;
  const History& h = history();
  const PartId control = control_part_of(h.trained);
  const PartId home = account_part_of(h.ann);
  check_found({
      {[&] {
         forge_one<TrainingAnswered>(control, [&](TrainingAnswered& r) {
           r.no = 2;
           return true;
         });
       },
       "an answer that is not the next"},
      {[&] {
         forge_one<TrainingAnswered>(control, [&](TrainingAnswered& r) {
           r.no = -1;
           return true;
         });
       },
       "an answer that is not the next"},
      {[&] {
         forge_one<TrainingAnswered>(control, [&](TrainingAnswered& r) {
           r.is_right = !r.is_right;
           return true;
         });
       },
       "a round ended with another number of right answers"},
      {[&] {
         forge_one<TrainingEnded>(control, [&](TrainingEnded& r) {
           ++r.right;
           return true;
         });
       },
       "a round ended with another number of right answers"},
      {[&] {
         forge_one<TrainingEnded>(control, [&](TrainingEnded& r) {
           r.is_passed = !r.is_passed;
           return true;
         });
       },
       "a round was passed or failed against its pass mark"},
      {[&] {
         drop(control, [](const Record& record) {
           const auto* r = std::get_if<TrainingEnded>(&record);
           return r != nullptr && r->is_passed;
         });
       },
       "a qualification was told, and no round was passed"},
      {[&] {
         // Once more, after the end of the round that was passed.
         bool is_done = false;
         forge(control, [&](std::vector<Record>& records) {
           for (std::size_t i = 0; i < records.size() && !is_done; ++i) {
             const auto* r = std::get_if<TrainingEnded>(&records[i]);
             is_done = r != nullptr && r->is_passed;
             const AccountId worker = is_done ? r->worker : AccountId{};
             if (is_done)
               records.insert(records.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                              TrainingAnswered{worker, 1, true, 1});
           }
         });
       },
       "an answer after its end"},
      {[&] { forge_mail<QualificationEarned>(control, [&](Mail&, QualificationEarned& m) { ++m.score; }); },
       "another qualification was told, or to others, than the round gives"},
      {[&] {
         // By the name that an admin grants.
         forge_mail<QualificationEarned>(control, [&](Mail&, QualificationEarned& m) { m.qualification = "buntings"; });
       },
       "another qualification was told, or to others, than the round gives"},
      {[&] { forge_mail<QualificationEarned>(control, [&](Mail& mail, QualificationEarned&) { mail = Refund{}; }); },
       "missing: the end of a round, or the mail that tells of it"},
      {[&] {
         forge_one<SkillsLearned>(control, [&](SkillsLearned& r) {
           r.part_no = 2;
           return true;
         });
       },
       "no mail of it tells so"},
      {[&] {
         forge_one<SkillsLearned>(control, [&](SkillsLearned& r) {
           r.skills[0].crowd.pop_back();
           return true;
         });
       },
       "what part 1 learned cannot be"},
      {[&] {
         forge_one<ProjectCreated>(control, [&](ProjectCreated& r) {
           r.opened.spec.training.pass_ppm = -1;
           return true;
         });
       },
       "its training cannot be"},
      {[&] {
         bool is_done = false;
         forge(control_part_of(h.project), [&](std::vector<Record>& records) {
           if (!is_done) records.push_back(GoldAnswered{h.ann, {part_of(h.skilled, 1), 1}, true});
           is_done = true;
         });
       },
       "the project keeps no workers"},
      {[&] {
         forge_one<GoldAnswered>(control, [&](GoldAnswered& r) {
           r.assignment.part = part_of(h.project, 1);
           return true;
         });
       },
       "is another project's"},
      {[&] {
         std::optional<AssignmentId> first;
         forge(control, [&](std::vector<Record>& records) {
           for (Record& record : records) {
             auto* r = std::get_if<GoldAnswered>(&record);
             if (r != nullptr && first) r->assignment = *first;
             if (r != nullptr) first = r->assignment;
           }
         });
       },
       "to gold is counted twice"},
      {[&] {
         bool is_done = false;
         forge(home, [&](std::vector<Record>& records) {
           const auto is_grant = [](const Record& r) { return std::holds_alternative<QualificationGranted>(r); };
           if (std::none_of(records.begin(), records.end(), is_grant) || std::exchange(is_done, true)) return;
           QualificationGranted granted{h.ann, "often", 50, GrantedBy::admin, {}, 1};
           records.push_back(granted);
           records.push_back(QualificationRevoked{h.ann, granted.qualification, 1});
           granted.by = GrantedBy::rule;
           records.push_back(granted);
         });
         REQUIRE(is_done);
       },
       "a rule granted a qualification that an admin had taken away"},
      {[&] {
         forge_one<QualificationGranted>(home, [&](QualificationGranted& r) {
           if (r.by != GrantedBy::training) return false;
           r.project = h.project;
           return true;
         });
       },
       "a qualification by a training that no mail tells of"},
      {[&] {
         forge_one<QualificationGranted>(home, [&](QualificationGranted& r) {
           if (r.by != GrantedBy::training) return false;
           r.project = ProjectId{project_max};
           return true;
         });
       },
       "a qualification by a training that no mail tells of"},
      {[&] {
         forge_one<QualificationGranted>(home, [&](QualificationGranted& r) {
           if (r.by != GrantedBy::admin) return false;
           r.by = GrantedBy::training;
           r.project = h.trained;
           return true;
         });
       },
       "a qualification by a training that no mail tells of"},
      {[&] {
         forge_one<QualificationGranted>(home, [&](QualificationGranted& r) {
           r.score = 101;
           return true;
         });
       },
       "a qualification with a score that cannot be"},
      {[&] {
         forge_one<QualificationGranted>(home, [&](QualificationGranted& r) {
           r.account = AccountId{999};
           return true;
         });
       },
       "a qualification for who is no worker"},
      {[&] {
         forge_one<QualificationRevoked>(account_part_of(h.cem), [&](QualificationRevoked& r) {
           r.qualification = "days";
           return true;
         });
       },
       "a qualification was taken away that was not held"},
      {[&] {
         forge_one<StandingCounted>(home, [&](StandingCounted& r) {
           r.rows[0].standing.agreed = r.rows[0].standing.judged + 1;
           return true;
         });
       },
       "a standing of it cannot be"},
      {[&] {
         forge_one<StandingCounted>(home, [&](StandingCounted& r) {
           r.rows.push_back(r.rows[0]);
           return true;
         });
       },
       "an account is in it twice, or not in its place"},
      {[&] {
         bool is_done = false;
         forge(home, [&](std::vector<Record>& records) {
           for (std::size_t i = 0; i < records.size() && !is_done; ++i) {
             is_done = std::holds_alternative<StandingCounted>(records[i]);
             if (is_done) records.insert(records.begin() + static_cast<std::ptrdiff_t>(i), Record{records[i]});
           }
         });
       },
       "no mail of a task part tells of it"},
  });
}
