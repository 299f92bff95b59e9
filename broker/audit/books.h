#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/audit/finding.h"
#include "schemas/ids.h"
#include "schemas/ledger.h"
#include "schemas/records.h"

// The rules of money and mail that hold in every part, by its records.
namespace tally::audit {

class Books {
 public:
  Books(PartId part, Finding& finding) : part_(part), finding_(finding) {}

  void on(const TransferPosted& r);
  void on(const PayoutPosted& r);
  void on(const MailSent& r);
  void on(const MailDelivered& r);
  // A whole command has been read: what went into transit has gone into mails.
  void end_of_batch();

  struct Transfer {
    std::optional<TransferKind> kind;  // Nothing: a payout, whose fee goes from `from` too.
    SubAccount from;
    SubAccount to;
    std::int64_t amount = 0;
    std::int64_t fee = 0;
    std::int32_t assignment = 0;
    bool reversed = false;
  };
  struct Sent {
    PartId to;
    std::int64_t amount = 0;
    bool delivered = false;
  };
  // Transfer n (payouts have their numbers among them) and mail n are at n - 1.
  [[nodiscard]] const std::vector<Transfer>& transfers() const { return transfers_; }
  [[nodiscard]] const std::vector<Sent>& mails() const { return mails_; }
  [[nodiscard]] const std::map<SubAccount, std::int64_t>& balances() const { return balances_; }
  [[nodiscard]] std::int64_t balance(SubAccount account) const;

 private:
  void wrong(const TransferPosted& r, std::string_view rule);
  void wrong(const PayoutPosted& r, std::string_view rule);
  [[nodiscard]] bool is_next(std::int32_t no) const { return no == static_cast<std::int64_t>(transfers_.size()) + 1; }
  [[nodiscard]] std::string_view shape_problem(const TransferPosted& r) const;
  [[nodiscard]] std::string_view shape_problem(const PayoutPosted& r) const;
  // Moves money between two balances; what is wrong with that, or nothing.
  [[nodiscard]] std::string move(SubAccount from, SubAccount to, std::int64_t amount);
  void check_reversal(const TransferPosted& r);

  PartId part_;
  Finding& finding_;
  std::vector<Transfer> transfers_;
  std::vector<Sent> mails_;
  std::map<SubAccount, std::int64_t> balances_;
  // Transfers into transit less what mails carry, and per account of swept earnings less their rows in mails.
  std::int64_t not_mailed_ = 0;
  std::map<AccountId, std::int64_t> swept_;
};

// The money that a mail carries; below zero where its rows cannot be.
[[nodiscard]] std::int64_t amount_in(const Mail& mail);
[[nodiscard]] std::string_view name_of_mail(const Mail& mail);

}  // namespace tally::audit
