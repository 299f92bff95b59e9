#include "tools/sim/audit_tasks.h"

#include <algorithm>
#include <variant>

#include "common/aggregation/online/claims.h"
#include "common/aggregation/online/judgement.h"
#include "common/codec/records_codec.h"
#include "common/forms/form.h"
#include "tools/sim/audit_votes.h"

namespace tally::sim {

void TaskAudit::begin(PartId part, const Facts& facts, std::map<std::int32_t, std::string> bodies) {
  id_ = part;
  facts_ = facts;
  bodies_ = std::move(bodies);
}

void TaskAudit::apply(const Record& record) {
  std::visit([this](const auto& r) { on(r); }, record);
}

TaskAudit::Part& TaskAudit::part() { return parts_[id_]; }

TaskAudit::Assignment* TaskAudit::assignment(std::int32_t no) {
  auto& all = part().assignments;
  if (no >= 1 && static_cast<std::size_t>(no) <= all.size()) return &all[static_cast<std::size_t>(no) - 1];
  broken("G6", name("a", no) + " is spoken of and does not exist");
  return nullptr;
}

TaskAudit::Task* TaskAudit::task(std::int32_t no) {
  auto& all = part().tasks;
  if (no >= 1 && static_cast<std::size_t>(no) <= all.size()) return &all[static_cast<std::size_t>(no) - 1];
  broken("G6", name("t", no) + " is spoken of and does not exist");
  return nullptr;
}

std::string TaskAudit::name(const char* what, std::int32_t no) const {
  return what + to_text(id_).substr(1) + "." + std::to_string(no);
}

std::vector<std::int32_t> TaskAudit::of_state(const Task& task, State state) {
  std::vector<std::int32_t> found;
  for (const std::int32_t no : task.assignments) {
    if (assignment(no)->state == state) found.push_back(no);
  }
  return found;
}

void TaskAudit::count(const Assignment& assignment, std::int64_t by) {
  const std::pair key{project_of(id_), assignment.worker};
  counts_[key] += by;
  counted_.insert(key);
}

// ---- What is posted -------------------------------------------------------------------------------------------------

void TaskAudit::on(const TaskPartCreated& r) { part().created = r; }

void TaskAudit::on(const TasksPosted& r) {
  if (r.first != std::ssize(part().tasks) + 1) broken("G6", name("t", r.first) + " is not the next task");
  for (std::int32_t i = 0; i < r.count; ++i) {
    Task task;
    task.redundancy = part().created.spec.redundancy;
    const std::int32_t own = r.answers.empty() ? 0 : r.answers.at(static_cast<std::size_t>(i));
    if (own > 0) task.redundancy = {own, own, std::min(own, task.redundancy.quorum)};
    part().tasks.push_back(std::move(task));
  }
  for (const TaskGold& gold : r.gold) {
    Task* of = task(gold.task);
    if (of != nullptr && of->gold.empty()) of->gold = gold.ballots;
  }
}

void TaskAudit::on(const PartStateChanged& r) {
  if (r.state <= part().state) broken("G6", to_text(id_) + " goes back to " + std::string(name_of(r.state)));
  part().state = r.state;
  if (r.state == PartState::settled) earn();
}

namespace {

bool is_right_on(const Ballots& gold, const Ballots& given) {
  bool is_right = true;
  for (std::size_t i = 0; i < gold.size(); ++i) is_right = is_right && (gold[i].empty() || gold[i] == given.at(i));
  return is_right;
}

}  // namespace

// Every task has its verdict: this is what its answers came to.
void TaskAudit::earn() {
  const auto& form = part().created.spec.form;
  for (const Task& of : part().tasks) {
    const std::vector<std::int32_t> answers = of_state(of, State::answered);
    for (const std::int32_t no : answers) {
      const Assignment& given = *assignment(no);
      bool is_judged = false;
      bool agrees = true;
      for (std::size_t i = 0; i < form.size(); ++i) {
        if (of.state != TaskState::settled || answers.size() < 2) continue;
        if (forms::labels_of(form[i]) == 0 || !of.judged.at(i).settled) continue;
        is_judged = true;
        agrees = agrees && given.ballots.at(i) == of.judged[i].value;
      }
      if (is_judged) earned_[given.worker] += {1, agrees ? 1 : 0, 0, 0};
      if (!of.gold.empty()) earned_[given.worker] += {0, 0, 1, is_right_on(of.gold, given.ballots) ? 1 : 0};
    }
  }
}

// ---- Leases ---------------------------------------------------------------------------------------------------------

// Nobody has a task twice, but for one that was handed back and taken again.
void TaskAudit::check_had(const Task& of, const AssignmentLeased& lease) {
  for (const std::int32_t no : of.assignments) {
    const Assignment* earlier = assignment(no);
    if (earlier->worker == lease.worker && earlier->state != State::taken_back) {
      broken("G2", name("a", lease.no) + " gives a worker the task of " + name("a", no) + " again");
    }
  }
}

void TaskAudit::on(const AssignmentLeased& r) {
  Task* of = task(r.task);
  if (of == nullptr) return;
  if (r.no != std::ssize(part().assignments) + 1) broken("G6", name("a", r.no) + " is not the next assignment");
  // A settled one may be given to look at a worker, where the project wants that.
  const bool may_be_check = of->state == TaskState::settled && part().created.spec.redundancy.checks_ppm > 0;
  if ((of->state != TaskState::open && !may_be_check) || part().state != PartState::open) {
    broken("G3", name("a", r.no) + " leases a task that is closed");
  }
  if (r.deadline_ms != r.at_ms + part().created.spec.lease.ms) broken("G6", name("a", r.no) + " has another lease");
  check_had(*of, r);
  Assignment leased;
  leased.task = r.task;
  leased.worker = r.worker;
  leased.leased_ms = r.at_ms;
  leased.deadline_ms = r.deadline_ms;
  leased.leased = facts_.now;
  leased.not_served = facts_.not_served;
  leased.doubtful = facts_.doubtful;
  count(leased, 1);
  part().assignments.push_back(std::move(leased));
  of->assignments.push_back(r.no);
  // As many as the first answers, then one at a time: no place is paid for that may not be needed.
  const auto answered = std::ssize(of_state(*of, State::answered));
  const auto live = std::ssize(of_state(*of, State::live));
  const std::int64_t wanted =
      answered < of->redundancy.min ? of->redundancy.min : std::min<std::int64_t>(answered + 1, of->redundancy.max);
  const std::int64_t most = of->state == TaskState::open ? wanted : of->redundancy.max;
  if (answered + live > most) broken("G4", name("t", r.task) + " has more leases than places");
}

// A lease ends by itself when its worker had all of its time while somebody served.
void TaskAudit::check_expiry(const Assignment& ended, const AssignmentEnded& end) {
  if (end.at_ms < ended.deadline_ms) broken("G5", name("a", end.no) + " ran out before its deadline");
  const std::int64_t passed_ms = (facts_.now - ended.leased).ms;
  const std::int64_t served_ms = passed_ms - (facts_.not_served.ms - ended.not_served.ms);
  const std::int64_t doubtful_ms = facts_.slack.ms + facts_.doubtful.ms - ended.doubtful.ms;
  if (served_ms + doubtful_ms < part().created.spec.lease.ms) {
    broken("G5",
           name("a", end.no) + " ran out after " + std::to_string(served_ms) + " ms in which it could be handed in");
  }
}

void TaskAudit::on(const AssignmentEnded& r) {
  Assignment* ended = assignment(r.no);
  if (ended == nullptr) return;
  const bool is_taken_back = r.how == AssignmentEnd::taken_back;
  if (ended->state != (is_taken_back ? State::handed_back : State::live)) {
    broken("G6", name("a", r.no) + " ends and was not under way");
  }
  if (!is_taken_back) count(*ended, -1);
  if (r.how == AssignmentEnd::expired) check_expiry(*ended, r);
  ended->state = is_taken_back                     ? State::taken_back
                 : r.how == AssignmentEnd::expired ? State::expired
                                                   : State::handed_back;
}

void TaskAudit::on(const DeadlinesMoved& r) {
  if (r.by_ms <= 0) broken("G6", to_text(id_) + " moves its deadlines by nothing");
  for (Assignment& each : part().assignments) {
    if (each.state == State::live) each.deadline_ms += r.by_ms;
    if (each.state == State::answered && each.pay == PayState::review) each.review_due_ms += r.by_ms;
  }
}

// ---- Answers and verdicts -------------------------------------------------------------------------------------------

void TaskAudit::check_answer(const Assignment& given, const AnswerAccepted& r) {
  if (given.worker != r.worker || given.task != r.task) broken("G1", name("a", r.assignment) + " is of another");
  if (given.state == State::answered) broken("G2", name("a", r.assignment) + " is answered twice");
  if (given.state == State::handed_back || given.state == State::taken_back) {
    broken("G2", name("a", r.assignment) + " is answered after it was handed back");
  }
  Task* of = task(r.task);
  // What was leased when the project ended may still be handed in, and what is given as a check.
  const bool may_be_check = of->state == TaskState::settled && part().created.spec.redundancy.checks_ppm > 0 &&
                            part().state == PartState::open;
  if (of->state != TaskState::open && given.state != State::live && !may_be_check) {
    broken("G3", name("a", r.assignment) + " is answered after its lease and after the verdict");
  }
  for (const std::int32_t no : of_state(*of, State::answered)) {
    if (assignment(no)->worker == r.worker) broken("G2", name("t", r.task) + " has two answers of one worker");
  }
  if (r.took_ms < 0 || r.took_ms != std::max<std::int64_t>(0, r.at_ms - given.leased_ms)) {
    broken("G6", name("a", r.assignment) + " did not take the time since its lease");
  }
  const auto body = bodies_.find(r.assignment);
  if (body == bodies_.end()) return broken("G1", name("a", r.assignment) + " is accepted without its answer");
  const auto values = codec::decode_answer(body->second);
  const auto& salt = part().created.salt.value;
  if (!values) return broken("G1", name("a", r.assignment) + " is stored as what cannot be read");
  const auto ballots = forms::canonical_form(part().created.spec.form, *values, salt + std::to_string(r.task));
  if (!ballots || *ballots != r.ballots) broken("G3", name("a", r.assignment) + " votes for what was not answered");
}

// What an answer that has just come in is measured by: gold, or the verdict of a task that is a check. Empty: by
// nothing.
Ballots TaskAudit::known_of(const Task& of) {
  if (!of.gold.empty()) return of.gold;
  constexpr std::size_t answers_min = 3;  // A verdict of two, and the one that is measured.
  constexpr std::int64_t sure_ppm = 990'000;
  const bool may_be_check = part().created.spec.redundancy.checks_ppm > 0 && of.state == TaskState::settled;
  if (!may_be_check || of_state(of, State::answered).size() < answers_min) return {};
  Ballots known;
  for (const FieldJudged& judged : of.judged) {
    if (!judged.settled || judged.posterior_ppm < sure_ppm) return {};
    known.push_back(judged.value);
  }
  return known;
}

void TaskAudit::on(const AnswerAccepted& r) {
  Assignment* given = assignment(r.assignment);
  if (given == nullptr) return;
  check_answer(*given, r);
  if (given->state == State::expired) count(*given, 1);
  given->state = State::answered;
  given->ballots = r.ballots;
  ++answers_;
  const Task* of = task(r.task);
  const Ballots known = known_of(*of);
  if (!known.empty() && part().created.spec.keeps_workers()) {
    gold_[{project_of(id_), r.worker}] += {0, 0, 1, is_right_on(known, r.ballots) ? 1 : 0};
  }
  const auto used = of_state(*of, State::answered).size() + of_state(*of, State::live).size();
  if (used > static_cast<std::size_t>(of->redundancy.max)) {
    broken("G4", name("t", r.task) + " has more answers and leases than were paid for");
  }
}

std::vector<std::optional<std::string>> TaskAudit::judged(const Task& of) {
  std::vector<std::optional<std::string>> values;
  const auto& form = part().created.spec.form;
  for (std::size_t i = 0; i < form.size(); ++i) {
    std::vector<std::string> ballots;
    for (const std::int32_t no : of_state(of, State::answered)) ballots.push_back(assignment(no)->ballots.at(i));
    values.push_back(settled_value(form[i], of.redundancy, ballots));
  }
  return values;
}

// A theta asks of other tasks that they are as sure of the same.
bool TaskAudit::is_borne_out(const Redundancy& redundancy, const FieldEvidence& of, std::int32_t label) {
  if (redundancy.theta_ppm == 0) return true;
  if (!of.of_others) return false;
  const auto others = aggregation::judge(*of.of_others);
  return !others.is_tied && others.label == label && others.posterior_ppm >= redundancy.theta_ppm;
}

// What is weighed by skill is taken from the evidence that the verdict gives; that it is the right one, the broker's
// own audit sees.
void TaskAudit::weigh(const VerdictReached& r, std::vector<std::optional<std::string>>& values) {
  const ProjectSpec& spec = part().created.spec;
  for (const FieldEvidence& each : r.evidence) {
    const auto place = static_cast<std::size_t>(each.field);
    const std::size_t labels =
        place < spec.form.size() ? static_cast<std::size_t>(forms::labels_of(spec.form[place])) : 0;
    const auto is_sound = [&](const LabelEvidence& of) { return aggregation::is_sound(of, labels, r.ballots.size()); };
    if (!is_sound(each.evidence) || (each.of_others && !is_sound(*each.of_others))) {
      broken("G3", "the verdict on " + name("t", r.task) + " has evidence that cannot be");
      continue;
    }
    if (!aggregation::is_sound(each.claim.gold) || !aggregation::is_sound(each.claim.audited)) {
      broken("G3", "the verdict on " + name("t", r.task) + " claims from outcomes that cannot be");
      continue;
    }
    const auto judgement = aggregation::judge(each.evidence);
    const std::int64_t claim_ppm = aggregation::Claims(each.claim).at(aggregation::claim_bucket(judgement));
    const bool is_sure = spec.redundancy.confidence_ppm > 0 ? claim_ppm >= spec.redundancy.confidence_ppm
                                                            : judgement.posterior_ppm >= spec.redundancy.theta_ppm;
    const bool is_settled = !judgement.is_tied && is_sure && is_borne_out(spec.redundancy, each, judgement.label);
    values[place].reset();
    if (is_settled) values[place] = forms::ballot_of_label(spec.form[place], judgement.label);
  }
}

void TaskAudit::check_verdict(const Task& of, const VerdictReached& r) {
  const std::string verdict = "the verdict on " + name("t", r.task);
  if (of.state != TaskState::open) broken("G3", verdict + " is its second");
  std::vector<std::int32_t> counted;
  for (const WeighedBallot& ballot : r.ballots) counted.push_back(ballot.assignment);
  if (counted != of_state(of, State::answered)) broken("G3", verdict + " counts other answers than are stored");
  if (r.judged.size() != part().created.spec.form.size()) return broken("G3", verdict + " judges another form");
  const bool is_reached = is_settling(r.reason);
  const bool is_vote = is_reached || r.reason == VerdictReason::max_reached || r.reason == VerdictReason::futile;
  auto values = judged(of);
  weigh(r, values);
  bool is_settled = std::ssize(counted) >= of.redundancy.min;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (part().created.spec.form[i].required && !values[i]) is_settled = false;
    const bool is_same = r.judged[i].settled == values[i].has_value() &&
                         (!r.judged[i].settled || r.judged[i].value == values[i].value_or(""));
    if (is_vote && !is_same) broken("G3", verdict + " is not what was voted for");
    if (!is_vote && r.judged[i].settled && r.evidence.empty()) broken("G3", verdict + " is a value without a vote");
  }
  if (is_reached && !is_settled) broken("G3", verdict + " came before its quorum");
  if (r.reason == VerdictReason::max_reached && (is_settled || std::ssize(counted) < of.redundancy.max)) {
    broken("G3", verdict + " gives up too early");
  }
  const bool may_be_futile = part().created.spec.redundancy.confidence_ppm > 0 && !is_settled &&
                             std::ssize(counted) >= of.redundancy.min && std::ssize(counted) < of.redundancy.max;
  if (r.reason == VerdictReason::futile && !may_be_futile) broken("G3", verdict + " gives up where it may not");
  if (r.audited_after != of.audited_after) broken("G3", verdict + " says of its audit what was not so");
  if (r.reason == VerdictReason::futile && of.is_audited) broken("G3", verdict + " gives up a task under audit");
}

