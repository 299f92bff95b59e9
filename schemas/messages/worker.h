#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/messages/session.h"
#include "schemas/project_spec.h"
#include "schemas/standing.h"

// What a worker says and hears.
namespace tally {

// One leased task. The lease is durable before this is sent.
struct TaskOffer {
  AssignmentId assignment;
  // Which item of the requester's batch it is, from 1: only where the project tells (ProjectSpec::tells_items).
  std::optional<TaskId> task;
  std::optional<std::int64_t> item_no;
  ProjectId project;
  std::int64_t lease_left_ms = 0;
  Micros reward;
  std::vector<std::string> values;  // One per column of the project.

  static constexpr auto fields() {
    using S = TaskOffer;
    return std::tuple{Field{"assignment", &S::assignment},
                      Field{"task", &S::task},
                      Field{"item_no", &S::item_no},
                      Field{"project", &S::project},
                      Field{"lease_left_ms", &S::lease_left_ms},
                      Field{"reward", &S::reward},
                      Field{"values", &S::values}};
  }
};

// Why a worker gets no task just now.
enum class NoWork {
  no_open_project,  // Nothing is open to this worker.
  project_paused,
  project_ended,
  all_tasks_taken,  // Every place is leased or answered by others; one may come back.
  had_every_task,   // This worker had every task that still has a place.
  tasks_per_worker_reached,
  too_many_leases,  // Answer or hand back what is open first.
  tasks_loading,    // There is work; it is being fetched: ask again.
  not_qualified,    // The project asks for a qualification or standing that this worker has not.
  training_needed,  // The training round comes first: `train`.
  training_failed,  // It was not passed, and may not be tried again.
};
template <>
struct EnumNames<NoWork> {
  static constexpr std::array<std::string_view, 11> names{
      "no_open_project", "project_paused",           "project_ended",   "all_tasks_taken",
      "had_every_task",  "tasks_per_worker_reached", "too_many_leases", "tasks_loading",
      "not_qualified",   "training_needed",          "training_failed"};
};

// What became of one item that was asked for by number.
enum class ItemState {
  leased,   // It is among the tasks of this reply.
  taken,    // Every place is leased or answered; it may come back.
  had,      // This worker had it before.
  closed,   // It has its verdict.
  unknown,  // The project has no such item.
};
template <>
struct EnumNames<ItemState> {
  static constexpr std::array<std::string_view, 5> names{"leased", "taken", "had", "closed", "unknown"};
};

struct Tasks {
  static constexpr int number = 21;
  static constexpr const char* name = "tasks";

  std::vector<TaskOffer> tasks;
  std::optional<NoWork> no_work;  // When tasks is empty: why.
  std::vector<ItemState> items;   // One per item asked for, in that order.

  static constexpr auto fields() {
    return std::tuple{Field{"tasks", &Tasks::tasks}, Field{"no_work", &Tasks::no_work}, Field{"items", &Tasks::items}};
  }
};

// Worker -> broker. Asks for work, and may wait for it at the broker.
// Safe to send again under the same request id: the leases it made are given again.
struct Pull {
  static constexpr int number = 20;
  static constexpr const char* name = "pull";
  static constexpr RoleSet roles = workers_only;
  static constexpr Served served = Served::core;
  using Reply = Tasks;

  std::optional<ProjectId> project;  // Without: any project that is open to this worker.
  std::int64_t count = 1;            // At most this many tasks.
  std::vector<std::int64_t> items;   // Only these item numbers; the project must allow it, and must be named.
  std::int64_t wait_ms = 0;          // How long to wait for the first task. 0: answer at once.

  static constexpr auto fields() {
    return std::tuple{Field{"project", &Pull::project}, Field{"count", &Pull::count}, Field{"items", &Pull::items},
                      Field{"wait_ms", &Pull::wait_ms}};
  }
};

struct SubmittedAnswer {
  AssignmentId assignment;
  AnswerValues values;

