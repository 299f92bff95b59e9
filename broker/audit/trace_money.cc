#include "broker/audit/trace_money.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/audit/books.h"
#include "broker/audit/trace_answer.h"

namespace tally::audit {
namespace {

// What its own part tells of a transfer.
struct Found {
  TransferPosted transfer;
  std::optional<MailReceived> came_by;
  std::optional<MailSent> left_by;
  std::string run;
};

bool carries(const MailSent& mail, const TransferPosted& r) {
  const auto* sweep = std::get_if<Sweep>(&mail.body);
  if (r.kind != TransferKind::sweep || sweep == nullptr) return r.kind != TransferKind::sweep && sweep == nullptr;
  for (const AmountOf& row : sweep->rows) {
    if (row.account == r.from.owner) return true;
  }
  return false;
}

// A mail is received before the transfers it leads to, and sent after those that feed it.
Found found_at(const Place& place, const TransferPosted& r) {
  Found found{r, {}, {}, {}};
  for (std::size_t i = 0; i < place.records.size(); ++i) {
    const Record& record = place.records[i];
    if (i < place.index) {
      if (const auto* mail = std::get_if<MailReceived>(&record)) found.came_by = *mail;
      continue;
    }
    const auto* mail = std::get_if<MailSent>(&record);
    if (mail != nullptr && !found.left_by && amount_in(mail->body) > 0 && carries(*mail, r)) found.left_by = *mail;
    const auto* made = std::get_if<PayoutRunMade>(&record);
    if (made != nullptr && found.run.empty()) found.run = made->run;
    const auto* settled = std::get_if<PayoutRunSettled>(&record);
    if (settled != nullptr && found.run.empty()) found.run = settled->run;
  }
  if (r.from.fund != Fund::transit) found.came_by.reset();
  if (r.to.fund != Fund::transit) found.left_by.reset();
  if (r.kind != TransferKind::payout_run && r.kind != TransferKind::paid_out) found.run.clear();
  return found;
}

std::string mail_text(std::int64_t no, PartId from, PartId to) {
  return "mail " + std::to_string(no) + " of " + to_text(from) + " to " + to_text(to);
}

// The payouts that a sweep gathered: those of this account since the sweep before. Of the house's only the fee in them
// counts.
class Gathered {
 public:
  Gathered(TraceLines& lines, PartId part, AccountId account) : lines_(lines), part_(part), account_(account) {}

  void see(const Place& place) {
    if (const auto* r = std::get_if<TaskPartCreated>(&place.record())) spec_ = r->spec;
    if (const auto* r = std::get_if<AssignmentLeased>(&place.record())) tasks_[r->no] = r->task;
    if (const auto* r = std::get_if<VerdictReached>(&place.record())) verdicts_[r->task] = verdict_text(spec_, *r);
    if (const auto* r = std::get_if<PayoutPosted>(&place.record())) {
      const bool is_here = account_ == house_account ? r->fee.value > 0 : r->worker == account_;
      if (is_here) paid_.push_back({r->at_ms, r->assignment, text_of(part_, *r)});
    }
    if (const auto* r = std::get_if<TransferPosted>(&place.record())) {
      // A fee is not returned.
      if (r->kind == TransferKind::reversal && account_ != house_account) {
        std::erase_if(paid_, [&](const Payout& payout) { return payout.assignment == r->assignment; });
      }
      if (r->kind == TransferKind::sweep && r->from.owner == account_) {
        last_ = std::move(paid_);
        paid_.clear();
      }
    }
  }
  // After the mail was seen.
  void tell(const Place& place) {
    constexpr std::size_t shown_max = trace_lines_max / 2;  // The others tell where the money went.
    for (std::size_t i = 0; i < last_.size() && i < shown_max; ++i) {
      const Payout& payout = last_[i];
      const std::int32_t task = tasks_[payout.assignment];
      lines_.add(place, payout.at_ms, "payout",
                 payout.text + ", for " + to_text(AssignmentId{part_, payout.assignment}) + ", " +
                     to_text(TaskId{part_, task}) + ' ' + verdicts_[task] + "; swept");
    }
    if (last_.size() <= shown_max) return;
    lines_.add(place, 0, "left out",
               std::to_string(last_.size() - shown_max) + " more payouts: `tally-requester results " +
                   std::to_string(project_of(part_).value) + " --answers` lists what was paid for each answer");
  }

