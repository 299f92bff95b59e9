#pragma once

#include <iosfwd>
#include <string>

#include "admin/accounts.h"
#include "admin/asker.h"
#include "admin/pending_key.h"

// Deposits, reversals, and the payout file.
namespace tally::admin {

struct DepositWanted {
  std::string account;
  std::string amount;
  std::string note;
};
void deposit(Asker& asker, const DepositWanted& wanted, const KeySource& keys, std::ostream& out);

void reverse(Asker& asker, const std::string& transfer, const std::string& reason, std::ostream& out);

struct PayoutsWanted {
  std::string run;
  std::string minimum = "1.00";
  std::string output;  // A file; empty: standard output.
};
// Sets aside what is owed and writes it as CSV: account, name, address, amount. The same run again writes the same.
void export_payouts(Asker& asker, const PayoutsWanted& wanted, Streams streams);
void settle_payouts(Asker& asker, const std::string& run, std::ostream& out);

}  // namespace tally::admin
