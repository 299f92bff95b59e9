#include "admin/money.h"

#include <array>
#include <ostream>
#include <sstream>
#include <vector>

#include "admin/values.h"
#include "admin/whole_file.h"
#include "common/cli/csv_writer.h"

namespace tally::admin {
namespace {

struct Totals {
  std::int64_t rows = 0;
  Micros amount;
};

std::string text_of(const Totals& totals) {
  return to_text(totals.amount) + " for " + std::to_string(totals.rows) + (totals.rows == 1 ? " account" : " accounts");
}

}  // namespace

void deposit(Asker& asker, const DepositWanted& wanted, const KeySource& keys, std::ostream& out) {
  Deposit message;
  message.account = account_from(wanted.account);
  message.amount = amount_from(wanted.amount);
  message.note = line_from(wanted.note, "the note", 1000);
  PendingKey key = keys();
  message.key = key.key();
  const auto deposited = asker.try_ask(message);
  key.settle();
  if (!deposited) cli::fail(deposited.error());
  if (key.is_resumed()) {
    out << "This goes on with the same deposit that was interrupted before; it was made once.\n";
  }
  out << to_text(message.amount) << " deposited for account " << message.account.value << " as "
      << to_text(deposited->transfer) << "; its wallet then held " << to_text(deposited->wallet) << ".\n"
      << "Made in error? tally-admin reverse " << to_text(deposited->transfer) << " --reason ...\n";
}

void reverse(Asker& asker, const std::string& transfer, const std::string& reason, std::ostream& out) {
  Reverse message;
  message.transfer = transfer_from(transfer);
  message.reason = line_from(reason, "the reason", 1000);
  asker.ask(message);
  out << to_text(message.transfer) << " is reversed; tally-admin audit payout " << to_text(message.transfer)
      << " shows how.\n";
}

void export_payouts(Asker& asker, const PayoutsWanted& wanted, Streams streams) {
  ExportPayouts message;
  message.run = run_name_from(wanted.run);
  message.minimum = minimum_from(wanted.minimum);
  std::ostringstream text;
  cli::CsvWriter csv(text);
  csv.row(std::array<std::string, 4>{"account", "name", "address", "amount"});
  Totals totals;
  std::int64_t without_address = 0;
  bool is_settled = false;
  for (std::int64_t part = 0; part < account_parts; ++part) {
    message.account_part = part;
    const PayoutFile file = asker.ask(message);
    for (const PayoutRow& row : file.rows) {
      csv.row(std::array<std::string, 4>{std::to_string(row.account.value), row.display_name, row.address,
                                         to_text(row.amount)});
      ++totals.rows;
      totals.amount += row.amount;
      if (row.address.empty()) ++without_address;
    }
    is_settled = is_settled || file.settled;
  }
  if (wanted.output.empty()) {
    streams.out << text.str() << std::flush;
  } else {
    write_whole_file(wanted.output, text.str());
  }
  streams.info << "Run '" << message.run << "' sets aside " << text_of(totals) << ".\n";
  if (without_address > 0) {
    streams.info << without_address << " of them have set no address to be paid at; ask them to, "
                 << "then export this run again.\n";
  }
  if (is_settled) {
    streams.info << "This run is marked paid already: do not pay it again.\n";
  } else {
    streams.info << "Once the money has left the house: tally-admin payouts settle --run " << message.run << '\n';
  }
}

void settle_payouts(Asker& asker, const std::string& run, std::ostream& out) {
  SettlePayouts message;
  message.run = run_name_from(run);
  Totals totals;
  for (std::int64_t part = 0; part < account_parts; ++part) {
    message.account_part = part;
    for (const PayoutRow& row : asker.ask(message).rows) {
      ++totals.rows;
      totals.amount += row.amount;
    }
  }
  out << "Run '" << message.run << "' is marked paid: " << text_of(totals) << ".\n";
}

}  // namespace tally::admin
