#include "broker/core/project.h"

#include <string>
#include <utility>

#include "common/base/assert.h"

// What a requester does with a project that exists.
namespace tally::core {

Part* need_project(const Turn& turn, ProjectId project) {
  const PartId id = control_part_of(project);
  if (is_control_part(id) && !turn.is_absent(id)) return turn.need(id);
  turn.refuse(RefusalCode::project_not_found, "there is no project " + std::to_string(project.value));
  return nullptr;
}

Part* need_own_project(const Turn& turn, const Identity& who, ProjectId project) {
  Part* part = need_project(turn, project);
  if (part == nullptr) return nullptr;
  if (part->control().opened.owner == who.account || who.role == Role::admin) return part;
  turn.refuse(RefusalCode::not_yours, "this project is another requester's");
  return nullptr;
}

void finish_control(const Turn& turn, Part& part) {
  const ControlPart& control = part.control();
  for (const auto& [no, note] : control.parts) {
    if (note.step != PartStep::done) return;
  }
  if (!is_over(control.state)) {
    if (control.state == ProjectState::posting) return;
    turn.emit(part.id, ProjectStateChanged{ProjectState::ended, turn.now_ms()});
  }
  const SubAccount escrow{Fund::escrow, control.opened.owner};
  const Micros left = part.ledger.balance(escrow);
  if (left.value > 0) {
    turn.transfer(part, TransferKind::refund, escrow, transit, left);
    turn.mail(part, account_part_of(control.opened.owner), Refund{control.opened.owner, project_of(part.id), left});
  }
}

void end_project(const Turn& turn, Part& part, ProjectState state) {
  TALLY_ASSERT(is_over(state));
  TALLY_ASSERT(!is_over(part.control().state));
  turn.emit(part.id, ProjectStateChanged{state, turn.now_ms()});
  const std::map<std::int64_t, PartNote> notes = part.control().parts;
  for (const auto& [no, note] : notes) {
    if (note.step == PartStep::done) continue;
    turn.mail(part, part_of(project_of(part.id), no), ClosePart{state});
    turn.emit(part.id, PartNoted{no, PartStep::closing, 0, 0, {}});
  }
  finish_control(turn, part);
}

void handle(const Turn& turn, const Identity& who, const ChangeProject& change) {
  Part* part = need_own_project(turn, who, change.project);
  if (part == nullptr) return;
  const ProjectState now = part->control().state;
  const auto over = [&] {
    turn.refuse(RefusalCode::project_ended, "the project is " + std::string(name_of(now)) + "; nothing can change it");
  };
  switch (change.action) {
    case ProjectAction::pause:
    case ProjectAction::resume: {
      const auto wanted = change.action == ProjectAction::pause ? ProjectState::paused : ProjectState::open;
      if (is_over(now)) return over();
      if (now == ProjectState::posting) {
        return turn.refuse(RefusalCode::project_not_open, "the project's items are still being posted");
      }
      if (now != wanted) turn.emit(part->id, ProjectStateChanged{wanted, turn.now_ms()});
      if (wanted == ProjectState::open) ++turn.state.work_version;
      return turn.reply(Acknowledged{});
    }
    case ProjectAction::end:
    case ProjectAction::cancel: {
      const auto wanted = change.action == ProjectAction::end ? ProjectState::ended : ProjectState::cancelled;
      if (now == wanted) return turn.reply(Acknowledged{});
      if (is_over(now)) return over();
      if (now == ProjectState::posting && wanted == ProjectState::ended) {
        return turn.refuse(RefusalCode::project_not_open,
                           "the project's items are still being posted; it can be cancelled");
      }
      end_project(turn, *part, wanted);
      ++turn.state.work_version;
      return turn.reply(Acknowledged{});
    }
  }
}

void handle(const Turn& turn, const Identity& who, const Extend& extend) {
  Part* part = need_own_project(turn, who, extend.project);
  if (part == nullptr) return;
  const ControlPart& control = part->control();
  const auto kept = find_kept(turn, control.kept, who.account, extend.key);
  if (!kept) return turn.refuse(kept.error());
  if (*kept != nullptr) return turn.reply(Acknowledged{});
  if (is_over(control.state)) {
    return turn.refuse(RefusalCode::project_ended, "the project is " + std::string(name_of(control.state)));
  }
  const std::int64_t old_ms = control.deadline_ms;
  const bool later =
      extend.deadline_ms == 0 || (extend.deadline_ms > turn.now_ms() && (old_ms != 0 && extend.deadline_ms > old_ms));
  if (!later) {
    return turn.refuse(
        RefusalCode::deadline_invalid,
        old_ms == 0 ? "the project has no deadline, and one can only be made later; end the project when it should "
                      "close"
                    : "the new deadline must be later than " + to_text(Time{old_ms}));
  }
  turn.emit(part->id, DeadlineSet{extend.deadline_ms});
  keep(turn, *part, who.account, extend.key, {});
  turn.reply(Acknowledged{});
}

void handle(const Turn& turn, const Identity& who, const Review& review) {
  const AssignmentId id = review.assignment;
  Part* part = nullptr;
  if (is_task_part(id.part) && !turn.is_absent(id.part)) {
    part = turn.need(id.part);
    if (part == nullptr) return;
  }
  const Assignment* assignment = part == nullptr ? nullptr : part->tasks().find_assignment(id.no);
  if (assignment == nullptr)
    return turn.refuse(RefusalCode::assignment_not_found, "there is no assignment " + to_text(id));
  if (part->tasks().created.owner != who.account) {
    return turn.refuse(RefusalCode::not_yours, "this assignment is of another requester's project");
  }
  if (part->tasks().created.spec.pay == PayPolicy::review) {
    const PayState outcome = review.approve ? PayState::paid : PayState::unpaid;
    if (assignment->pay == outcome && assignment->state == AssignmentState::answered) return turn.reply(Acknowledged{});
  }
  if (assignment->pay != PayState::review) {
    return turn.refuse(RefusalCode::not_under_review, "this answer is " + std::string(name_of(assignment->pay)) +
                                                          "; only an answer under review can be judged");
  }
  if (review.approve) {
    pay(turn, *part, id.no);
  } else {
    turn.store(id.part, ContentKind::rejection, id.no, review.reason);
    turn.emit(id.part, PayDecided{id.no, PayState::unpaid, "rejected", 0, turn.now_ms()});
  }
  finish_part(turn, *part);
  turn.reply(Acknowledged{});
}

}  // namespace tally::core
