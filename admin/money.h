#pragma once

#include <iosfwd>
#include <string>

#include "admin/accounts.h"
#include "admin/asker.h"
#include "common/cli/pending_key.h"

// Deposits, reversals, and the payout file.
namespace tally::admin {

struct DepositWanted {
  std::string account;
  std::string amount;
  std::string note;
};
void deposit(Asker& asker, const DepositWanted& wanted, const cli::KeySource& keys, std::ostream& out);

void reverse(Asker& asker, const std::string& transfer, const std::string& reason, std::ostream& out);

struct PayoutsWanted {
  std::string run;
  std::string minimum = "1.00";
  std::string output;  // A file; empty: standard output.
};
// Sets aside what is owed and writes it as CSV: account, name, address, amount. The same run again writes the same.
void export_payouts(Asker& asker, const PayoutsWanted& wanted, Streams streams);

struct PayoutTotals {
  std::int64_t rows = 0;
  Micros amount;
  void add(const PayoutFile& file);
};
// What a run holds that was exported to its end; fails where it was not.
[[nodiscard]] PayoutTotals look_at_payouts(Asker& asker, const std::string& run);
// Marks all of a run paid, or fails before the first row.
void settle_payouts(Asker& asker, const std::string& run, std::ostream& out);

}  // namespace tally::admin