  static constexpr auto fields() {
    return std::tuple{Field{"assignment", &SubmittedAnswer::assignment}, Field{"values", &SubmittedAnswer::values}};
  }
};

// What became of one answer of a Submit, durable when this is sent.
struct SubmitOutcome {
  AssignmentId assignment;
  bool accepted = false;
  std::optional<RefusalCode> refusal;  // When not accepted.
  std::string detail;
  Micros paid;  // What this answer has been paid by now; a verdict may pay it later.

  static constexpr auto fields() {
    using S = SubmitOutcome;
    return std::tuple{Field{"assignment", &S::assignment}, Field{"accepted", &S::accepted},
                      Field{"refusal", &S::refusal}, Field{"detail", &S::detail}, Field{"paid", &S::paid}};
  }
};

struct Submitted {
  static constexpr int number = 23;
  static constexpr const char* name = "submitted";

  std::vector<SubmitOutcome> outcomes;  // One per answer, in that order.
  std::vector<TaskOffer> tasks;         // The next tasks, as far as there are any just now.
  std::optional<NoWork> no_work;        // When tasks were asked for and there are none.

  static constexpr auto fields() {
    return std::tuple{Field{"outcomes", &Submitted::outcomes}, Field{"tasks", &Submitted::tasks},
                      Field{"no_work", &Submitted::no_work}};
  }
};

// Worker -> broker. Hands in answers and asks for the next tasks. Each answer stands for itself: one that is refused
// does not touch the others. Safe to send again: the same answer is acknowledged again, another one is refused.
struct Submit {
  static constexpr int number = 22;
  static constexpr const char* name = "submit";
  static constexpr RoleSet roles = workers_only;
  static constexpr Served served = Served::core;
  using Reply = Submitted;

  std::vector<SubmittedAnswer> answers;
  std::int64_t next = 0;             // How many tasks to lease with the reply.
  std::optional<ProjectId> project;  // Of which project; without: of any.

  static constexpr auto fields() {
    return std::tuple{Field{"answers", &Submit::answers}, Field{"next", &Submit::next},
                      Field{"project", &Submit::project}};
  }
};

enum class HandBackHow {
  skipped,   // This worker does not want this task. Can be taken back while the task is open.
  returned,  // The client could not do it (it stopped, a program crashed).
};
template <>
struct EnumNames<HandBackHow> {
  static constexpr std::array<std::string_view, 2> names{"skipped", "returned"};
};

// Worker -> broker. Gives a lease back. Either way this worker does not get the task again by itself.
struct HandBack {
  static constexpr int number = 24;
  static constexpr const char* name = "hand_back";
  static constexpr RoleSet roles = workers_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  AssignmentId assignment;
  HandBackHow how = HandBackHow::skipped;

  static constexpr auto fields() {
    return std::tuple{Field{"assignment", &HandBack::assignment}, Field{"how", &HandBack::how}};
  }
};

// Worker -> broker. Takes back a skip (or return): the task is leased to this worker anew, if it is open and has a
// place.
struct TakeBackSkip {
  static constexpr int number = 25;
  static constexpr const char* name = "take_back_skip";
  static constexpr RoleSet roles = workers_only;
  static constexpr Served served = Served::core;
  using Reply = Tasks;

  AssignmentId assignment;  // The one that was handed back.

  static constexpr auto fields() { return std::tuple{Field{"assignment", &TakeBackSkip::assignment}}; }
};

enum class ProjectState { posting, open, paused, ended, cancelled };
template <>
struct EnumNames<ProjectState> {
  static constexpr std::array<std::string_view, 5> names{"posting", "open", "paused", "ended", "cancelled"};
};

struct ProjectDescription {
  static constexpr int number = 27;
  static constexpr const char* name = "project_description";

  ProjectId project;
  ProjectState state = ProjectState::posting;
  ProjectSpec spec;

  static constexpr auto fields() {
    using M = ProjectDescription;
    return std::tuple{Field{"project", &M::project}, Field{"state", &M::state}, Field{"spec", &M::spec}};
  }
};

// Anyone -> broker. The whole of a project's form and rules; a client keeps it, since a spec never changes.
struct DescribeProject {
  static constexpr int number = 26;
  static constexpr const char* name = "describe_project";
  static constexpr RoleSet roles = everyone;
  static constexpr Served served = Served::reader;
  using Reply = ProjectDescription;

