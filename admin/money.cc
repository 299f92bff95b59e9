#include "admin/money.h"

#include <array>
#include <ostream>
#include <sstream>
#include <vector>

#include "admin/values.h"
#include "common/cli/csv_writer.h"
#include "common/cli/whole_file.h"

namespace tally::admin {
namespace {

std::string text_of(const PayoutTotals& totals) {
  return to_text(totals.amount) + " for " + std::to_string(totals.rows) + (totals.rows == 1 ? " account" : " accounts");
}

}  // namespace

void PayoutTotals::add(const PayoutFile& file) {
  for (const PayoutRow& row : file.rows) {
    ++rows;
    amount += row.amount;
  }
}

void deposit(Asker& asker, const DepositWanted& wanted, const cli::KeySource& keys, std::ostream& out) {
  Deposit message;
  message.account = account_from(wanted.account);
  message.amount = amount_from(wanted.amount);
  message.note = line_from(wanted.note, "the note", 1000);
  cli::PendingKey key = keys();
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
  PayoutTotals totals;
  std::int64_t without_address = 0;
  std::int64_t taken_away = 0;  // Addresses, since the run was made.
  std::int64_t settled = 0;
  for (std::int64_t part = 0; part < account_parts; ++part) {
    message.account_part = part;
    const PayoutFile file = asker.ask(message);
    for (const PayoutRow& row : file.rows) {
      csv.row(std::array<std::string, 4>{std::to_string(row.account.value), row.display_name, row.address,
                                         to_text(row.amount)});
    }
    totals.add(file);
    for (const PayoutRow& row : file.rows) taken_away += row.address.empty() ? 1 : 0;
    without_address += file.without_address;
    settled += file.settled ? 1 : 0;
  }
  if (wanted.output.empty()) {
    streams.out << text.str() << std::flush;
  } else {
    cli::write_whole_file(wanted.output, text.str());
  }
  streams.info << "Run '" << message.run << "' sets aside " << text_of(totals) << ".\n";
  if (without_address > 0) {
    streams.info << "Left out: " << without_address << (without_address == 1 ? " worker" : " workers")
                 << " with as much in the wallet, but no address to be paid at. Once they have set one "
                 << "(tally-worker payout-address ...) a later run pays them.\n";
  }
  if (taken_away > 0) {
    streams.info
        << taken_away << (taken_away == 1 ? " row has" : " rows have")
        << " no address: it was taken away since the run was made. Ask where to pay, then export this run again.\n";
  }
  if (settled == account_parts) {
    streams.info << "This run is marked paid already: do not pay it again.\n";
  } else if (settled > 0) {
    streams.info << "Marking this run as paid was interrupted. Has the money left the house? Do not send it again; "
                 << "tally-admin payouts settle --run " << message.run << " goes on.\n";
  } else {
    streams.info << "Once the money has left the house: tally-admin payouts settle --run " << message.run << '\n';
  }
}

PayoutTotals look_at_payouts(Asker& asker, const std::string& run) {
  SettlePayouts message;
  message.run = run_name_from(run);
  message.look = true;
  PayoutTotals totals;
  std::int64_t missing = 0;
  for (std::int64_t part = 0; part < account_parts; ++part) {
    message.account_part = part;
    const auto file = asker.try_ask(message);
    if (!file && file.error().code != RefusalCode::transfer_not_found) cli::fail(file.error());
    if (file) {
      totals.add(*file);
    } else {
      ++missing;
    }
  }
  if (missing == account_parts) {
    throw cli::Failure{cli::exit_refused, "There is no payout run '" + message.run + "'; export it first."};
  }
  if (missing > 0) {
    throw cli::Failure{cli::exit_refused, "The export of run '" + message.run +
                                              "' did not come to its end, so no file of it can have been paid. Export "
                                              "it again under this name, pay what that file says, then settle."};
  }
  return totals;
}

void settle_payouts(Asker& asker, const std::string& run, std::ostream& out) {
  // All of it is looked at before the first row is marked.
  static_cast<void>(look_at_payouts(asker, run));
  SettlePayouts message;
  message.run = run_name_from(run);
  PayoutTotals totals;
  for (std::int64_t part = 0; part < account_parts; ++part) {
    message.account_part = part;
    totals.add(asker.ask(message));
  }
  out << "Run '" << message.run << "' is marked paid: " << text_of(totals) << ".\n";
}

}  // namespace tally::admin
