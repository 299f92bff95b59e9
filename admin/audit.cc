#include "admin/audit.h"

#include <iostream>

#include "common/cli/safe_text.h"
#include "schemas/time.h"

namespace tally::admin {
namespace {

[[noreturn]] void not_an_id(Traced what, const std::string& id) {
  const char* form = what == Traced::task         ? "a task is written like t17.1.204"
                     : what == Traced::assignment ? "an assignment is written like a17.1.9"
                                                  : "a payout, or another transfer, is written like m17.1.33";
  std::string hint;
  if (task_id_from(id)) hint = "; this is a task: tally-admin audit task " + id;
  if (assignment_id_from(id)) hint = "; this is an assignment: tally-admin audit assignment " + id;
  if (transfer_id_from(id)) hint = "; this is a transfer: tally-admin audit payout " + id;
  cli::fail_usage("'" + id + "': " + form + hint);
}

bool is_id(Traced what, const std::string& id) {
  switch (what) {
    case Traced::task:
      return task_id_from(id).has_value();
    case Traced::assignment:
      return assignment_id_from(id).has_value();
    case Traced::payout:
      return transfer_id_from(id).has_value();
  }
  return false;
}

// False when a sum does not fit, which no honest ledger comes to.
bool add(Micros& sum, Micros by) { return !__builtin_add_overflow(sum.value, by.value, &sum.value); }

void add_page(AuditPage& all, const AuditPage& page) {
  all.parts += page.parts;
  all.batches += page.batches;
  all.transfers += page.transfers;
  all.verdicts += page.verdicts;
  all.payouts += page.payouts;
  all.wrong = page.wrong;
  const bool fits = add(all.sum, page.sum) && add(all.transit, page.transit) && add(all.in_outboxes, page.in_outboxes);
  if (!fits && all.wrong.empty()) all.wrong = "sub_accounts: sums over parts do not fit in 64 bits";
}

}  // namespace

void trace(Asker& asker, Traced what, const std::string& id, std::ostream& out) {
  if (!is_id(what, id)) not_an_id(what, id);
  const AuditTrace found = asker.ask(TraceAudit{id});
  for (const TraceLine& line : found.lines) {
    std::string name = cli::safe_for_terminal(line.what, false);
    name.resize(std::max<std::size_t>(name.size(), 16), ' ');
    out << to_text(Time{line.at_ms}) << "  " << name << ' ' << cli::safe_for_terminal(line.text, false) << '\n';
  }
}

void verify(Asker& asker, std::ostream& out, const std::function<void(const AuditPage& so_far)>& progress) {
  AuditPage all;
  VerifyAudit message;
  do {
    const AuditPage page = asker.ask(message);
    add_page(all, page);
    message.after = page.next;
    if (!message.after.empty() && all.wrong.empty()) progress(all);
  } while (!message.after.empty() && all.wrong.empty());
  if (all.wrong.empty() && all.sum.value != 0) all.wrong = "sub_accounts: all parts add up to " + to_text(all.sum);

  out << all.parts << " parts, " << all.batches << " batches, " << all.transfers << " transfers, " << all.verdicts
      << " verdicts, " << all.payouts << " payouts read.\n";
  if (!all.wrong.empty()) throw cli::Failure{cli::exit_refused, "wrong: " + all.wrong};
  out << "All sub-accounts add up to " << to_text(all.sum) << "; " << to_text(all.transit) << " is in transit.\n";
  if (all.transit != all.in_outboxes) {
    // The broker compared all parts at one moment; these pages are of several.
    out << "Money moved between parts while they were read one after the other.\n";
  }
  out << "The audit is clean: the journal is whole, the tables are what it says, every verdict follows from its\n"
         "answers, every payout from its verdict, and no money was made or lost.\n";
}

}  // namespace tally::admin