  ProjectId project;

  static constexpr auto fields() { return std::tuple{Field{"project", &DescribeProject::project}}; }
};

enum class PayState {
  waiting,  // For the verdict.
  review,   // For the requester.
  paid,
  unpaid,    // reason says why.
  reversed,  // Was paid; reason says why that was taken back.
};
template <>
struct EnumNames<PayState> {
  static constexpr std::array<std::string_view, 5> names{"waiting", "review", "paid", "unpaid", "reversed"};
};

struct EarningsRow {
  AssignmentId assignment;
  ProjectId project;
  std::int64_t at_ms = 0;
  PayState state = PayState::waiting;
  Micros amount;       // Of the payout, or of what it would be.
  std::string reason;  // Why unpaid or reversed.

  static constexpr auto fields() {
    using S = EarningsRow;
    return std::tuple{Field{"assignment", &S::assignment}, Field{"project", &S::project}, Field{"at_ms", &S::at_ms},
                      Field{"state", &S::state},           Field{"amount", &S::amount},   Field{"reason", &S::reason}};
  }
};

struct EarningsPage {
  static constexpr int number = 29;
  static constexpr const char* name = "earnings_page";

  Micros wallet;      // Swept and ready to be paid out.
  Micros on_the_way;  // Earned, not swept to the wallet yet.
  Micros paid_out;
  std::int64_t answers_waiting = 0;  // For a verdict or a review.
  std::string payout_address;
  std::vector<EarningsRow> rows;  // Newest first.
  std::string next;               // Cursor of the next page; empty at the end.

  static constexpr auto fields() {
    using M = EarningsPage;
    return std::tuple{Field{"wallet", &M::wallet},
                      Field{"on_the_way", &M::on_the_way},
                      Field{"paid_out", &M::paid_out},
                      Field{"answers_waiting", &M::answers_waiting},
                      Field{"payout_address", &M::payout_address},
                      Field{"rows", &M::rows},
                      Field{"next", &M::next}};
  }
};

// Worker -> broker. What was earned, answer by answer.
struct Earnings {
  static constexpr int number = 28;
  static constexpr const char* name = "earnings";
  static constexpr RoleSet roles = workers_only;
  static constexpr Served served = Served::reader;
  using Reply = EarningsPage;

  bool unpaid_only = false;
  std::string after;  // Cursor; empty: from the newest.
  std::int64_t limit = 100;

  static constexpr auto fields() {
    return std::tuple{Field{"unpaid_only", &Earnings::unpaid_only}, Field{"after", &Earnings::after},
                      Field{"limit", &Earnings::limit}};
  }
};

// Worker -> broker. Where to be paid: free text for the admin's payout file (an account number, a mail address).
struct SetPayoutAddress {
  static constexpr int number = 30;
  static constexpr const char* name = "set_payout_address";
  static constexpr RoleSet roles = workers_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  std::string address;  // At most 200 bytes, one line.

  static constexpr auto fields() { return std::tuple{Field{"address", &SetPayoutAddress::address}}; }
};

struct TrainingAnswer {
  std::int64_t round = 0;  // As it was offered.
  std::int32_t no = 0;
  AnswerValues values;

  static constexpr auto fields() {
    return std::tuple{Field{"round", &TrainingAnswer::round}, Field{"no", &TrainingAnswer::no},
                      Field{"values", &TrainingAnswer::values}};
  }
};

// What is said of an answer to a training task.
struct TrainingFeedback {
  std::int32_t no = 0;
  bool is_right = false;
  AnswerValues gold;  // What is right.
  std::string explanation;

  static constexpr auto fields() {
    using S = TrainingFeedback;
    return std::tuple{Field{"no", &S::no}, Field{"is_right", &S::is_right}, Field{"gold", &S::gold},
                      Field{"explanation", &S::explanation}};
  }
};

struct TrainingOffer {
  std::int64_t round = 0;           // From 1.
  std::int32_t no = 0;              // Of the round's tasks, from 1.
  std::vector<std::string> values;  // One per column of the project.

