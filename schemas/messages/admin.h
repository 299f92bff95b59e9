#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/messages/session.h"
#include "schemas/messages/worker.h"
#include "schemas/money.h"
#include "schemas/project_spec.h"

// What an admin says and hears.
namespace tally {

struct Invited {
  static constexpr int number = 61;
  static constexpr const char* name = "invited";

  AccountId account;
  std::string line;  // Enrolment address, server key and one-time code: what `join` takes. Shown once.

  static constexpr auto fields() {
    return std::tuple{Field{"account", &Invited::account}, Field{"line", &Invited::line}};
  }
};

// Admin -> broker. Makes an account and an invitation to it; or, with `account`, an invitation to an account whose key
// was lost: the key that joins with it replaces the old one.
struct Invite {
  static constexpr int number = 60;
  static constexpr const char* name = "invite";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = Invited;

  std::string key;
  Role role = Role::worker;
  std::string display_name;  // At most 100 characters, one line.
  std::optional<AccountId> account;
  std::int64_t valid_ms = 7 * 86'400'000LL;

  static constexpr auto fields() {
    using M = Invite;
    return std::tuple{Field{"key", &M::key}, Field{"role", &M::role}, Field{"display_name", &M::display_name},
                      Field{"account", &M::account}, Field{"valid_ms", &M::valid_ms}};
  }
};

// Admin -> broker. A suspended account can send nothing; its leases run out; what it earned stays its own.
struct Suspend {
  static constexpr int number = 62;
  static constexpr const char* name = "suspend";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  AccountId account;
  bool suspended = true;
  std::string reason;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &Suspend::account}, Field{"suspended", &Suspend::suspended},
                      Field{"reason", &Suspend::reason}};
  }
};

struct AccountRow {
  AccountId account;
  Role role = Role::worker;
  std::string display_name;
  bool enrolled = false;
  bool suspended = false;
  std::int64_t created_ms = 0;
  Micros wallet;

  static constexpr auto fields() {
    using S = AccountRow;
    return std::tuple{
        Field{"account", &S::account},   Field{"role", &S::role},           Field{"display_name", &S::display_name},
        Field{"enrolled", &S::enrolled}, Field{"suspended", &S::suspended}, Field{"created_ms", &S::created_ms},
        Field{"wallet", &S::wallet}};
  }
};

struct AccountsPage {
  static constexpr int number = 65;
  static constexpr const char* name = "accounts_page";

  std::vector<AccountRow> rows;  // By account number.
  std::string next;

  static constexpr auto fields() {
    return std::tuple{Field{"rows", &AccountsPage::rows}, Field{"next", &AccountsPage::next}};
  }
};

struct ListAccounts {
  static constexpr int number = 64;
  static constexpr const char* name = "list_accounts";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::reader;
  using Reply = AccountsPage;

  std::optional<Role> role;
  std::string after;
  std::int64_t limit = 200;

  static constexpr auto fields() {
    return std::tuple{Field{"role", &ListAccounts::role}, Field{"after", &ListAccounts::after},
                      Field{"limit", &ListAccounts::limit}};
  }
};

struct Deposited {
  static constexpr int number = 67;
  static constexpr const char* name = "deposited";

  TransferId transfer;
  Micros wallet;  // After it.

  static constexpr auto fields() {
    return std::tuple{Field{"transfer", &Deposited::transfer}, Field{"wallet", &Deposited::wallet}};
  }
};

// Admin -> broker. Money from outside came in for this account.
struct Deposit {
  static constexpr int number = 66;
  static constexpr const char* name = "deposit";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = Deposited;

  std::string key;
  AccountId account;
  Micros amount;
  std::string note;  // E.g. the bank's reference.

  static constexpr auto fields() {
    return std::tuple{Field{"key", &Deposit::key}, Field{"account", &Deposit::account},
                      Field{"amount", &Deposit::amount}, Field{"note", &Deposit::note}};
  }
};

// Admin -> broker. Takes back a deposit made in error or a payout that was fraud: a new transfer in the opposite
// direction. A payout goes back to the requester (its fee does not); what the worker no longer has is a debt, set off
// against later earnings. Safe to send again: what is reversed already is acknowledged.
struct Reverse {
  static constexpr int number = 68;
  static constexpr const char* name = "reverse";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  TransferId transfer;
  std::string reason;

  static constexpr auto fields() {
    return std::tuple{Field{"transfer", &Reverse::transfer}, Field{"reason", &Reverse::reason}};
  }
};

// One fact of a chain, as a person reads it.
struct TraceLine {
  std::int64_t at_ms = 0;
  std::string what;  // E.g. "answer accepted", "payout".
  std::string text;  // The ids, amounts and reasons.

  static constexpr auto fields() {
    return std::tuple{Field{"at_ms", &TraceLine::at_ms}, Field{"what", &TraceLine::what},
                      Field{"text", &TraceLine::text}};
  }
};

struct AuditTrace {
  static constexpr int number = 71;
  static constexpr const char* name = "audit_trace";

  std::vector<TraceLine> lines;  // In the order in which things happened.

  static constexpr auto fields() { return std::tuple{Field{"lines", &AuditTrace::lines}}; }
};

// Admin -> broker. The whole chain of a task (t17.1.204), an assignment (a17.1.9) or a transfer (m17.1.33).
struct TraceAudit {
  static constexpr int number = 70;
  static constexpr const char* name = "trace_audit";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::reader;
  using Reply = AuditTrace;

  std::string id;

