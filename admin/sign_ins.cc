#include "admin/sign_ins.h"

#include <ostream>

#include "admin/values.h"
#include "common/cli/table.h"

namespace tally::admin {

void show_sign_ins(Asker& asker, const std::string& account, std::ostream& out) {
  const GrantsPage page = asker.ask(ListGrants{account_from(account)});
  cli::Table table(
      {{"sign-in", cli::Align::right}, {"gateway", cli::Align::right}, {"since"}, {"renewed"}, {"ends, unless used"}});
  for (const GrantRow& row : page.rows) {
    table.row({std::to_string(row.grant), std::to_string(row.gateway.value), to_text(Time{row.opened_ms}),
               to_text(Time{row.renewed_ms}), to_text(Time{row.expires_ms})});
  }
  out << table.to_text();
}

void end_sign_ins(Asker& asker, const std::string& account, const std::string& number, std::ostream& out) {
  EndGrants end;
  end.account = account_from(account);
  if (!number.empty()) {
    end.grant = whole_number_from(number);
    if (!end.grant || *end.grant < 1) cli::fail_usage("--sign-in is a number, as tally-admin sign-ins shows it");
  }
  asker.ask(end);
  out << "Account " << account
      << (number.empty() ? ": every browser is signed out.\n" : ": that browser is signed out.\n");
}

}  // namespace tally::admin
