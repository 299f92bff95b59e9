#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "schemas/records.h"
#include "tools/sim/findings.h"

// The money of all parts and what is under way between them, worked out from the stored records alone.
namespace tally::sim {

class LedgerAudit {
 public:
  explicit LedgerAudit(Findings& findings) : findings_(findings) {}

  void transfer(PartId part, const TransferPosted& transfer);
  void payout(PartId part, const PayoutPosted& payout);
  void sent(PartId part, const MailSent& mail);
  void received(PartId part, const MailReceived& mail);
  void delivered(PartId part, const MailDelivered& mail);

  // After each group: what is in transit is what was sent and not received, and no balance is below zero.
  void check();
  // When nothing is under way any more: everybody has what they earned, were given, or did not spend.
  void check_at_rest();

  [[nodiscard]] std::int64_t balance(PartId part, Fund fund, AccountId owner) const;
  // Over all parts.
  [[nodiscard]] std::int64_t sum_of(Fund fund) const;

 private:
  struct Mail {
    PartId to;
    std::int64_t amount = 0;
    bool is_received = false;
    bool is_forgotten = false;
  };
  using Key = std::pair<PartId, std::int64_t>;

  void change(PartId part, SubAccount account, std::int64_t by);
  void note_what_is_due(const tally::Mail& mail);
  void check_number(PartId part, std::int32_t transfer);
  void check_kind(PartId part, const TransferPosted& transfer);

  Findings& findings_;
  std::map<std::pair<PartId, SubAccount>, std::int64_t> balances_;
  std::map<PartId, std::int32_t> last_transfer_;
  std::map<PartId, std::int64_t> last_mail_;
  std::map<Key, Mail> mails_;
  std::map<std::pair<PartId, SubAccount>, std::int64_t> touched_;
  std::int64_t transit_ = 0;
  std::int64_t under_way_ = 0;
  std::map<AccountId, std::int64_t> due_;       // What a person should have by now.
  std::map<AccountId, std::int64_t> paid_out_;  // What left the house for them.
};

}  // namespace tally::sim
