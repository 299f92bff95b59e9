#pragma once

#include <array>
#include <compare>
#include <string_view>
#include <tuple>

#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/money.h"

// The words of the ledger (docs/ledger.md). Money is where a sub-account of a part says it is; a transfer moves it
// between sub-accounts of one part. Between parts it travels as mail, and is in `transit` meanwhile.
namespace tally {

enum class Fund {
  outside,     // The world: deposits come from it, paid-out earnings go to it. Of account parts; below zero or above.
  receivable,  // What a worker owes after a reversal: below zero, set off against later earnings. Of account parts.
  transit,     // The other half of money that is between parts. Below zero where more came in than went out.
  wallet,      // What a person (or the house) has. Of account parts.
  payable,     // Set aside in a payout run. Of account parts.
  escrow,      // Reserved for answers. Of control and task parts, under the requester's account.
  fees,        // The house's fees, not swept yet. Of task parts.
  earnings,    // A worker's earnings, not swept yet. Of task parts.
};
template <>
struct EnumNames<Fund> {
  static constexpr std::array<std::string_view, 8> names{"outside", "receivable", "transit", "wallet",
                                                         "payable", "escrow",     "fees",    "earnings"};
};
[[nodiscard]] constexpr bool may_be_negative(Fund fund) {
  return fund == Fund::outside || fund == Fund::receivable || fund == Fund::transit;
}

struct SubAccount {
  Fund fund = Fund::outside;
  AccountId owner;

  static constexpr auto fields() {
    return std::tuple{Field{"fund", &SubAccount::fund}, Field{"owner", &SubAccount::owner}};
  }
  friend auto operator<=>(const SubAccount&, const SubAccount&) = default;
};

// Of the transfers with two sides. What pays an answer has three, and a record of its own: PayoutPosted.
enum class TransferKind {
  deposit,     // outside -> wallet
  reserve,     // wallet -> transit -> escrow of the control part -> transit -> escrow of a task part
  sweep,       // earnings -> transit -> wallet (or receivable), fees -> transit -> wallet of the house
  refund,      // escrow -> transit -> escrow of the control part -> transit -> wallet
  bonus,       // wallet -> transit -> wallet
  payout_run,  // wallet -> payable
  paid_out,    // payable -> outside
  reversal,    // The opposite of the transfer it names.
};
template <>
struct EnumNames<TransferKind> {
  static constexpr std::array<std::string_view, 8> names{"deposit", "reserve",    "sweep",    "refund",
                                                         "bonus",   "payout_run", "paid_out", "reversal"};
};

}  // namespace tally
