#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <catch2/catch.hpp>

#include "tests/broker/core/world.h"

namespace tally::core {

// The ledger worked out a second time, from the records alone and with nothing of the core: who has what in each part,
// what was paid for which assignment, and what may still be owed. take() fails the test where a rule is broken.
class CountedBooks {
 public:
  void take(const Effects& effects) {
    for (const PartRecord& record : effects.records) {
      touched_.insert(record.part);
      std::visit([&](const auto& held) { take_one(record.part, held); }, record.record);
    }
    for (const PartId part : std::exchange(touched_, {})) check(part);
  }

  // The core's own ledger of a part in memory says the same.
  void compare(const Part& part) const {
    const auto found = balances_.find(part.id);
    for (const auto& [account, balance] : part.ledger.balances) {
      const bool is_known = found != balances_.end() && found->second.contains(account);
      REQUIRE(balance == (is_known ? found->second.at(account) : Micros{}));
    }
  }
  [[nodiscard]] Micros total_of(Fund fund) const {
    Micros total;
    for (const auto& [part, accounts] : balances_) {
      for (const auto& [account, balance] : accounts) {
        if (account.fund == fund) total += balance;
      }
    }
    return total;
  }
  [[nodiscard]] std::int64_t transfers() const { return transfers_; }
  [[nodiscard]] std::int64_t payouts() const { return static_cast<std::int64_t>(paid_.size()); }
  [[nodiscard]] const std::set<std::pair<PartId, std::int32_t>>& paid() const { return paid_; }
  [[nodiscard]] const std::vector<TransferId>& all_transfers() const { return all_; }

 private:
  void take_one(PartId part, const TransferPosted& transfer) {
    ++transfers_;
    all_.push_back({part, transfer.no});
    INFO("transfer " << transfer.no << " of " << to_text(part) << ": " << name_of(transfer.kind));
    REQUIRE(transfer.amount > Micros{});
    REQUIRE(transfer.from != transfer.to);
    balances_[part][transfer.from] += Micros{-transfer.amount.value};
    balances_[part][transfer.to] += transfer.amount;
    const Micros left = balances_[part][transfer.from];
    REQUIRE((may_be_negative(transfer.from.fund) || left >= Micros{}));
    if (transfer.reverses != 0) REQUIRE(reversed_.insert({part, transfer.reverses}).second);
  }
  void take_one(PartId part, const PayoutPosted& payout) {
    ++transfers_;
    all_.push_back({part, payout.no});
    INFO("payout " << payout.no << " of " << to_text(part));
    REQUIRE(payout.amount > Micros{});
    REQUIRE(payout.fee >= Micros{});
    auto& balances = balances_[part];
    const SubAccount escrow{Fund::escrow, payout.owner};
    balances[escrow] -= payout.amount + payout.fee;
    balances[{Fund::earnings, payout.worker}] += payout.amount;
    balances[{Fund::fees, house_account}] += payout.fee;
    REQUIRE(balances[escrow] >= Micros{});
    REQUIRE(paid_.insert({part, payout.assignment}).second);
    owed_[part].erase(payout.assignment);
  }
  void take_one(PartId part, const TaskPartCreated& created) {
    cost_of_answer_[part] = created.spec.reward + fee_on(created.spec.reward, created.fee_ppm);
  }
  void take_one(PartId part, const AssignmentLeased& leased) { REQUIRE(owed_[part].insert(leased.no).second); }
  void take_one(PartId part, const AssignmentEnded& ended) { owed_[part].erase(ended.no); }
  void take_one(PartId part, const PayDecided& decided) {
    if (decided.state != PayState::review) owed_[part].erase(decided.assignment);
  }
  template <class Other>
  void take_one(PartId /*part*/, const Other& /*record*/) {}

  void check(PartId part) const {
    INFO(to_text(part));
    Micros sum;
    if (const auto found = balances_.find(part); found != balances_.end()) {
      for (const auto& [account, balance] : found->second) {
        REQUIRE((may_be_negative(account.fund) || balance >= Micros{}));
        sum += balance;
      }
    }
    REQUIRE(sum == Micros{});
    const auto owed = owed_.find(part);
    if (owed == owed_.end() || owed->second.empty()) return;
    Micros escrow;
    for (const auto& [account, balance] : balances_.at(part)) {
      if (account.fund == Fund::escrow) escrow += balance;
    }
    REQUIRE(escrow.value >= cost_of_answer_.at(part).value * std::ssize(owed->second));
  }

  std::map<PartId, std::map<SubAccount, Micros>> balances_;
  std::map<PartId, Micros> cost_of_answer_;         // Reward and fee.
  std::map<PartId, std::set<std::int32_t>> owed_;   // Assignments that may still be paid.
  std::set<std::pair<PartId, std::int32_t>> paid_;  // By payout.
  std::set<std::pair<PartId, std::int32_t>> reversed_;
  std::vector<TransferId> all_;
  std::set<PartId> touched_;
  std::int64_t transfers_ = 0;
};

}  // namespace tally::core