  static constexpr auto fields() {
    return std::tuple{Field{"round", &TrainingOffer::round}, Field{"no", &TrainingOffer::no},
                      Field{"values", &TrainingOffer::values}};
  }
};

struct TrainingStep {
  static constexpr int number = 32;
  static constexpr const char* name = "training_step";

  std::optional<TrainingFeedback> feedback;  // On the answer that came with the request.
  std::optional<TrainingOffer> next;         // None: the round is over.
  std::int64_t tasks = 0;                    // Of a round.
  std::int64_t right = 0;                    // So far in this round, or in the last.
  std::int64_t right_min = 0;                // What a round is passed with.
  bool is_passed = false;
  std::int64_t rounds_left = 0;  // That may still be begun.

  static constexpr auto fields() {
    using S = TrainingStep;
    return std::tuple{Field{"feedback", &S::feedback},
                      Field{"next", &S::next},
                      Field{"tasks", &S::tasks},
                      Field{"right", &S::right},
                      Field{"right_min", &S::right_min},
                      Field{"is_passed", &S::is_passed},
                      Field{"rounds_left", &S::rounds_left}};
  }
};

// Worker -> broker. Training before paid work: without an answer it gives the task whose turn it is, which begins a
// round where none is under way; with the answer to that task what would have been right, and the next one.
// Safe to send again: the answer that was given last is not counted twice.
struct Train {
  static constexpr int number = 31;
  static constexpr const char* name = "train";
  static constexpr RoleSet roles = workers_only;
  static constexpr Served served = Served::core;
  using Reply = TrainingStep;

  ProjectId project;
  std::optional<TrainingAnswer> answer;

  static constexpr auto fields() {
    return std::tuple{Field{"project", &Train::project}, Field{"answer", &Train::answer}};
  }
};

struct QualificationRow {
  std::string name;
  std::int64_t score = 0;
  GrantedBy by = GrantedBy::admin;
  std::optional<ProjectId> project;  // by training: whose.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = QualificationRow;
    return std::tuple{Field{"name", &S::name}, Field{"score", &S::score}, Field{"by", &S::by},
                      Field{"project", &S::project}, Field{"at_ms", &S::at_ms}};
  }
};

// How a worker stands in one project.
struct ProjectStanding {
  std::int64_t gold = 0;  // Gold tasks answered. Which they were nobody is told.
  std::int64_t right = 0;
  std::int64_t training_tasks = 0;  // 0: the project has no training.
  bool is_trained = false;
  std::int64_t rounds_left = 0;
  std::optional<NoWork> no_work;  // Why this worker may not work on it, as far as that is the worker's standing.
  std::string missing;            // The same, for people.

  static constexpr auto fields() {
    using S = ProjectStanding;
    return std::tuple{Field{"gold", &S::gold},
                      Field{"right", &S::right},
                      Field{"training_tasks", &S::training_tasks},
                      Field{"is_trained", &S::is_trained},
                      Field{"rounds_left", &S::rounds_left},
                      Field{"no_work", &S::no_work},
                      Field{"missing", &S::missing}};
  }
};

struct StandingPage {
  static constexpr int number = 34;
  static constexpr const char* name = "standing_page";

  AccountId account;
  Standing over_all;                             // Of the parts of projects whose tasks all have their verdict.
  std::vector<QualificationRow> qualifications;  // By name.
  std::optional<ProjectStanding> in_project;     // Of the project that was asked for.

  static constexpr auto fields() {
    using S = StandingPage;
    return std::tuple{Field{"account", &S::account}, Field{"over_all", &S::over_all},
                      Field{"qualifications", &S::qualifications}, Field{"in_project", &S::in_project}};
  }
};

// Worker, admin -> broker. What is believed of a worker: of oneself; for an admin of anyone.
struct GetStanding {
  static constexpr int number = 33;
  static constexpr const char* name = "get_standing";
  static constexpr RoleSet roles = workers_and_admins;
  static constexpr Served served = Served::core;
  using Reply = StandingPage;

  std::optional<AccountId> account;  // Admins: whose.
  std::optional<ProjectId> project;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &GetStanding::account}, Field{"project", &GetStanding::project}};
  }
};

}  // namespace tally
