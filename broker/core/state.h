#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "broker/core/task_set.h"
#include "common/aggregation/online/field_claims.h"
#include "common/aggregation/online/label_model.h"
#include "schemas/ids.h"
#include "schemas/ledger.h"
#include "schemas/records.h"
#include "schemas/standing.h"
#include "schemas/time.h"

// What the broker holds in memory: parts. A part's data is exactly what its records say (a snapshot is the data,
// encoded); its index is made from the data alone and only speeds up decisions. fold.h is the only code that changes
// either.
namespace tally::core {

// ---- What every part has --------------------------------------------------------------------------------------------

struct Ledger {
  std::map<SubAccount, Micros> balances;
  std::int32_t next_transfer = 1;

  static constexpr auto fields() {
    return std::tuple{Field{"balances", &Ledger::balances}, Field{"next_transfer", &Ledger::next_transfer}};
  }
  [[nodiscard]] Micros balance(SubAccount account) const;
};

// The other half of money that is between parts.
inline constexpr SubAccount transit{Fund::transit, house_account};

struct Postbox {
  std::int64_t next_no = 1;
  std::map<std::int64_t, MailSent> outbox;  // Sent, and not known to be durable at the receiver.

  static constexpr auto fields() {
    return std::tuple{Field{"next_no", &Postbox::next_no}, Field{"outbox", &Postbox::outbox}};
  }
};

// ---- Account parts --------------------------------------------------------------------------------------------------

struct QualificationHeld {
  std::int64_t score = 0;
  GrantedBy by = GrantedBy::admin;
  ProjectId project;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = QualificationHeld;
    return std::tuple{Field{"score", &S::score}, Field{"by", &S::by}, Field{"project", &S::project},
                      Field{"at_ms", &S::at_ms}};
  }
};

// A gateway may act for the account.
struct Grant {
  AccountId gateway;
  Bytes secret_digest;
  Bytes secret_before;  // Its digest; good until overlap_until_ms.
  std::int64_t overlap_until_ms = 0;
  std::int64_t opened_ms = 0;
  std::int64_t renewed_ms = 0;
  std::int64_t expires_ms = 0;

  static constexpr auto fields() {
    using S = Grant;
    return std::tuple{Field{"gateway", &S::gateway},
                      Field{"secret_digest", &S::secret_digest},
                      Field{"secret_before", &S::secret_before},
                      Field{"overlap_until_ms", &S::overlap_until_ms},
                      Field{"opened_ms", &S::opened_ms},
                      Field{"renewed_ms", &S::renewed_ms},
                      Field{"expires_ms", &S::expires_ms}};
  }
};

struct Account {
  Role role = Role::worker;
  bool suspended = false;
  Bytes key;         // CURVE public key, 32 bytes; empty: not enrolled.
  Bytes invitation;  // Digest of the open invitation's code; empty: none.
  std::int64_t invited_until_ms = 0;
  bool has_address = false;  // Where to be paid.
  Standing standing;
  std::map<std::string, QualificationHeld> qualifications;  // By name.
  std::map<std::string, std::int64_t> revoked;              // By name: when. No rule gives it again; a training may.
  std::map<std::int64_t, Grant> grants;                     // By number.
  std::int64_t grants_opened = 0;

  static constexpr auto fields() {
    using S = Account;
    return std::tuple{Field{"role", &S::role},
                      Field{"suspended", &S::suspended},
                      Field{"key", &S::key},
                      Field{"invitation", &S::invitation},
                      Field{"invited_until_ms", &S::invited_until_ms},
                      Field{"has_address", &S::has_address},
                      Field{"standing", &S::standing},
                      Field{"qualifications", &S::qualifications},
                      Field{"revoked", &S::revoked},
                      Field{"grants", &S::grants},
                      Field{"grants_opened", &S::grants_opened}};
  }
};

struct DepositMade {
  AccountId account;
  Micros amount;
  bool reversed = false;

  static constexpr auto fields() {
    using S = DepositMade;
    return std::tuple{Field{"account", &S::account}, Field{"amount", &S::amount}, Field{"reversed", &S::reversed}};
  }
};

struct PayoutRun {
  std::vector<AmountOf> rows;
  bool settled = false;