void TaskAudit::on(const VerdictReached& r) {
  Task* of = task(r.task);
  if (of == nullptr) return;
  check_verdict(*of, r);
  of->state = state_of(part().created.spec.form, r.judged, r.reason);
  of->judged = r.judged;
  ++verdicts_;
}

void TaskAudit::on(const TaskAudited& r) {
  Task* of = task(r.task);
  if (of == nullptr) return;
  const bool may_go_on = of->state == TaskState::open && !of->is_audited && r.answers >= of->redundancy.min &&
                         r.answers < of->redundancy.max && part().created.spec.redundancy.audit_ppm > 0;
  if (!may_go_on) broken("G3", name("t", r.task) + " is audited and may not be");
  of->is_audited = true;
  of->audited_after = r.answers;
}

// ---- Queries --------------------------------------------------------------------------------------------------------

bool TaskAudit::is_leased_to(AssignmentId id, AccountId worker) const {
  const auto found = parts_.find(id.part);
  if (found == parts_.end() || id.no < 1) return false;
  const auto place = static_cast<std::size_t>(id.no) - 1;
  return place < found->second.assignments.size() && found->second.assignments[place].worker == worker;
}

// An item is told where nothing is given away by that: by skill gold is mixed in unseen, out of the order of items.
TaskAudit::OfItem TaskAudit::item_of(AssignmentId id) const {
  const Part& of = parts_.at(id.part);
  const std::int32_t task = of.assignments.at(static_cast<std::size_t>(id.no) - 1).task;
  const ProjectSpec& spec = of.created.spec;
  const bool is_by_votes = spec.redundancy.theta_ppm == 0 && spec.redundancy.confidence_ppm == 0;
  return {{id.part, task}, of.created.first_item + task - 1, is_by_votes || spec.pull_by_item};
}

bool TaskAudit::is_live(AssignmentId id) const {
  const auto found = parts_.find(id.part);
  const auto place = static_cast<std::size_t>(id.no) - 1;
  return found != parts_.end() && place < found->second.assignments.size() &&
         found->second.assignments[place].state == State::live;
}

std::int64_t TaskAudit::tasks_in(PartId id) const {
  const auto found = parts_.find(id);
  return found == parts_.end() ? 0 : std::ssize(found->second.tasks);
}

}  // namespace tally::sim
