#include "tools/sim/audit_replies.h"

#include <algorithm>

#include "common/base/digest.h"
#include "common/codec/records_codec.h"
#include "tools/sim/wire.h"

namespace tally::sim {

void ReplyAudit::request(Time now, const std::string& key, const Frame& frame) {
  auto request = decode_request(frame);
  if (!request) return broken("G7", "a client's request cannot be read: " + request.error().detail);
  const auto* train = std::get_if<Train>(&request->message);
  const auto account = accounts_.find(key);
  if (train != nullptr && account != accounts_.end()) workers_.asked(account->second, *train);
  asked_.try_emplace({key, request->request_id}, Asked{now, std::move(request->message)});
}

void ReplyAudit::reply(Time, const std::string& key, const Frame& frame) {
  const auto reply = decode_reply(frame);
  if (!reply) return broken("G7", "a broker's reply cannot be read: " + reply.error().detail);
  const auto asked = asked_.find({key, reply->request_id});
  if (asked == asked_.end()) return broken("G7", "a reply to what was never asked");
  const auto account = accounts_.find(key);
  const Exchange exchange{account == accounts_.end() ? AccountId{} : account->second, asked->second.first, key};
  if (const auto* refusal = std::get_if<Refused>(&reply->message)) {
    return refused(exchange, asked->second.request, *refusal);
  }
  std::visit([&](const auto& m, const auto& r) { on(exchange, m, r); }, asked->second.request, reply->message);
}

void ReplyAudit::stored(Time now, PartId part, const Record& record) {
  if (std::holds_alternative<ProjectCreated>(record)) {
    project_states_.add(project_of(part), now, ProjectState::posting);
  }
  if (const auto* changed = std::get_if<ProjectStateChanged>(&record)) {
    project_states_.add(project_of(part), now, changed->state);
  }
  if (const auto* made = std::get_if<AccountCreated>(&record)) suspended_.add(made->account, now, false);
  if (const auto* changed = std::get_if<AccountSuspended>(&record)) {
    suspended_.add(changed->account, now, changed->suspended);
  }
  if (const auto* issued = std::get_if<InvitationIssued>(&record)) {
    invitations_.emplace(issued->account, issued->code_digest.value);
  }
  if (const auto* set = std::get_if<PayoutAddressSet>(&record)) addresses_.insert(set->account);
  stored_of_workers(now, record);
}

// ---- Refusals -------------------------------------------------------------------------------------------------------

// A refusal that says that something is not there which was acknowledged.
void ReplyAudit::refused(const Exchange& e, const Request& request, const Refused& refusal) {
  const auto lost = [&](const std::string& what) { broken("G1", what + ", and a broker says there is none"); };
  switch (refusal.code) {
    case RefusalCode::not_enrolled:
      if (accounts_.contains(e.key)) lost("account " + std::to_string(e.account.value) + " has joined");
      break;
    case RefusalCode::account_suspended:
      if (!suspended_.was(e.account, e.asked, true))
        broken("G7", "an account is told that it is suspended, and is not");
      break;
    case RefusalCode::key_reused:
      broken("G2", "a command that was sent again is told that its key is another's");
      break;
    case RefusalCode::project_not_found:
      if (const auto* post = std::get_if<PostItems>(&request); post != nullptr && opened_.contains(post->project)) {
        lost("project " + std::to_string(post->project.value) + " was opened");
      }
      break;
    case RefusalCode::assignment_not_found:
      if (const auto* back = std::get_if<HandBack>(&request);
          back != nullptr && tasks_.is_leased_to(back->assignment, e.account)) {
        lost(to_text(back->assignment) + " is leased");
      }
      break;
    case RefusalCode::qualification_not_held:
      if (const auto* grant = std::get_if<GrantQualification>(&request)) {
        const Held key{grant->account, grant->qualification};
        if (held_.knows(key) && !held_.was(key, e.asked, -1)) lost("'" + grant->qualification + "' is held");
      }
      break;
    case RefusalCode::training_over:
      if (const auto* train = std::get_if<Train>(&request);
          train != nullptr && !workers_.is_training_over(train->project, e.account)) {
        broken("G7", "a worker is told that a training is over, and it is not");
      }
      break;
    case RefusalCode::items_differ:
      broken("G2", "items that were sent again are told to be others");
      break;
    default:
      break;
  }
}

// ---- People ---------------------------------------------------------------------------------------------------------

void ReplyAudit::on(const Exchange& e, const Join&, const Joined& r) {
  const auto person = tables_.people.find(r.account);
  if (person == tables_.people.end() || !person->second.enrolled) {
    broken("G7", "account " + std::to_string(r.account.value) + " is told that it has joined, before it has");
  }
  const auto [known, is_new] = accounts_.emplace(e.key, r.account);
  if (!is_new && known->second != r.account) broken("G2", "one key has joined as two accounts");
}

void ReplyAudit::on(const Exchange& e, const Hello&, const Welcome& r) {
  if (r.account != e.account) broken("G9", "a key is greeted as another account");
}

void ReplyAudit::on(const Exchange&, const Invite&, const Invited& r) {
  if (!invitations_.contains({r.account, bytes_of(sha256(r.line))})) {
    broken("G7", "an invitation of account " + std::to_string(r.account.value) + " was given out and not stored");
  }
}

void ReplyAudit::on(const Exchange& e, const Suspend& m, const Acknowledged&) {
  if (!suspended_.was(m.account, e.asked, m.suspended)) broken("G7", "a suspension is acknowledged and not stored");
}

void ReplyAudit::on(const Exchange& e, const SetPayoutAddress&, const Acknowledged&) {
  if (!addresses_.contains(e.account)) broken("G7", "an address is acknowledged and not stored");
}

// ---- Work -----------------------------------------------------------------------------------------------------------

// A lease is stored before its worker sees it, and is shown with the item that was posted.
void ReplyAudit::check_offers(const Exchange& e, const std::vector<TaskOffer>& offers) {
  for (const TaskOffer& offer : offers) {
    if (!tasks_.is_leased_to(offer.assignment, e.account)) {
      broken("G7", to_text(offer.assignment) + " is handed out and not stored");
      continue;
    }
    const TaskAudit::OfItem of = tasks_.item_of(offer.assignment);
    const bool is_told_so =
        of.is_told ? offer.task == of.task && offer.item_no == of.item_no : !offer.task && !offer.item_no;
    if (!is_told_so) {
      broken("G9", to_text(offer.assignment) + " tells of its item what its worker may not know, or not what it may");
    }
    const auto body = tables_.contents.find({of.task.part, ContentKind::item, of.task.no});
    const auto item = body == tables_.contents.end() ? std::nullopt : std::optional(codec::decode_item(body->second));
    if (!item || !*item || (*item)->values != offer.values) {
      broken("G7", to_text(offer.assignment) + " is shown with another item than was posted");
    }
  }
}

void ReplyAudit::on(const Exchange& e, const Pull&, const Tasks& r) { check_offers(e, r.tasks); }
void ReplyAudit::on(const Exchange& e, const TakeBackSkip&, const Tasks& r) { check_offers(e, r.tasks); }

void ReplyAudit::on(const Exchange& e, const Submit& m, const Submitted& r) {
  check_offers(e, r.tasks);
  if (r.outcomes.size() != m.answers.size()) return broken("G7", "answers were handed in and not all are told of");
  for (std::size_t i = 0; i < m.answers.size(); ++i) check_outcome(e, m.answers[i], r.outcomes[i]);
}

void ReplyAudit::check_outcome(const Exchange& e, const SubmittedAnswer& given, const SubmitOutcome& outcome) {
  const std::string name = to_text(given.assignment);
  if (outcome.assignment != given.assignment) return broken("G7", name + " has the outcome of another");
  if (outcome.accepted) return check_accepted(e, given, outcome);
  const auto acknowledged = answered_.find(given.assignment);
  if (acknowledged != answered_.end() && acknowledged->second == given.values) {
    broken("G2", name + " was accepted, and is refused when it is sent again: " + outcome.detail);
  }
  if (outcome.refusal == RefusalCode::assignment_not_found && tasks_.is_leased_to(given.assignment, e.account)) {
    broken("G1", name + " is leased, and a broker says there is none");
  }
}

void ReplyAudit::check_accepted(const Exchange& e, const SubmittedAnswer& given, const SubmitOutcome& outcome) {
  const std::string name = to_text(given.assignment);
  const auto stored = tables_.answers.find(given.assignment);
  if (stored == tables_.answers.end() || stored->second.worker != e.account) {
    return broken("G7", name + " is acknowledged and not stored");
  }
  const auto values = codec::decode_answer(stored->second.body.value_or(""));
  if (!values || *values != given.values) broken("G1", name + " is acknowledged, and another answer is stored");
  const auto [known, is_new] = answered_.emplace(given.assignment, given.values);
  if (!is_new && known->second != given.values) broken("G2", name + " is acknowledged with two answers");
  if (outcome.paid.value > 0 && !tables_.payouts.contains(given.assignment)) {
    broken("G7", name + " is told to be paid, and is not");
  }
}

void ReplyAudit::on(const Exchange&, const HandBack& m, const Acknowledged&) {
  if (tasks_.is_live(m.assignment)) broken("G7", to_text(m.assignment) + " is acknowledged as handed back, and is not");
}

// ---- Projects -------------------------------------------------------------------------------------------------------

void ReplyAudit::check_kept(const Exchange& e, const std::string& command, PartId part, const std::string& result) {
  if (!tables_.command_keys.contains({part, e.account, command})) {
    broken("G7", "'" + command + "' is acknowledged and not stored");
  }
  const auto [known, is_new] = kept_.emplace(std::pair(e.account, command), result);
  if (!is_new && known->second != result) broken("G2", "'" + command + "' sent again has another result");
}

void ReplyAudit::on(const Exchange& e, const OpenProject& m, const ProjectOpened& r) {
  check_kept(e, m.key, account_part_of(e.account), std::to_string(r.project.value));
  opened_.insert(r.project);
}

void ReplyAudit::on(const Exchange&, const PostItems& m, const ItemsPosted& r) {
  const auto project = tables_.projects.find(control_part_of(m.project));
  if (project == tables_.projects.end()) return broken("G7", "items are acknowledged of a project that is not stored");
  const std::int64_t size = project->second.part_size;
  const PartId part = part_of(m.project, (m.first - 1) / size + 1);
  const std::int64_t last = (r.posted - 1) % size + 1;
  if (r.posted != m.first + std::ssize(m.items) - 1 || tasks_.tasks_in(part) < last) {
    broken("G7", "items up to " + std::to_string(r.posted) + " of project " + std::to_string(m.project.value) +
                     " are acknowledged and not stored");
  }
}

void ReplyAudit::on(const Exchange&, const Review& m, const Acknowledged&) {
  const auto decided = tables_.pay_decisions.find(m.assignment);
  const bool is_rejected = decided != tables_.pay_decisions.end() && decided->second == PayState::unpaid;
  if (m.approve ? !tables_.payouts.contains(m.assignment) : !is_rejected) {
    broken("G7", "the review of " + to_text(m.assignment) + " is acknowledged and not stored");
  }
}

void ReplyAudit::on(const Exchange& e, const Bonus& m, const Acknowledged&) {
  check_kept(e, m.key, account_part_of(e.account), "");
}
void ReplyAudit::on(const Exchange& e, const Extend& m, const Acknowledged&) {
  check_kept(e, m.key, control_part_of(m.project), "");
}

void ReplyAudit::on(const Exchange& e, const ChangeProject& m, const Acknowledged&) {
  ProjectState wanted = ProjectState::open;
  if (m.action == ProjectAction::pause) wanted = ProjectState::paused;
  if (m.action == ProjectAction::end) wanted = ProjectState::ended;
  if (m.action == ProjectAction::cancel) wanted = ProjectState::cancelled;
  if (!project_states_.was(m.project, e.asked, wanted)) {
    broken("G7", "project " + std::to_string(m.project.value) + " is acknowledged to be " +
                     std::string(name_of(wanted)) + ", and was not");
  }
}

// ---- Money ----------------------------------------------------------------------------------------------------------

void ReplyAudit::on(const Exchange& e, const Deposit& m, const Deposited& r) {
  check_kept(e, m.key, account_part_of(m.account), to_text(r.transfer) + " " + to_text(r.wallet));
  const auto transfer = tables_.transfers.find(r.transfer);
  if (transfer == tables_.transfers.end() || transfer->second.amount != m.amount ||
      transfer->second.kind != TransferKind::deposit || transfer->second.to.owner != m.account) {
    broken("G7", "the deposit " + to_text(r.transfer) + " is acknowledged and not stored");
  }
}

void ReplyAudit::on(const Exchange&, const Reverse& m, const Acknowledged&) {
  if (tables_.transfers.contains(m.transfer)) return;  // A deposit.
  const PartId part = m.transfer.part;
  auto payout = tables_.payouts.lower_bound({part, 0});
  const auto is_here = [&] { return payout != tables_.payouts.end() && payout->first.part == part; };
  while (is_here() && payout->second.no != m.transfer.no) ++payout;
  if (!is_here()) return broken("G7", "what is not stored is acknowledged as reversed");
  const auto decided = tables_.pay_decisions.find(payout->first);
  if (decided == tables_.pay_decisions.end() || decided->second != PayState::reversed) {
    broken("G7", "the reversal of " + to_text(m.transfer) + " is acknowledged and not stored");
  }
}

void ReplyAudit::on(const Exchange&, const ExportPayouts& m, const PayoutFile& r) {
  std::string rows;
  for (const PayoutRow& row : r.rows) {
    rows += std::to_string(row.account.value) + " " + to_text(row.amount) + "\n";
    if (!tables_.payout_runs.contains({PartId{m.account_part}, m.run, row.account})) {
      broken("G7", "payout run '" + m.run + "' is given out and not stored");
    }
  }
  const auto [known, is_new] = payout_files_.emplace(std::pair(m.run, PartId{m.account_part}), rows);
  if (!is_new && known->second != rows)
    broken("G2", "payout run '" + m.run + "' has other rows when it is asked again");
}

void ReplyAudit::on(const Exchange&, const SettlePayouts& m, const PayoutFile&) {
  if (!m.look && !tables_.payout_runs_settled.contains({PartId{m.account_part}, m.run})) {
    broken("G7", "payout run '" + m.run + "' is acknowledged as paid, and is not stored so");
  }
}

void ReplyAudit::check_at_rest() {
  for (const auto& [assignment, values] : answered_) {
    if (!tables_.answers.contains(assignment)) broken("G1", to_text(assignment) + " was acknowledged and is lost");
  }
}

}  // namespace tally::sim
