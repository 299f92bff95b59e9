#include "admin/accounts.h"

#include <ostream>
#include <string>
#include <utility>

#include "admin/values.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"

namespace tally::admin {

void show_accounts(Asker& asker, const AccountsWanted& wanted, std::ostream& out) {
  ListAccounts list;
  if (!wanted.role.empty()) list.role = role_from(wanted.role);
  cli::Table table(
      {{"account", cli::Align::right}, {"role"}, {"name"}, {"state"}, {"created"}, {"wallet", cli::Align::right}});
  do {
    const AccountsPage page = asker.ask(list);
    for (const AccountRow& row : page.rows) {
      if (row.account == house_account) {
        // Nobody's account: where the platform's fees come in.
        table.row({"0", "house", "(the platform's fees)", "", "", to_text(row.wallet)});
        continue;
      }
      const char* state = row.suspended ? "suspended" : row.enrolled ? "active" : "invited";
      table.row({std::to_string(row.account.value), std::string(name_of(row.role)), row.display_name, state,
                 to_text(Time{row.created_ms}), to_text(row.wallet)});
    }
    list.after = page.next;
  } while (!list.after.empty());
  out << table.to_text();
}

void invite(Asker& asker, const InviteWanted& wanted, const cli::KeySource& keys, Streams streams) {
  Invite invite;
  invite.valid_ms = validity_from(wanted.valid).ms;
  if (!wanted.account.empty()) {
    if (!wanted.role.empty() || !wanted.name.empty()) {
      cli::fail_usage("--account is for a lost key of an account that exists; it has its role and name already");
    }
    invite.account = account_from(wanted.account);
  } else {
    invite.role = role_from(wanted.role);
    invite.display_name = line_from(wanted.name, "the name", 400);
  }
  cli::PendingKey key = keys();
  invite.key = key.key();
  const auto invited = asker.try_ask(invite);
  key.settle();
  if (!invited) cli::fail(invited.error());
  streams.out << cli::safe_for_terminal(invited->line, false) << '\n';
  if (wanted.account.empty()) {
    streams.info << "Account " << invited->account.value << " for " << cli::safe_for_terminal(wanted.name, false)
                 << ", " << name_of(invite.role) << ". Give them the line above in private: who has it first becomes "
                 << "this account.\nThey say:  tally-" << name_of(invite.role) << " join LINE  within "
                 << to_text(Duration{invite.valid_ms}) << ", once.\n";
  } else {
    streams.info << "For account " << invited->account.value
                 << ": the key that joins with the line above takes the place of the lost one. Valid for "
                 << to_text(Duration{invite.valid_ms}) << ", once.\n";
  }
}

void suspend(Asker& asker, const std::string& account, bool suspended, const std::string& reason, std::ostream& out) {
  Suspend message;
  message.account = account_from(account);
  message.suspended = suspended;
  message.reason = reason;
  if (suspended) message.reason = line_from(reason, "the reason", 1000);
  asker.ask(message);
  out << "Account " << account
      << (suspended ? " is suspended: it can send nothing, its leases run out, what it earned stays its own.\n"
                    : " is active again.\n");
}

void show_projects(Asker& asker, std::ostream& out) {
  cli::Table table({{"project", cli::Align::right},
                    {"owner", cli::Align::right},
                    {"title", cli::Align::left, 40},
                    {"state"},
                    {"created"},
                    {"items", cli::Align::right},
                    {"closed", cli::Align::right},
                    {"answers", cli::Align::right},
                    {"reward", cli::Align::right},
                    {"pay"}});
  ListProjects list;
  do {
    const ProjectsPage page = asker.ask(list);
    for (const ProjectRow& row : page.rows) {
      table.row({std::to_string(row.project.value), std::to_string(row.owner.value), row.title,
                 std::string(name_of(row.state)), to_text(Time{row.created_ms}), std::to_string(row.items),
                 std::to_string(row.closed), std::to_string(row.answers), to_text(row.reward),
                 std::string(name_of(row.pay))});
    }
    list.after = page.next;
  } while (!list.after.empty());
  out << table.to_text();
}

}  // namespace tally::admin
