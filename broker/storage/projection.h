#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "broker/storage/columns.h"
#include "broker/storage/connection.h"
#include "broker/storage/store.h"

// From records to rows: what the tables beside the journal get of a group.
namespace tally::storage {

// One statement with its rows. Where `each` is set it must hit as many rows as it was given: a row that finds nothing
// to refer to is a definite error.
struct Write {
  const Statement* statement;
  Parameters parameters;
  std::size_t rows = 0;
  bool each = true;
};

// Sub-accounts that are known to have their row, so that it is not asked for at each group: rows are never deleted.
// Bounded: it begins anew when it is full.
class KnownAccounts {
 public:
  using Account = std::tuple<PartId, std::string_view, AccountId>;  // The fund by the name of its enumerator.

  [[nodiscard]] bool contains(const Account& account) const { return accounts_.contains(account); }
  void add(const std::vector<Account>& accounts) {
    if (accounts_.size() + accounts.size() > accounts_max) accounts_.clear();
    accounts_.insert(accounts.begin(), accounts.end());
  }
  void clear() { accounts_.clear(); }

 private:
  static constexpr std::size_t accounts_max = 200'000;
  std::set<Account> accounts_;
};

// What a group writes.
struct Writes {
  std::vector<Write> all;                            // In the order in which they are to run; only those with rows.
  std::vector<KnownAccounts::Account> new_accounts;  // Not known before; with the group's commit they are.
};
[[nodiscard]] Writes writes_of(const Group& group, const KnownAccounts& known);

// The money that a mail carries.
[[nodiscard]] Micros amount_of(const Mail& mail);

}  // namespace tally::storage