  static constexpr auto fields() { return std::tuple{Field{"id", &TraceAudit::id}}; }
};

struct AuditPage {
  static constexpr int number = 73;
  static constexpr const char* name = "audit_page";

  std::string next;        // Cursor; empty when everything was looked at.
  std::int64_t parts = 0;  // Looked at in this step.
  std::int64_t batches = 0;
  std::int64_t transfers = 0;  // Payouts among them.
  std::int64_t verdicts = 0;
  std::int64_t payouts = 0;
  std::string wrong;  // Names the first wrong row and the rule it breaks; empty: all is right.
  Micros sum;         // Of all sub-accounts looked at; over all parts it is zero.
  Micros transit;     // Balance of transit looked at; over all parts it equals what is in outboxes.
  Micros in_outboxes;

  static constexpr auto fields() {
    using M = AuditPage;
    return std::tuple{Field{"next", &M::next},         Field{"parts", &M::parts},
                      Field{"batches", &M::batches},   Field{"transfers", &M::transfers},
                      Field{"verdicts", &M::verdicts}, Field{"payouts", &M::payouts},
                      Field{"wrong", &M::wrong},       Field{"sum", &M::sum},
                      Field{"transit", &M::transit},   Field{"in_outboxes", &M::in_outboxes}};
  }
};

// Admin -> broker. One step of the audit: some parts, each as of its own commit. Repeated with `next` until that is
// empty.
struct VerifyAudit {
  static constexpr int number = 72;
  static constexpr const char* name = "verify_audit";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::reader;
  using Reply = AuditPage;

  std::string after;

  static constexpr auto fields() { return std::tuple{Field{"after", &VerifyAudit::after}}; }
};

struct PayoutRow {
  AccountId account;
  std::string display_name;
  std::string address;
  Micros amount;

  static constexpr auto fields() {
    using S = PayoutRow;
    return std::tuple{Field{"account", &S::account}, Field{"display_name", &S::display_name},
                      Field{"address", &S::address}, Field{"amount", &S::amount}};
  }
};

struct PayoutFile {
  static constexpr int number = 75;
  static constexpr const char* name = "payout_file";

  std::vector<PayoutRow> rows;
  bool settled = false;              // Marked paid already.
  std::int64_t without_address = 0;  // Workers who are owed enough now, and are in no run until they say where to pay.

  static constexpr auto fields() {
    using M = PayoutFile;
    return std::tuple{Field{"rows", &M::rows}, Field{"settled", &M::settled},
                      Field{"without_address", &M::without_address}};
  }
};

// Admin -> broker. Sets aside what the workers of one account part are owed, each at least `minimum`, under the name of
// a payout run: of those who have set an address to be paid at; repeated for every account part, 0 to 15. The same run
// again gives the same rows.
struct ExportPayouts {
  static constexpr int number = 74;
  static constexpr const char* name = "export_payouts";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = PayoutFile;

  std::string run;
  std::int64_t account_part = 0;
  Micros minimum;

  static constexpr auto fields() {
    using M = ExportPayouts;
    return std::tuple{Field{"run", &M::run}, Field{"account_part", &M::account_part}, Field{"minimum", &M::minimum}};
  }
};

// Admin -> broker. The money of a run has left the house: marks its rows of one account part paid, once. With `look`
// nothing is changed: it tells what it would do.
struct SettlePayouts {
  static constexpr int number = 76;
  static constexpr const char* name = "settle_payouts";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = PayoutFile;

  std::string run;
  std::int64_t account_part = 0;
  bool look = false;

  static constexpr auto fields() {
    using M = SettlePayouts;
    return std::tuple{Field{"run", &M::run}, Field{"account_part", &M::account_part}, Field{"look", &M::look}};
  }
};

// Admin -> broker. Gives a worker a qualification, with a score, or takes it away. The same again changes nothing.
struct GrantQualification {
  static constexpr int number = 78;
  static constexpr const char* name = "grant_qualification";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  AccountId account;
  std::string qualification;  // [a-z][a-z0-9_-]*, at most 40 bytes.
  std::int64_t score = qualification_score_max;
  bool is_revoked = false;

  static constexpr auto fields() {
    using S = GrantQualification;
    return std::tuple{Field{"account", &S::account}, Field{"qualification", &S::qualification},
                      Field{"score", &S::score}, Field{"is_revoked", &S::is_revoked}};
  }
};

struct QualifiedRow {
  AccountId account;
  QualificationRow held;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &QualifiedRow::account}, Field{"held", &QualifiedRow::held}};
  }
};

struct QualifiedPage {
  static constexpr int number = 80;
  static constexpr const char* name = "qualified_page";

  std::vector<QualifiedRow> rows;
  std::string next;  // Cursor of the next page; empty at the end.

  static constexpr auto fields() {
    return std::tuple{Field{"rows", &QualifiedPage::rows}, Field{"next", &QualifiedPage::next}};
  }
};

// Admin -> broker. Who holds a qualification; of all of them when none is named.
struct ListQualified {
  static constexpr int number = 79;
  static constexpr const char* name = "list_qualified";
  static constexpr RoleSet roles = admins_only;
  static constexpr Served served = Served::core;
  using Reply = QualifiedPage;

  std::string qualification;
  std::string after;  // Cursor; empty: from the first.
  std::int64_t limit = 100;

  static constexpr auto fields() {
    using S = ListQualified;
    return std::tuple{Field{"qualification", &S::qualification}, Field{"after", &S::after}, Field{"limit", &S::limit}};
  }
};

}  // namespace tally
