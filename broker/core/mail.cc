#include <algorithm>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

// What parts tell each other. A mail leaves with the sender's transaction, is handed over when that is durable, and is
// forgotten by the sender when the receiver's is; in between it may be handed over again, and is recognised.
namespace tally::core {
namespace {

// Money that came in for a person: first against what they owe, the rest to the wallet.
void credit(const Turn& turn, Part& part, TransferKind kind, AccountId account, Micros amount) {
  const SubAccount receivable{Fund::receivable, account};
  const Micros owed{-part.ledger.balance(receivable).value};
  const Micros set_off = std::min(amount, std::max(owed, Micros{0}));
  if (set_off.value > 0) turn.transfer(part, kind, transit, receivable, set_off);
  if (amount > set_off) turn.transfer(part, kind, transit, {Fund::wallet, account}, amount - set_off);
}

// Every announced item is there: each part gets its escrow, and the project opens.
void open_project(const Turn& turn, Part& part) {
  const ControlPart& control = part.control();
  const Micros each = cost_of_answer(control.opened.spec, control.opened.fee_ppm);
  const std::map<std::int64_t, PartNote> notes = control.parts;
  for (const auto& [part_no, note] : notes) {
    const auto amount = times(each, note.answers_max);
    TALLY_ASSERT(amount.has_value());
    turn.transfer(part, TransferKind::reserve, {Fund::escrow, control.opened.owner}, transit, *amount);
    turn.mail(part, part_of(project_of(part.id), part_no), FundPart{*amount});
    turn.emit(part.id, PartNoted{part_no, PartStep::funded, 0, 0, *amount});
  }
  turn.emit(part.id, ProjectStateChanged{ProjectState::open, turn.now_ms()});
}

struct Receiver {
  const Turn& turn;
  Part& part;
  PartId from;

