#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/bytes.h"
#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/ledger.h"
#include "schemas/mail.h"

// Records of any part: money, mail, kept commands, moved deadlines. See schemas/records.h.
namespace tally {

// Money moved between two sub-accounts of this part.
struct TransferPosted {
  static constexpr int number = 1;
  static constexpr const char* name = "transfer_posted";

  std::int32_t no = 0;
  TransferKind kind = TransferKind::deposit;
  SubAccount from;
  SubAccount to;
  Micros amount;                // More than zero.
  std::int32_t assignment = 0;  // Reversals of payouts: of this part. 0: none.
  std::int32_t reverses = 0;    // A transfer of this part. 0: none.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = TransferPosted;
    return std::tuple{Field{"no", &S::no},
                      Field{"kind", &S::kind},
                      Field{"from", &S::from},
                      Field{"to", &S::to},
                      Field{"amount", &S::amount},
                      Field{"assignment", &S::assignment},
                      Field{"reverses", &S::reverses},
                      Field{"at_ms", &S::at_ms}};
  }
};

// An answer is paid, in a task part: one transfer with three legs. It takes amount and fee from the escrow of `owner`,
// gives the amount to the earnings of `worker` and the fee to the fees of the house. At most one an assignment, ever.
// An answer that waited is decided by it; of one that was decided otherwise before, a PayDecided says so first.
struct PayoutPosted {
  static constexpr int number = 7;
  static constexpr const char* name = "payout_posted";

  std::int32_t no = 0;  // Among the transfers of the part.
  std::int32_t assignment = 0;
  AccountId owner;
  AccountId worker;
  Micros amount;  // More than zero.
  Micros fee;     // 0: none.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = PayoutPosted;
    return std::tuple{Field{"no", &S::no},         Field{"assignment", &S::assignment}, Field{"owner", &S::owner},
                      Field{"worker", &S::worker}, Field{"amount", &S::amount},         Field{"fee", &S::fee},
                      Field{"at_ms", &S::at_ms}};
  }
};

struct MailSent {
  static constexpr int number = 2;
  static constexpr const char* name = "mail_sent";

  std::int64_t no = 0;
  PartId to;
  Mail body;

  static constexpr auto fields() {
    return std::tuple{Field{"no", &MailSent::no}, Field{"to", &MailSent::to}, Field{"body", &MailSent::body}};
  }
};

// The receiver has made it durable: the sender forgets it.
struct MailDelivered {
  static constexpr int number = 3;
  static constexpr const char* name = "mail_delivered";

  std::int64_t no = 0;

  static constexpr auto fields() { return std::tuple{Field{"no", &MailDelivered::no}}; }
};

struct MailReceived {
  static constexpr int number = 4;
  static constexpr const char* name = "mail_received";

  PartId from;
  std::int64_t no = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"from", &MailReceived::from}, Field{"no", &MailReceived::no}};
  }
};

// A command with a key was carried out: the same again gets the same reply, another input is refused.
struct CommandKept {
  static constexpr int number = 5;
  static constexpr const char* name = "command_kept";

  AccountId account;
  std::string key;
  Bytes input_digest;
  std::vector<std::int64_t> result;  // The numbers that its reply is made from again.

  static constexpr auto fields() {
    using S = CommandKept;
    return std::tuple{Field{"account", &S::account}, Field{"key", &S::key}, Field{"input_digest", &S::input_digest},
                      Field{"result", &S::result}};
  }
};

// No broker served this part for so long: open deadlines moved by it.
struct DeadlinesMoved {
  static constexpr int number = 6;
  static constexpr const char* name = "deadlines_moved";

  std::int64_t by_ms = 0;

  static constexpr auto fields() { return std::tuple{Field{"by_ms", &DeadlinesMoved::by_ms}}; }
};

}  // namespace tally
