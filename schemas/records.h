#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "schemas/bytes.h"
#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/ledger.h"
#include "schemas/mail.h"
#include "schemas/messages/requester.h"
#include "schemas/messages/worker.h"
#include "schemas/project_spec.h"
#include "schemas/roles.h"

// Records: the durable facts. A part is what its records say, folded in order; nothing else changes state. A record
// belongs to one part, which is not repeated in it. Free text is never in a record: it is content, kept and erased
// elsewhere, and a record holds at most its salted digest. Numbers are never reused.
namespace tally {

// ---- Any part -------------------------------------------------------------------------------------------------------

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

// ---- Account parts --------------------------------------------------------------------------------------------------

struct AccountPartCreated {
  static constexpr int number = 10;
  static constexpr const char* name = "account_part_created";

  static constexpr auto fields() { return std::tuple<>{}; }
};

// The display name is content.
struct AccountCreated {
  static constexpr int number = 11;
  static constexpr const char* name = "account_created";

  AccountId account;
  Role role = Role::worker;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &AccountCreated::account}, Field{"role", &AccountCreated::role},
                      Field{"at_ms", &AccountCreated::at_ms}};
  }
};

// Replaces an earlier invitation to the same account.
struct InvitationIssued {
  static constexpr int number = 12;
  static constexpr const char* name = "invitation_issued";

  AccountId account;
  Bytes code_digest;
  std::int64_t expires_ms = 0;

  static constexpr auto fields() {
    using S = InvitationIssued;
    return std::tuple{Field{"account", &S::account}, Field{"code_digest", &S::code_digest},
                      Field{"expires_ms", &S::expires_ms}};
  }
};

// The account's one key from now on; uses up the invitation.
struct KeyEnrolled {
  static constexpr int number = 13;
  static constexpr const char* name = "key_enrolled";

  AccountId account;
  Bytes key;  // CURVE public key, 32 bytes.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &KeyEnrolled::account}, Field{"key", &KeyEnrolled::key},
                      Field{"at_ms", &KeyEnrolled::at_ms}};
  }
};

struct AccountSuspended {
  static constexpr int number = 14;
  static constexpr const char* name = "account_suspended";

  AccountId account;
  bool suspended = true;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &AccountSuspended::account}, Field{"suspended", &AccountSuspended::suspended}};
  }
};

// The address is content: `is_set` false took it away.
struct PayoutAddressSet {
  static constexpr int number = 15;
  static constexpr const char* name = "payout_address_set";

  AccountId account;
  bool is_set = true;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &PayoutAddressSet::account}, Field{"is_set", &PayoutAddressSet::is_set}};
  }
};

// A project number was given out.
struct ProjectNumbered {
  static constexpr int number = 16;
  static constexpr const char* name = "project_numbered";

  ProjectId project;
  AccountId owner;

  static constexpr auto fields() {
    return std::tuple{Field{"project", &ProjectNumbered::project}, Field{"owner", &ProjectNumbered::owner}};
  }
};

struct PayoutRunMade {
  static constexpr int number = 17;
  static constexpr const char* name = "payout_run_made";

  std::string run;
  Micros minimum;
  std::vector<AmountOf> rows;

  static constexpr auto fields() {
    return std::tuple{Field{"run", &PayoutRunMade::run}, Field{"minimum", &PayoutRunMade::minimum},
                      Field{"rows", &PayoutRunMade::rows}};
  }
};

struct PayoutRunSettled {
  static constexpr int number = 18;
  static constexpr const char* name = "payout_run_settled";

  std::string run;

  static constexpr auto fields() { return std::tuple{Field{"run", &PayoutRunSettled::run}}; }
};

// ---- Control parts --------------------------------------------------------------------------------------------------

struct ProjectCreated {
  static constexpr int number = 30;
  static constexpr const char* name = "project_created";

  OpenControl opened;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"opened", &ProjectCreated::opened}, Field{"at_ms", &ProjectCreated::at_ms}};
  }
};

struct ProjectStateChanged {
  static constexpr int number = 31;
  static constexpr const char* name = "project_state_changed";

  ProjectState state = ProjectState::open;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"state", &ProjectStateChanged::state}, Field{"at_ms", &ProjectStateChanged::at_ms}};
  }
};

struct DeadlineSet {
  static constexpr int number = 32;
  static constexpr const char* name = "deadline_set";

  std::int64_t deadline_ms = 0;

  static constexpr auto fields() { return std::tuple{Field{"deadline_ms", &DeadlineSet::deadline_ms}}; }
};

enum class PartStep {
  filled,   // posted and answers_max as its mail said
  funded,   // amount: its escrow
  closing,  // it was told to close
  done,     // amount: what came back
};
template <>
struct EnumNames<PartStep> {
  static constexpr std::array<std::string_view, 4> names{"filled", "funded", "closing", "done"};
};