 private:
  struct Payout {
    std::int64_t at_ms = 0;
    std::int32_t assignment = 0;
    std::string text;
  };
  TraceLines& lines_;
  PartId part_;
  AccountId account_;
  ProjectSpec spec_;
  std::map<std::int32_t, std::int32_t> tasks_;
  std::map<std::int32_t, std::string> verdicts_;
  std::vector<Payout> paid_;
  std::vector<Payout> last_;
};

// Where money that came in was sent from, and what for.
void trace_sender(TraceLines& lines, PartId receiver, const Found& found) {
  const PartId sender = found.came_by->from;
  Gathered gathered(lines, sender, found.transfer.to.owner);
  lines.walk(sender, [&](const Place& place) {
    gathered.see(place);
    const auto* mail = std::get_if<MailSent>(&place.record());
    if (mail == nullptr || mail->no != found.came_by->no || mail->to != receiver) return;
    std::string text = mail_text(mail->no, sender, receiver) + ": " + std::string(name_of_mail(mail->body)) + ", " +
                       to_text(Micros{amount_in(mail->body)});
    if (const auto* bonus = std::get_if<BonusPaid>(&mail->body)) text += ", for " + to_text(bonus->assignment);
    if (const auto* refund = std::get_if<Refund>(&mail->body)) {
      text += ", not spent by project " + std::to_string(refund->project.value);
    }
    lines.add(place, 0, "sent", std::move(text));
    if (std::holds_alternative<Sweep>(mail->body)) gathered.tell(place);
  });
}

// What became of money that left.
void trace_receiver(TraceLines& lines, PartId sender, const MailSent& mail) {
  bool is_here = false;
  lines.walk(mail.to, [&](const Place& place) {
    // A mail's transfers are of its batch, up to the next mail.
    if (place.index == 0) is_here = false;
    if (const auto* r = std::get_if<MailReceived>(&place.record())) is_here = r->from == sender && r->no == mail.no;
    const auto* r = std::get_if<TransferPosted>(&place.record());
    if (r == nullptr || !is_here || r->from.fund != Fund::transit) return;
    lines.add(place, r->at_ms, "arrived", text_of(mail.to, *r) + ", by " + mail_text(mail.no, sender, mail.to));
  });
}

}  // namespace

bool trace_transfer(TraceLines& lines, TransferId id) {
  std::optional<Found> found;
  std::int32_t paid_answer = 0;
  TraceLines own(lines.snapshot());
  own.walk(id.part, [&](const Place& place) {
    const auto* payout = std::get_if<PayoutPosted>(&place.record());
    if (payout != nullptr && payout->no == id.no) paid_answer = payout->assignment;
    const auto* r = std::get_if<TransferPosted>(&place.record());
    if (r == nullptr) return;
    const bool is_reversal = r->reverses == id.no && r->kind == TransferKind::reversal;
    if (r->no != id.no && !is_reversal) return;
    std::string text = text_of(id.part, *r);
    if (r->reverses > 0) text += ", reverses " + to_text(TransferId{id.part, r->reverses});
    const bool has_note = r->kind == TransferKind::deposit || r->kind == TransferKind::bonus ||
                          (r->kind == TransferKind::reversal && is_account_part(id.part) && r->reverses > 0);
    if (has_note) text += ", note " + own.content(id.part, ContentKind::transfer_note, r->no);
    if (r->no == id.no) {
      found = found_at(place, *r);
      if (!found->run.empty()) text += ", run '" + found->run + "'";
    }
    own.add(place, r->at_ms, std::string(name_of(r->kind)), std::move(text));
  });
  if (paid_answer > 0) return trace_assignment(lines, {id.part, paid_answer});
  if (!found) return false;
  if (found->transfer.assignment > 0) return trace_assignment(lines, {id.part, found->transfer.assignment});
  if (found->came_by) trace_sender(lines, id.part, *found);
  lines.append(own);
  if (found->left_by) {
    if (is_task_part(id.part) && found->transfer.kind == TransferKind::sweep) {
      Gathered gathered(lines, id.part, found->transfer.from.owner);
      lines.walk(id.part, [&](const Place& place) {
        gathered.see(place);
        const auto* mail = std::get_if<MailSent>(&place.record());
        if (mail != nullptr && mail->no == found->left_by->no) gathered.tell(place);
      });
    }
    trace_receiver(lines, id.part, *found->left_by);
  }
  return true;
}

}  // namespace tally::audit