  static constexpr auto fields() {
    return std::tuple{Field{"rows", &PayoutRun::rows}, Field{"settled", &PayoutRun::settled}};
  }
};

struct AccountPart {
  std::map<AccountId, Account> accounts;
  std::int64_t next_account = 1;
  std::int64_t next_project = 1;
  std::map<std::string, CommandKept> kept;       // By kept_name().
  std::map<std::int32_t, DepositMade> deposits;  // By transfer.
  std::map<std::string, PayoutRun> payout_runs;

  static constexpr auto fields() {
    using S = AccountPart;
    return std::tuple{Field{"accounts", &S::accounts},         Field{"next_account", &S::next_account},
                      Field{"next_project", &S::next_project}, Field{"kept", &S::kept},
                      Field{"deposits", &S::deposits},         Field{"payout_runs", &S::payout_runs}};
  }
};
[[nodiscard]] std::string kept_name(AccountId account, const std::string& key);

// ---- Control parts --------------------------------------------------------------------------------------------------

// The worst case that is reserved, and the escrow that is spread over the parts, are counted with the same price.
[[nodiscard]] inline Micros cost_of_answer(const ProjectSpec& spec, std::int64_t fee_ppm) {
  return spec.reward + fee_on(spec.reward, fee_ppm);
}

// Nothing is handed out any more.
[[nodiscard]] constexpr bool is_over(ProjectState state) {
  return state == ProjectState::ended || state == ProjectState::cancelled;
}

struct PartNote {
  std::int64_t posted = 0;
  std::int64_t answers_max = 0;
  PartStep step = PartStep::filled;

  static constexpr auto fields() {
    return std::tuple{Field{"posted", &PartNote::posted}, Field{"answers_max", &PartNote::answers_max},
                      Field{"step", &PartNote::step}};
  }
};

// A worker in a training round, or after it.
struct Trainee {
  std::int64_t answered = 0;  // Of the tasks of the round under way, or of the last one.
  std::int64_t right = 0;
  std::int64_t rounds = 0;  // That were ended.
  bool is_passed = false;
  bool last_was_right = false;  // The answer that was given last.

  static constexpr auto fields() {
    using S = Trainee;
    return std::tuple{Field{"answered", &S::answered}, Field{"right", &S::right}, Field{"rounds", &S::rounds},
                      Field{"is_passed", &S::is_passed}, Field{"last_was_right", &S::last_was_right}};
  }
};

// What the parts whose tasks all have their verdict learned, for those that are still worked on.
struct ProjectSkills {
  std::int64_t version = 0;                                                        // The number of those parts.
  std::map<std::int32_t, FieldSkill> by_field;                                     // By field; without workers.
  std::map<std::int32_t, std::map<AccountId, std::vector<std::int64_t>>> workers;  // By field.

  static constexpr auto fields() {
    using S = ProjectSkills;
    return std::tuple{Field{"version", &S::version}, Field{"fields", &S::by_field}, Field{"workers", &S::workers}};
  }
};

// A worker is told of gold in steps: told after each answer, the counts would tell which task was gold.
inline constexpr std::int64_t gold_step = 5;

struct ControlPart {
  OpenControl opened;
  ProjectState state = ProjectState::posting;
  std::int64_t deadline_ms = 0;
  std::map<std::int64_t, PartNote> parts;          // By part_no.
  std::map<AccountId, std::int64_t> worker_tasks;  // In a project that bounds them.
  std::map<AccountId, Standing> gold;              // Of gold answers: their number, and how many are right.
  std::map<AccountId, Standing> gold_told;         // The same as the worker is told: as it was at a whole step.
  std::map<AccountId, Trainee> trainees;
  ProjectSkills skills;
  std::map<std::string, CommandKept> kept;

  static constexpr auto fields() {
    using S = ControlPart;
    return std::tuple{Field{"opened", &S::opened},
                      Field{"state", &S::state},
                      Field{"deadline_ms", &S::deadline_ms},
                      Field{"parts", &S::parts},
                      Field{"worker_tasks", &S::worker_tasks},
                      Field{"gold", &S::gold},
                      Field{"gold_told", &S::gold_told},
                      Field{"trainees", &S::trainees},
                      Field{"skills", &S::skills},
                      Field{"kept", &S::kept}};
  }
  // Index: over all parts.
  std::int64_t posted = 0;
  std::int64_t answers_posted = 0;
};