  void operator()(const OpenControl& mail) const {
    turn.emit(part.id, ProjectCreated{mail, turn.now_ms()});
    turn.transfer(part, TransferKind::reserve, transit, {Fund::escrow, mail.owner}, mail.amount);
    // Nothing was posted yet: there is no need to look for its first part, unless somebody guessed it, and that is
    // done.
    const PartId first = part_of(project_of(part.id), 1);
    if (!turn.state.loading.contains(first)) note_absent(turn.state, first);
  }
  void operator()(const PartFilled& mail) const {
    const ControlPart& control = part.control();
    if (is_over(control.state) && !control.parts.contains(part_no_of(from))) {
      // Cancelled while this mail was on its way.
      turn.emit(part.id, PartNoted{part_no_of(from), PartStep::filled, mail.posted, mail.answers_max, {}});
      turn.mail(part, from, ClosePart{control.state});
      turn.emit(part.id, PartNoted{part_no_of(from), PartStep::closing, 0, 0, {}});
    }
    if (control.state != ProjectState::posting) return;
    turn.emit(part.id, PartNoted{part_no_of(from), PartStep::filled, mail.posted, mail.answers_max, {}});
    if (control.posted < control.opened.items) return;
    // Posting counts what the control part has heard of; what was under way may together be more than was reserved.
    if (control.answers_posted > control.opened.answers_max) {
      end_project(turn, part, ProjectState::cancelled);
    } else {
      open_project(turn, part);
    }
  }
  void operator()(const FundPart& mail) const {
    if (part.tasks().state != PartState::posting) {
      // Closed already: the money goes home.
      turn.mail(part, from, PartDone{mail.amount});
      return;
    }
    turn.transfer(part, TransferKind::reserve, transit, {Fund::escrow, part.tasks().created.owner}, mail.amount);
    turn.emit(part.id, PartStateChanged{PartState::open});
  }
  void operator()(const ClosePart& mail) const {
    if (part.tasks().state == PartState::done) return;
    const auto reason =
        mail.state == ProjectState::cancelled ? VerdictReason::project_cancelled : VerdictReason::project_ended;
    for (std::size_t i = 0; i < part.tasks().tasks.size(); ++i) {
      if (part.tasks().tasks[i].state != TaskState::open) continue;
      close_task(turn, part, static_cast<std::int32_t>(i + 1), reason);
    }
    if (part.tasks().state == PartState::posting) turn.emit(part.id, PartStateChanged{PartState::settled});
    finish_part(turn, part);
  }
  void operator()(const PartDone& mail) const {
    if (mail.amount.value > 0) {
      turn.transfer(part, TransferKind::refund, transit, {Fund::escrow, part.control().opened.owner}, mail.amount);
    }
    turn.emit(part.id, PartNoted{part_no_of(from), PartStep::done, 0, 0, mail.amount});
    finish_control(turn, part);
  }
  void operator()(const Sweep& mail) const {
    for (const AmountOf& row : mail.rows) credit(turn, part, TransferKind::sweep, row.account, row.amount);
  }
  void operator()(const Refund& mail) const { credit(turn, part, TransferKind::refund, mail.account, mail.amount); }
  void operator()(const StandingEarned& mail) const { receive(turn, part, mail); }
  void operator()(const QualificationEarned& mail) const { receive(turn, part, from, mail); }
  void operator()(const PartLearned& mail) const { turn.emit(part.id, SkillsLearned{part_no_of(from), mail.skills}); }
  void operator()(const BonusPaid& mail) const { credit(turn, part, TransferKind::bonus, mail.worker, mail.amount); }
  void operator()(const TakeBack& mail) const {
    const SubAccount wallet{Fund::wallet, mail.worker};
    const Micros from_wallet = std::min(mail.amount, part.ledger.balance(wallet));
    if (from_wallet.value > 0) turn.transfer(part, TransferKind::reversal, wallet, transit, from_wallet);
    if (mail.amount > from_wallet) {
      turn.transfer(part, TransferKind::reversal, {Fund::receivable, mail.worker}, transit, mail.amount - from_wallet);
    }
    turn.mail(part, account_part_of(mail.requester),
              Refund{mail.requester, project_of(mail.assignment.part), mail.amount});
  }
};

}  // namespace

void deliver(const Turn& turn, const DeliverMail& mail) {
  // A sender that is not in memory sends again when it is loaded.
  const Part* sender = turn.loaded(mail.from);
  if (sender == nullptr) return;
  const auto found = sender->postbox.outbox.find(mail.no);
  if (found == sender->postbox.outbox.end()) return;
  const MailSent sent = found->second;
  if (turn.is_absent(sent.to)) {
    turn.state.absent.erase(sent.to);
    // Only a project's first mail comes to a part that does not exist yet. Any other was made by a broker that had the
    // project meanwhile.
    if (std::holds_alternative<OpenControl>(sent.body)) {
      turn.state.parts.emplace(sent.to, empty_part(sent.to)).first->second.care.used = turn.input.at;
    }
  }
  Part* receiver = turn.need(sent.to);
  if (receiver == nullptr) return;
  // In the order in which they were sent, whatever the order in which they come by.
  std::vector<MailSent> due;
  const auto& mail_to = turn.state.mail_to;
  const auto last = mail_to.upper_bound({sent.to, mail.from, mail.no});
  for (auto it = mail_to.lower_bound({sent.to, mail.from, 0}); it != last; ++it) {
    due.push_back(sender->postbox.outbox.at(std::get<2>(*it)));
  }
  for (const MailSent& one : due) {
    turn.effects.forget.push_back({mail.from, one.no});
    if (receiver->received.contains({mail.from, one.no}) && !planted(Bug::mail_applied_twice)) continue;
    turn.emit(sent.to, MailReceived{mail.from, one.no});
    std::visit(Receiver{turn, *receiver, mail.from}, one.body);
  }
}

void forget(const Turn& turn, const ForgetMail& mail) {
  Part* sender = turn.loaded(mail.from);
  if (sender == nullptr) return;
  const auto found = sender->postbox.outbox.find(mail.no);
  if (found == sender->postbox.outbox.end()) return;
  if (Part* receiver = turn.loaded(found->second.to)) receiver->received.erase({mail.from, mail.no});
  turn.emit(mail.from, MailDelivered{mail.no});
}

}  // namespace tally::core
