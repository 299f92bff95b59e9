#include <algorithm>
#include <utility>

#include "broker/core/dispatch.h"
#include "broker/core/eligibility.h"
#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/forms/form.h"

// What workers bring back: answers, skips, returns.
namespace tally::core {
namespace {

// What "the same answer again" means: equal values in every field, in whatever order the fields come.
std::string digest_of(const AnswerValues& values, const std::string& salt) {
  std::string text = salt;
  const auto add = [&](const std::string& piece) { text += std::to_string(piece.size()) + ':' + piece; };
  for (const auto& [field, entered] : values) {
    add(field);
    text += std::to_string(entered.size()) + '[';
    for (const std::string& value : entered) add(value);
  }
  return bytes_of(sha256(text));
}

Result<Micros, Refusal> accept_again(const Assignment& assignment, const std::string& digest) {
  if (assignment.digest.value == digest) return assignment.paid;
  return Unexpected{
      Refusal{RefusalCode::already_answered_differently, "this task was answered already, in another way", 0}};
}

// A late answer is welcome while its place has not been given to another.
std::optional<Refusal> too_late(const TaskPart& tasks, const Assignment& assignment) {
  if (assignment.state == AssignmentState::live) return std::nullopt;
  const Task& task = *tasks.find_task(assignment.task);
  if (assignment.state != AssignmentState::expired) {
    return Refusal{RefusalCode::lease_expired, "this task was handed back", 0};
  }
  // A check is treated alike, or it would be told apart.
  if (tasks.is_check(assignment.task)) return std::nullopt;
  if (task.state != TaskState::open) return Refusal{RefusalCode::task_closed, "the task has its verdict already", 0};
  if (task.free_places() == 0 && !planted(Bug::late_answer_beyond_max)) {
    return Refusal{RefusalCode::lease_expired, "the lease ran out and the place was given to another worker", 0};
  }
  return std::nullopt;
}

// What an answer shows of its worker: on a gold task, and on a settled one that is sure enough to be a check.
void measure_worker(const Turn& turn, const Part& part, std::int32_t no) {
  const TaskPart& tasks = part.tasks();
  const Assignment& answer = *tasks.find_assignment(no);
  if (!tasks.created.spec.keeps_workers()) return;
  const Ballots* known = nullptr;
  Ballots settled;
  if (const auto gold = tasks.gold.find(answer.task); gold != tasks.gold.end()) {
    known = &gold->second;
  } else if (tasks.is_sure(answer.task) && tasks.find_task(answer.task)->answered > 2) {
    for (const FieldJudged& judged : tasks.find_task(answer.task)->judged) settled.push_back(judged.value);
    known = &settled;
  }
  if (known == nullptr || planted(Bug::gold_not_measured)) return;
  const GoldAnswered measured{answer.worker, {part.id, no}, is_right_on(*known, answer.ballots)};
  turn.emit(control_part_of(project_of(part.id)), measured);
  if (planted(Bug::gold_measured_twice)) turn.emit(control_part_of(project_of(part.id)), measured);
}

// Accepts one answer, and does all that follows from it; gives what it has been paid.
Result<Micros, Refusal> accept(const Turn& turn, const Identity& who, const SubmittedAnswer& answer) {
  Part* part = is_task_part(answer.assignment.part) ? turn.loaded(answer.assignment.part) : nullptr;
  const Assignment* assignment = part == nullptr ? nullptr : part->tasks().find_assignment(answer.assignment.no);
  if (assignment == nullptr) {
    return Unexpected{
        Refusal{RefusalCode::assignment_not_found, "there is no assignment " + to_text(answer.assignment), 0}};
  }
  if (assignment->worker != who.account) {
    return Unexpected{Refusal{RefusalCode::not_yours, "this assignment is another worker's", 0}};
  }
  const TaskPartCreated& created = part->tasks().created;
  // Before all else: an answer sent twice must not turn into an expiry because its second copy came late.
  const std::string digest = digest_of(answer.values, created.salt.value);
  if (planted(Bug::payout_twice_on_resend) && assignment->pay == PayState::paid) pay(turn, *part, answer.assignment.no);
  if (assignment->state == AssignmentState::answered) return accept_again(*assignment, digest);
  const std::int32_t task_no = assignment->task;
  if (auto late = too_late(part->tasks(), *assignment)) return Unexpected{std::move(*late)};
  const bool is_late = assignment->state == AssignmentState::expired;
  const std::int64_t cap = created.spec.tasks_per_worker_max;
  if (is_late && places_left_of_worker(turn, project_of(part->id), cap, who.account) == 0) {
    return Unexpected{Refusal{RefusalCode::tasks_per_worker_reached,
                              "the lease ran out, and you took as many tasks as one worker may do", 0}};
  }
  auto ballots = forms::canonical_form(created.spec.form, answer.values, created.salt.value + std::to_string(task_no));
  if (!ballots) return Unexpected{ballots.error()};

  const std::int32_t no = answer.assignment.no;
  if (assignment->state == AssignmentState::expired) count_worker(turn, *part, who.account, 1);
  const bool is_open = part->tasks().find_task(task_no)->state == TaskState::open;
  std::vector<FieldEvidence> evidence;
  if (is_open) evidence = evidence_with(part->tasks(), no, *ballots);
  const std::int64_t took_ms = std::max<std::int64_t>(0, turn.now_ms() - assignment->leased_ms);
  turn.store(part->id, ContentKind::answer, no, answer.values);
  turn.emit(part->id,
            AnswerAccepted{no, task_no, who.account, std::move(*ballots), Bytes{digest}, turn.now_ms(), took_ms});
  measure_worker(turn, *part, no);
  decide_pay(turn, *part, no);
  if (is_open) judge_task(turn, *part, task_no, std::move(evidence));
  finish_part(turn, *part);
  TALLY_ASSERT(part->tasks().find_assignment(no)->state == AssignmentState::answered);
  return part->tasks().find_assignment(no)->paid;
}

// All parts that a command touches must be in memory before it begins; true when they are.
bool have_part(const Turn& turn, PartId id) {
  if (!is_task_part(id) || turn.is_absent(id)) return true;
  Part* part = turn.need(id);
  if (part == nullptr) return false;
  return !part->tasks().created.spec.keeps_workers() || turn.need(control_part_of(project_of(id))) != nullptr;
}

}  // namespace

void handle(const Turn& turn, const Identity& who, const Submit& submit) {
  // Together, so that none leaves memory while another is waited for; but a peer may make up any number of parts.
  for (const SubmittedAnswer& answer : submit.answers) {
    if (turn.state.loading.size() >= turn.state.limits.loading_ahead_max) break;
    if (is_task_part(answer.assignment.part) && !turn.is_absent(answer.assignment.part)) {
      turn.want(answer.assignment.part);
    }
  }
  for (const SubmittedAnswer& answer : submit.answers) {
    if (!have_part(turn, answer.assignment.part)) return;
  }
  const Asker asker{turn.input.from, who.account};
  if (submit.next > 0 && !have_parts_of_leases(turn, asker)) return;
  Submitted reply;
  for (const SubmittedAnswer& answer : submit.answers) {
    const auto paid = accept(turn, who, answer);
    SubmitOutcome outcome;
    outcome.assignment = answer.assignment;
    outcome.accepted = paid.has_value();
    if (paid) {
      outcome.paid = *paid;
    } else {
      outcome.refusal = paid.error().code;
      outcome.detail = paid.error().detail;
    }
    reply.outcomes.push_back(std::move(outcome));
  }
  if (submit.next > 0) {
    reply.tasks = made_before(turn, asker);
    const bool known = !submit.project || turn.state.catalogue.contains(*submit.project);
    if (reply.tasks.empty() && known) {
      Search search = search_work(turn, asker, submit.project, submit.next);
      reply.tasks = std::move(search.tasks);
      if (reply.tasks.empty()) {
        // The acknowledgement does not wait for a part that has to be read first.
        if (search.missing) turn.want(*search.missing);
        reply.no_work = search.missing ? NoWork::tasks_loading : search.no_work;
      }
    } else if (reply.tasks.empty()) {
      reply.no_work = NoWork::no_open_project;
    }
  }
  turn.reply(std::move(reply));
}

void handle(const Turn& turn, const Identity& who, const HandBack& hand_back) {
  if (!have_part(turn, hand_back.assignment.part)) return;
  Part* part = is_task_part(hand_back.assignment.part) ? turn.loaded(hand_back.assignment.part) : nullptr;
  const Assignment* assignment = part == nullptr ? nullptr : part->tasks().find_assignment(hand_back.assignment.no);
  if (assignment == nullptr) {
    return turn.refuse(RefusalCode::assignment_not_found, "there is no assignment " + to_text(hand_back.assignment));
  }
  if (assignment->worker != who.account)
    return turn.refuse(RefusalCode::not_yours, "this assignment is another worker's");
  if (assignment->state == AssignmentState::answered) {
    return turn.refuse(RefusalCode::already_answered_differently, "this task was answered; it cannot be handed back");
  }
  if (assignment->state == AssignmentState::live) {
    const auto how = hand_back.how == HandBackHow::skipped ? AssignmentEnd::skipped : AssignmentEnd::returned;
    turn.emit(part->id, AssignmentEnded{hand_back.assignment.no, how, turn.now_ms()});
    count_worker(turn, *part, who.account, -1);
    finish_part(turn, *part);
  }
  turn.reply(Acknowledged{});
}

void handle(const Turn& turn, const Identity& who, const TakeBackSkip& take_back) {
  const AssignmentId id = take_back.assignment;
  if (!have_part(turn, id.part)) return;
  Part* part = is_task_part(id.part) ? turn.loaded(id.part) : nullptr;
  const Assignment* assignment = part == nullptr ? nullptr : part->tasks().find_assignment(id.no);
  if (assignment == nullptr) {
    return turn.refuse(RefusalCode::assignment_not_found, "there is no assignment " + to_text(id));
  }
  if (assignment->worker != who.account)
    return turn.refuse(RefusalCode::not_yours, "this assignment is another worker's");
  const Asker asker{turn.input.from, who.account};
  if (!have_parts_of_leases(turn, asker)) return;
  if (auto again = made_before(turn, asker); !again.empty())
    return turn.reply(Tasks{std::move(again), std::nullopt, {}});
  const auto entry = turn.state.catalogue.find(project_of(id.part));
  const ProjectState state = entry == turn.state.catalogue.end() ? ProjectState::ended : entry->second.state;
  if (state != ProjectState::open) {
    return turn.refuse(RefusalCode::project_not_open, "the project is " + std::string(name_of(state)));
  }
  const bool handed_back =
      assignment->state == AssignmentState::skipped || assignment->state == AssignmentState::returned;
  if (!handed_back) return turn.refuse(RefusalCode::not_skipped, "this task was not skipped");
  const std::int32_t task_no = assignment->task;
  const Task* task = part->tasks().find_task(task_no);
  const bool is_check = part->tasks().is_check(task_no);
  if (task->state != TaskState::open && !is_check) {
    return turn.refuse(RefusalCode::task_closed, "the task has its verdict already");
  }
  if (task->free_places() == 0 && !is_check) {
    return turn.refuse(RefusalCode::lease_expired, "the place was given to another worker; it may come back");
  }
  if (leases_left(turn, who.account, 1) <= 0) {
    return turn.refuse(RefusalCode::too_many_leases, "answer or hand back what you hold first");
  }
  const std::int64_t cap = part->tasks().created.spec.tasks_per_worker_max;
  if (places_left_of_worker(turn, project_of(id.part), cap, who.account) == 0) {
    return turn.refuse(RefusalCode::tasks_per_worker_reached, "you took as many tasks as one worker may do");
  }
  // Each time is one more assignment of the task.
  constexpr std::ptrdiff_t times_max = 5;
  const auto times = std::count_if(task->assignments.begin(), task->assignments.end(), [&](std::int32_t no) {
    return part->tasks().find_assignment(no)->worker == who.account;
  });
  if (times >= times_max) return turn.refuse(RefusalCode::not_skipped, "this task was taken back too often");
  if (part->tasks().created.spec.keeps_workers()) {
    const ControlPart& control = turn.loaded(control_part_of(project_of(id.part)))->control();
    if (const auto why = why_not_eligible(turn.state.parts, control, who.account)) {
      return turn.refuse(RefusalCode::not_qualified, why->missing);
    }
  }
  turn.emit(id.part, AssignmentEnded{id.no, AssignmentEnd::taken_back, turn.now_ms()});
  std::vector<TaskOffer> tasks{lease(turn, *part, task_no, asker)};
  turn.reply(Tasks{std::move(tasks), std::nullopt, {}});
}

}  // namespace tally::core