// ---- Task parts -----------------------------------------------------------------------------------------------------

struct Task {
  std::int32_t min = 0;
  std::int32_t max = 0;
  TaskState state = TaskState::open;
  std::vector<FieldJudged> judged;  // Once closed.

  static constexpr auto fields() {
    return std::tuple{Field{"min", &Task::min}, Field{"max", &Task::max}, Field{"state", &Task::state},
                      Field{"judged", &Task::judged}};
  }
  // Index:
  std::vector<std::int32_t> assignments;  // All there ever were, by number.
  std::int32_t answered = 0;
  std::int32_t live = 0;

  // Places that may be leased now. Answers plus live leases never exceed max, which the escrow covers.
  [[nodiscard]] std::int32_t free_places() const;
};

enum class AssignmentState { live, expired, skipped, returned, taken_back, answered };

struct Assignment {
  std::int32_t task = 0;
  AccountId worker;
  std::int64_t leased_ms = 0;
  std::int64_t deadline_ms = 0;
  std::int64_t request = 0;
  AssignmentState state = AssignmentState::live;
  Ballots ballots;  // When answered, and the digest of the answer.
  Bytes digest;
  PayState pay = PayState::waiting;
  std::int64_t review_due_ms = 0;  // While under review.
  Micros paid;
  std::int32_t payout = 0;  // Number of its transfer.

  static constexpr auto fields() {
    using S = Assignment;
    return std::tuple{Field{"task", &S::task},
                      Field{"worker", &S::worker},
                      Field{"leased_ms", &S::leased_ms},
                      Field{"deadline_ms", &S::deadline_ms},
                      Field{"request", &S::request},
                      Field{"state", &S::state},
                      Field{"ballots", &S::ballots},
                      Field{"digest", &S::digest},
                      Field{"pay", &S::pay},
                      Field{"review_due_ms", &S::review_due_ms},
                      Field{"paid", &S::paid},
                      Field{"payout", &S::payout}};
  }
};

struct PostedRun {
  std::int32_t count = 0;
  Bytes digest;

  static constexpr auto fields() {
    return std::tuple{Field{"count", &PostedRun::count}, Field{"digest", &PostedRun::digest}};
  }
};

// Open tasks that have a free place, of one kind: those a worker has not looked at yet are found by number, those that
// joined since by the order in which they did.
struct Places {
  TaskSet tasks;
  std::vector<std::int32_t> joined;  // In that order.
};
// What an answer is for. In a project that counts votes all are fresh.
enum class PlaceKind {
  fresh,  // Fewer answers than a task gets at first.
  hard,   // These did not settle it.
  gold,   // Its truth is known: it measures who answers.
  check,  // It has settled, is sure, and may be given to look at a worker.
};
inline constexpr std::size_t place_kinds = 4;

struct TaskPart {
  TaskPartCreated created;
  PartState state = PartState::posting;
  std::map<std::int32_t, PostedRun> posts;  // By first task.
  std::int64_t item_bytes_max = 0;          // Of the largest item.
  std::vector<Task> tasks;                  // Task n is at n - 1.
  std::vector<Assignment> assignments;      // Assignment n is at n - 1.
  // By field, where answers are weighed by skill: what is believed of tasks and workers. It depends on the order in
  // which answers came, so it is data.
  std::map<std::int32_t, aggregation::LabelModel> models;
  aggregation::ClaimsByField claims;           // Of the same fields.
  std::map<std::int32_t, Ballots> gold;        // By task: what is known to be true.
  std::map<std::int32_t, TaskAudited> audits;  // By task.
  ProjectKnown known;                          // What other parts learned, as it was told last.

  static constexpr auto fields() {
    using S = TaskPart;
    return std::tuple{Field{"created", &S::created}, Field{"state", &S::state},
                      Field{"posts", &S::posts},     Field{"item_bytes_max", &S::item_bytes_max},
                      Field{"tasks", &S::tasks},     Field{"assignments", &S::assignments},
                      Field{"models", &S::models},   Field{"claims", &S::claims},
                      Field{"gold", &S::gold},       Field{"audits", &S::audits},
                      Field{"known", &S::known}};
  }