// What the control part knows of one of its task parts.
struct PartNoted {
  static constexpr int number = 33;
  static constexpr const char* name = "part_noted";

  std::int64_t part_no = 0;
  PartStep step = PartStep::filled;
  std::int64_t posted = 0;
  std::int64_t answers_max = 0;
  Micros amount;

  static constexpr auto fields() {
    using S = PartNoted;
    return std::tuple{Field{"part_no", &S::part_no}, Field{"step", &S::step}, Field{"posted", &S::posted},
                      Field{"answers_max", &S::answers_max}, Field{"amount", &S::amount}};
  }
};

// A worker took (or gave back) a place, in a project that bounds the tasks of one worker.
struct WorkerCounted {
  static constexpr int number = 34;
  static constexpr const char* name = "worker_counted";

  AccountId worker;
  std::int64_t change = 1;

  static constexpr auto fields() {
    return std::tuple{Field{"worker", &WorkerCounted::worker}, Field{"change", &WorkerCounted::change}};
  }
};

// ---- Task parts -----------------------------------------------------------------------------------------------------

struct TaskPartCreated {
  static constexpr int number = 50;
  static constexpr const char* name = "task_part_created";

  AccountId owner;
  ProjectSpec spec;
  std::int64_t fee_ppm = 0;
  Bytes salt;
  std::int64_t first_item = 1;  // Item number of task 1 of this part.

  static constexpr auto fields() {
    using S = TaskPartCreated;
    return std::tuple{Field{"owner", &S::owner}, Field{"spec", &S::spec}, Field{"fee_ppm", &S::fee_ppm},
                      Field{"salt", &S::salt}, Field{"first_item", &S::first_item}};
  }
};

// Tasks [first, first + count) of this part; the items are content.
struct TasksPosted {
  static constexpr int number = 51;
  static constexpr const char* name = "tasks_posted";

  std::int32_t first = 1;
  std::int32_t count = 0;
  Bytes digest;  // Of the items as they were sent.
  std::vector<std::int32_t>
      answers;  // One per task where items carry their own redundancy (0: the project's); else empty.
  std::int64_t item_bytes_max = 0;  // Of the values of the largest item.

  static constexpr auto fields() {
    using S = TasksPosted;
    return std::tuple{Field{"first", &S::first}, Field{"count", &S::count}, Field{"digest", &S::digest},
                      Field{"answers", &S::answers}, Field{"item_bytes_max", &S::item_bytes_max}};
  }
};

enum class PartState {
  posting,  // Not funded yet.
  open,
  settled,  // Every task has its verdict; money may still move.
  done,     // Nothing is left to do; a review or reversal may still come.
};
template <>
struct EnumNames<PartState> {
  static constexpr std::array<std::string_view, 4> names{"posting", "open", "settled", "done"};
};

struct PartStateChanged {
  static constexpr int number = 52;
  static constexpr const char* name = "part_state_changed";

  PartState state = PartState::open;

  static constexpr auto fields() { return std::tuple{Field{"state", &PartStateChanged::state}}; }
};

struct AssignmentLeased {
  static constexpr int number = 53;
  static constexpr const char* name = "assignment_leased";

  std::int32_t no = 0;
  std::int32_t task = 0;
  AccountId worker;
  std::int64_t at_ms = 0;
  std::int64_t deadline_ms = 0;
  std::int64_t request = 0;  // Id of the request that asked: the same request again gets the same leases.

  static constexpr auto fields() {
    using S = AssignmentLeased;
    return std::tuple{Field{"no", &S::no},
                      Field{"task", &S::task},
                      Field{"worker", &S::worker},
                      Field{"at_ms", &S::at_ms},
                      Field{"deadline_ms", &S::deadline_ms},
                      Field{"request", &S::request}};
  }
};

enum class AssignmentEnd {
  expired,  // The place is free again; a late answer is welcome while it is.
  skipped,
  returned,
  taken_back,  // A skip was taken back; another assignment follows.
};
template <>
struct EnumNames<AssignmentEnd> {
  static constexpr std::array<std::string_view, 4> names{"expired", "skipped", "returned", "taken_back"};
};

struct AssignmentEnded {
  static constexpr int number = 54;
  static constexpr const char* name = "assignment_ended";

  std::int32_t no = 0;
  AssignmentEnd how = AssignmentEnd::expired;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"no", &AssignmentEnded::no}, Field{"how", &AssignmentEnded::how},
                      Field{"at_ms", &AssignmentEnded::at_ms}};
  }
};

// The answer as it was handed in is content.
struct AnswerAccepted {
  static constexpr int number = 55;
  static constexpr const char* name = "answer_accepted";

  std::int32_t assignment = 0;
  std::int32_t task = 0;  // Its task, and whose it is: as it was leased.
  AccountId worker;
  Ballots ballots;
  Bytes digest;  // Salted, of the answer as it was handed in: what "the same answer again" means.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = AnswerAccepted;
    return std::tuple{Field{"assignment", &S::assignment}, Field{"task", &S::task},     Field{"worker", &S::worker},
                      Field{"ballots", &S::ballots},       Field{"digest", &S::digest}, Field{"at_ms", &S::at_ms}};
  }
};

// The verdict on one field and what it was made from.
struct FieldJudged {
  bool settled = false;
  std::string value;  // A ballot; empty when not settled.
  std::int64_t confidence_ppm = 0;
  std::string method;

  static constexpr auto fields() {
    using S = FieldJudged;
    return std::tuple{Field{"settled", &S::settled}, Field{"value", &S::value},
                      Field{"confidence_ppm", &S::confidence_ppm}, Field{"method", &S::method}};
  }
  friend bool operator==(const FieldJudged&, const FieldJudged&) = default;
};

struct WeighedBallot {
  std::int32_t assignment = 0;  // Its ballots are in its AnswerAccepted.
  std::int64_t weight_ppm = 1'000'000;

  static constexpr auto fields() {
    return std::tuple{Field{"assignment", &WeighedBallot::assignment}, Field{"weight_ppm", &WeighedBallot::weight_ppm}};
  }
  friend bool operator==(const WeighedBallot&, const WeighedBallot&) = default;
};

enum class VerdictReason {
  quorum,       // Settled.
  max_reached,  // The others: undecided.
  project_ended,
  project_cancelled,
  no_eligible_worker,
};
template <>
struct EnumNames<VerdictReason> {
  static constexpr std::array<std::string_view, 5> names{"quorum", "max_reached", "project_ended", "project_cancelled",
                                                         "no_eligible_worker"};
};

struct VerdictReached {
  static constexpr int number = 56;
  static constexpr const char* name = "verdict_reached";

  std::int32_t task = 0;
  VerdictReason reason = VerdictReason::quorum;
  std::vector<FieldJudged> judged;     // One per field of the form.
  std::vector<WeighedBallot> ballots;  // By assignment.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = VerdictReached;
    return std::tuple{Field{"task", &S::task}, Field{"reason", &S::reason}, Field{"judged", &S::judged},
                      Field{"ballots", &S::ballots}, Field{"at_ms", &S::at_ms}};
  }
};

// What becomes of the pay of an answer that is not simply paid, and why. The text of a requester's rejection is
// content.
struct PayDecided {
  static constexpr int number = 57;
  static constexpr const char* name = "pay_decided";

  std::int32_t assignment = 0;
  PayState state = PayState::paid;
  std::string reason;       // "": paid. "disagrees_on:FIELD", "rejected", "reversed".
  std::int64_t due_ms = 0;  // review: when it is approved by itself.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = PayDecided;
    return std::tuple{Field{"assignment", &S::assignment}, Field{"state", &S::state}, Field{"reason", &S::reason},
                      Field{"due_ms", &S::due_ms}, Field{"at_ms", &S::at_ms}};
  }
};

using Record = std::variant<TransferPosted, PayoutPosted, MailSent, MailDelivered, MailReceived, CommandKept,
                            DeadlinesMoved,  //
                            AccountPartCreated, AccountCreated, InvitationIssued, KeyEnrolled, AccountSuspended,
                            PayoutAddressSet, ProjectNumbered, PayoutRunMade, PayoutRunSettled,          //
                            ProjectCreated, ProjectStateChanged, DeadlineSet, PartNoted, WorkerCounted,  //
                            TaskPartCreated, TasksPosted, PartStateChanged, AssignmentLeased, AssignmentEnded,
                            AnswerAccepted, VerdictReached, PayDecided>;

// Content: free text and other personal matter, in a table of its own so that it can be erased.
enum class ContentKind {
  item,            // no = task: MessagePack of Item
  answer,          // no = assignment: MessagePack of SubmittedAnswer's values
  rejection,       // no = assignment: text
  transfer_note,   // no = transfer: text
  display_name,    // no = account: text
  payout_address,  // no = account: text
  suspension,      // no = account: text
};
template <>
struct EnumNames<ContentKind> {
  static constexpr std::array<std::string_view, 7> names{"item",         "answer",         "rejection", "transfer_note",
                                                         "display_name", "payout_address", "suspension"};
};

struct Content {
  PartId part;
  ContentKind kind = ContentKind::item;
  std::int64_t no = 0;
  std::string body;
};

}  // namespace tally