  // Index:
  TaskSet with_places;                                  // Open tasks that have a free place.
  std::array<Places, place_kinds> places;               // The same by kind, and settled ones that may be checks.
  std::map<AccountId, std::int64_t> leased;             // How many tasks of this part a worker was ever given.
  std::set<std::pair<std::int64_t, std::int32_t>> due;  // (deadline, assignment): live leases and reviews.
  std::int64_t answers_max = 0;
  std::int64_t assignments_of_task_max = 0;  // Of the task that was handed out most often.
  std::int64_t open = 0, settled = 0, undecided = 0, best_guesses = 0;
  std::int64_t answers = 0, live = 0, waiting = 0, under_review = 0;
  Micros paid, fees;

  [[nodiscard]] Places& of(PlaceKind kind) { return places[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const Places& of(PlaceKind kind) const { return places[static_cast<std::size_t>(kind)]; }
  // It has settled, and its verdict is as good as gold: in a project that asks for checks.
  [[nodiscard]] bool is_sure(std::int32_t task_no) const;
  // Nothing: it has no place.
  [[nodiscard]] std::optional<PlaceKind> kind_of(std::int32_t task_no) const;
  // Whether it may be given as a check: as long as others of the part are open.
  [[nodiscard]] bool is_check(std::int32_t task_no) const {
    return state == PartState::open && kind_of(task_no) == PlaceKind::check;
  }

  // The answers to a task, by assignment.
  [[nodiscard]] std::vector<std::int32_t> answered_of(const Task& task) const;
  // Their ballots on a field that has labels, in that order.
  void ballots_on(std::int32_t field_no, const Task& task, std::vector<aggregation::LabelBallot>& ballots) const;
  [[nodiscard]] const Task* find_task(std::int32_t no) const;
  [[nodiscard]] const Assignment* find_assignment(std::int32_t no) const;
};

// ---- A part ---------------------------------------------------------------------------------------------------------

// How far a worker has looked through the tasks of a part that is in memory.
struct TaskCursor {
  struct InKind {
    std::int32_t next_task = 1;  // All before it were looked at,
    std::size_t seen = 0;        // and again those that joined since: so many of Places::joined.
  };
  std::array<InKind, place_kinds> in;
};

// What is known of a part only while it is in memory, and follows from no record.
struct Care {
  Time used;                       // When a command last needed it.
  Time looked_through;             // When its tasks were last looked at for hopeless ones.
  std::int32_t hopeless_from = 0;  // Where that look goes on.
  std::map<AccountId, TaskCursor> cursors;
};

struct Part {
  PartId id;
  Ledger ledger;
  Postbox postbox;
  std::variant<AccountPart, ControlPart, TaskPart> as;

  // Index: mails received since the part was loaded whose sender may still send them again.
  std::set<std::pair<PartId, std::int64_t>> received;
  Care care;

  [[nodiscard]] AccountPart& accounts() { return std::get<AccountPart>(as); }
  [[nodiscard]] const AccountPart& accounts() const { return std::get<AccountPart>(as); }
  [[nodiscard]] ControlPart& control() { return std::get<ControlPart>(as); }
  [[nodiscard]] const ControlPart& control() const { return std::get<ControlPart>(as); }
  [[nodiscard]] TaskPart& tasks() { return std::get<TaskPart>(as); }
  [[nodiscard]] const TaskPart& tasks() const { return std::get<TaskPart>(as); }
};

// A mail that the part sent and does not know to have arrived; null: there is none.
[[nodiscard]] const MailSent* find_mail(const Part& part, std::int64_t no);

// The earliest moment at which something in the part falls due by itself; 0: nothing.
[[nodiscard]] std::int64_t next_due_ms(const Part& part);
// When a part that left memory must be looked at again: then, or when the patience with its open tasks is over.
[[nodiscard]] std::int64_t wake_ms(const Part& part);

}  // namespace tally::core

namespace tally {
template <>
struct EnumNames<core::AssignmentState> {
  static constexpr std::array<std::string_view, 6> names{"live",     "expired",    "skipped",
                                                         "returned", "taken_back", "answered"};
};
}  // namespace tally
