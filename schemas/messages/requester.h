#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/messages/session.h"
#include "schemas/messages/worker.h"
#include "schemas/project_spec.h"

// What a requester says and hears. An admin may send the messages that only look, for any project.
namespace tally {

struct ProjectOpened {
  static constexpr int number = 41;
  static constexpr const char* name = "project_opened";

  ProjectId project;
  Micros reserved;             // The worst case: items * max answers * (reward + fee).
  std::int64_t part_size = 0;  // A PostItems message stays within one run of this many items.

  static constexpr auto fields() {
    using M = ProjectOpened;
    return std::tuple{Field{"project", &M::project}, Field{"reserved", &M::reserved},
                      Field{"part_size", &M::part_size}};
  }
};

// Requester -> broker. Announces a batch and reserves its worst case from the wallet; refused when that cannot be
// covered. The items follow by PostItems; with the last of them the project opens by itself.
// Safe to send again under the same key.
struct OpenProject {
  static constexpr int number = 40;
  static constexpr const char* name = "open_project";
  static constexpr RoleSet roles = requesters_only;
  static constexpr Served served = Served::core;
  using Reply = ProjectOpened;

  std::string key;
  ProjectSpec spec;
  std::int64_t items = 0;        // How many items will be posted.
  std::int64_t answers_max = 0;  // Sum of the tasks' greatest redundancy, for a batch whose items carry their own
                                 // `answers`; 0: items * redundancy.max.

  static constexpr auto fields() {
    using M = OpenProject;
    return std::tuple{Field{"key", &M::key}, Field{"spec", &M::spec}, Field{"items", &M::items},
                      Field{"answers_max", &M::answers_max}};
  }
};

struct ItemsPosted {
  static constexpr int number = 43;
  static constexpr const char* name = "items_posted";

  std::int64_t posted = 0;  // Durable items of the project's part that was written, counted from the batch's start.

  static constexpr auto fields() { return std::tuple{Field{"posted", &ItemsPosted::posted}}; }
};

// Requester -> broker. Hands over items [first, first + size) of the batch, counted from 1. Messages are cut at
// multiples of items_per_post_max from the batch's start, and none crosses a multiple of part_size; within one part
// they come in order. Safe to send again: the same items at the same place are acknowledged again, others are refused.
struct PostItems {
  static constexpr int number = 42;
  static constexpr const char* name = "post_items";
  static constexpr RoleSet roles = requesters_only;
  static constexpr Served served = Served::core;
  using Reply = ItemsPosted;

  ProjectId project;
  std::int64_t first = 1;
  std::vector<Item> items;

  static constexpr auto fields() {
    using M = PostItems;
    return std::tuple{Field{"project", &M::project}, Field{"first", &M::first}, Field{"items", &M::items}};
  }
};

// A line of the list of projects. What concerns money and progress is zero for those it is no business of.
struct ProjectRow {
  ProjectId project;
  AccountId owner;
  std::string title;
  ProjectState state = ProjectState::posting;
  Micros reward;
  PayPolicy pay = PayPolicy::agreeing;
  std::int64_t created_ms = 0;
  std::int64_t deadline_ms = 0;
  std::int64_t items = 0;
  std::int64_t closed = 0;  // Tasks with a verdict, whatever it is.
  std::int64_t answers = 0;

  static constexpr auto fields() {
    using S = ProjectRow;
    return std::tuple{Field{"project", &S::project},       Field{"owner", &S::owner},
                      Field{"title", &S::title},           Field{"state", &S::state},
                      Field{"reward", &S::reward},         Field{"pay", &S::pay},
                      Field{"created_ms", &S::created_ms}, Field{"deadline_ms", &S::deadline_ms},
                      Field{"items", &S::items},           Field{"closed", &S::closed},
                      Field{"answers", &S::answers}};
  }
};

struct ProjectsPage {
  static constexpr int number = 45;
  static constexpr const char* name = "projects_page";

  std::vector<ProjectRow> rows;  // Newest first.
  std::string next;

  static constexpr auto fields() {
    return std::tuple{Field{"rows", &ProjectsPage::rows}, Field{"next", &ProjectsPage::next}};
  }
};

// Anyone -> broker. A requester sees their own, a worker the open ones, an admin all.
struct ListProjects {
  static constexpr int number = 44;
  static constexpr const char* name = "list_projects";
  static constexpr RoleSet roles = everyone;
  static constexpr Served served = Served::reader;
  using Reply = ProjectsPage;

  std::string after;
  std::int64_t limit = 100;

  static constexpr auto fields() {
    return std::tuple{Field{"after", &ListProjects::after}, Field{"limit", &ListProjects::limit}};
  }
};

struct ProjectStatus {
  static constexpr int number = 47;
  static constexpr const char* name = "project_status";

  ProjectRow row;
  std::int64_t posted = 0;   // Items handed over so far: where posting goes on.
  std::int64_t settled = 0;  // Tasks with a decided verdict.
  std::int64_t undecided = 0;
  std::int64_t best_guesses = 0;
  std::int64_t leased = 0;        // Live leases.
  std::int64_t under_review = 0;  // Answers that wait for the requester.
  Micros reserved;                // Taken from the wallet for this project.
  Micros paid;                    // To workers, bonuses not included.
  Micros fees;
  Micros refunded;
  Micros held;  // What is still reserved.
  std::int64_t now_ms = 0;

  static constexpr auto fields() {
    using M = ProjectStatus;
    return std::tuple{Field{"row", &M::row},
                      Field{"posted", &M::posted},
                      Field{"settled", &M::settled},
                      Field{"undecided", &M::undecided},
                      Field{"best_guesses", &M::best_guesses},
                      Field{"leased", &M::leased},
                      Field{"under_review", &M::under_review},
                      Field{"reserved", &M::reserved},
                      Field{"paid", &M::paid},
                      Field{"fees", &M::fees},
                      Field{"refunded", &M::refunded},
                      Field{"held", &M::held},
                      Field{"now_ms", &M::now_ms}};
  }
};

// Requester (own) or admin -> broker.
struct GetStatus {
  static constexpr int number = 46;
  static constexpr const char* name = "get_status";
  static constexpr RoleSet roles = requesters_and_admins;
  static constexpr Served served = Served::reader;
  using Reply = ProjectStatus;

  ProjectId project;

  static constexpr auto fields() { return std::tuple{Field{"project", &GetStatus::project}}; }
};

struct VoteCount {
  std::string value;  // As people read it.
  std::int64_t count = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"value", &VoteCount::value}, Field{"count", &VoteCount::count}};
  }
};

// The verdict on one field, as people read it.
struct FieldResult {
  std::string field;
  bool settled = false;
  std::string value;  // Where it is not settled: the best guess, if there is one.
  std::int64_t confidence_ppm = 0;
  std::string method;
  std::vector<VoteCount> votes;
  std::int64_t posterior_ppm = 0;  // Where answers were weighed by skill: what the model alone says.

  static constexpr auto fields() {
    using S = FieldResult;
    return std::tuple{Field{"field", &S::field},
                      Field{"settled", &S::settled},
                      Field{"value", &S::value},
                      Field{"confidence_ppm", &S::confidence_ppm},
                      Field{"method", &S::method},
                      Field{"votes", &S::votes},
                      Field{"posterior_ppm", &S::posterior_ppm}};
  }
};

struct AnswerRow {
  AssignmentId assignment;
  AccountId worker;
  std::int64_t at_ms = 0;
  AnswerValues values;
  PayState state = PayState::waiting;
  Micros paid;
  std::string reason;
  std::int64_t took_ms = 0;  // Since it was leased.

  static constexpr auto fields() {
    using S = AnswerRow;
    return std::tuple{Field{"assignment", &S::assignment}, Field{"worker", &S::worker},  Field{"at_ms", &S::at_ms},
                      Field{"values", &S::values},         Field{"state", &S::state},    Field{"paid", &S::paid},
                      Field{"reason", &S::reason},         Field{"took_ms", &S::took_ms}};
  }
};

enum class TaskState {
  open,
  settled,
  undecided,
  best_guess,  // Closed with a value that is less sure than was asked for.
};
template <>
struct EnumNames<TaskState> {
  static constexpr std::array<std::string_view, 4> names{"open", "settled", "undecided", "best_guess"};
};

struct ResultRow {
  TaskId task;
  std::int64_t item_no = 0;
  std::vector<std::string> values;
  TaskState state = TaskState::open;
  std::string reason;  // Why not settled: max_reached, futile, project_ended, project_cancelled, no_eligible_worker.
  std::vector<FieldResult> judged;  // Empty while open.
  std::int64_t answers = 0;
  Micros cost;                              // Rewards and fees paid for this task.
  std::vector<AnswerRow> given;             // When answers were asked for.
  std::map<std::string, std::string> gold;  // What was posted as known, by field.
  std::int64_t audited_after = 0;           // Answers that it had when it could settle, and was audited; 0: it was not.

  static constexpr auto fields() {
    using S = ResultRow;
    return std::tuple{Field{"task", &S::task},
                      Field{"item_no", &S::item_no},
                      Field{"values", &S::values},
                      Field{"state", &S::state},
                      Field{"reason", &S::reason},
                      Field{"fields", &S::judged},
                      Field{"answers", &S::answers},
                      Field{"cost", &S::cost},
                      Field{"given", &S::given},
                      Field{"gold", &S::gold},
                      Field{"audited_after", &S::audited_after}};
  }
};

struct ResultsPage {
  static constexpr int number = 49;
  static constexpr const char* name = "results_page";

  std::vector<ResultRow> rows;  // In the order of the items.
  std::string next;

  static constexpr auto fields() {
    return std::tuple{Field{"rows", &ResultsPage::rows}, Field{"next", &ResultsPage::next}};
  }
};

// Requester (own) or admin -> broker. At any time; tasks without a verdict are open.
struct GetResults {
  static constexpr int number = 48;
  static constexpr const char* name = "get_results";
  static constexpr RoleSet roles = requesters_and_admins;
  static constexpr Served served = Served::reader;
  using Reply = ResultsPage;

  ProjectId project;
  bool answers = false;            // With every answer given.
  bool under_review_only = false;  // Only tasks with an answer that waits for review.
  std::string after;
  std::int64_t limit = 200;  // Rows; a page also ends before it grows past a frame.

  static constexpr auto fields() {
    using M = GetResults;
    return std::tuple{Field{"project", &M::project}, Field{"answers", &M::answers},
                      Field{"under_review_only", &M::under_review_only}, Field{"after", &M::after},
                      Field{"limit", &M::limit}};
  }
};

// Requester -> broker. Judges one answer of a project that pays by review. Safe to send again; the other judgement
// later is refused: what is approved is paid.
struct Review {
  static constexpr int number = 50;
  static constexpr const char* name = "review";
  static constexpr RoleSet roles = requesters_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  AssignmentId assignment;
  bool approve = true;
  std::string reason;  // Needed for a rejection; the worker reads it.

  static constexpr auto fields() {
    return std::tuple{Field{"assignment", &Review::assignment}, Field{"approve", &Review::approve},
                      Field{"reason", &Review::reason}};
  }
};

// Requester -> broker. Pays a worker more for one answer, from the wallet, without a fee.
struct Bonus {
  static constexpr int number = 51;
  static constexpr const char* name = "bonus";
  static constexpr RoleSet roles = requesters_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  std::string key;
  AssignmentId assignment;
  Micros amount;
  std::string reason;

  static constexpr auto fields() {
    return std::tuple{Field{"key", &Bonus::key}, Field{"assignment", &Bonus::assignment},
                      Field{"amount", &Bonus::amount}, Field{"reason", &Bonus::reason}};
  }
};

// Requester -> broker. Moves the deadline: later, or to none (0). Refused once the project has ended.
struct Extend {
  static constexpr int number = 52;
  static constexpr const char* name = "extend";
  static constexpr RoleSet roles = requesters_only;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  std::string key;
  ProjectId project;
  std::int64_t deadline_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"key", &Extend::key}, Field{"project", &Extend::project},
                      Field{"deadline_ms", &Extend::deadline_ms}};
  }
};

enum class ProjectAction {
  pause,  // Nothing new is handed out; open leases can be handed in.
  resume,
  end,     // Open tasks close as undecided; what was not spent is refunded.
  cancel,  // The same, and shown as cancelled; also for a batch that was never posted to its end.
};
template <>
struct EnumNames<ProjectAction> {
  static constexpr std::array<std::string_view, 4> names{"pause", "resume", "end", "cancel"};
};

// Requester (own) or admin -> broker. Idempotent by nature: what is so already is acknowledged.
struct ChangeProject {
  static constexpr int number = 53;
  static constexpr const char* name = "change_project";
  static constexpr RoleSet roles = requesters_and_admins;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  ProjectId project;
  ProjectAction action = ProjectAction::pause;

  static constexpr auto fields() {
    return std::tuple{Field{"project", &ChangeProject::project}, Field{"action", &ChangeProject::action}};
  }
};

struct Balance {
  static constexpr int number = 55;
  static constexpr const char* name = "balance";

  Micros wallet;
  Micros reserved;   // Held by this account's projects.
  Micros under_way;  // Between parts at this moment.

  static constexpr auto fields() {
    return std::tuple{Field{"wallet", &Balance::wallet}, Field{"reserved", &Balance::reserved},
                      Field{"under_way", &Balance::under_way}};
  }
};

// Requester -> broker.
struct GetBalance {
  static constexpr int number = 54;
  static constexpr const char* name = "get_balance";
  static constexpr RoleSet roles = requesters_only;
  static constexpr Served served = Served::reader;
  using Reply = Balance;

  static constexpr auto fields() { return std::tuple<>{}; }
};

// What the verdicts of a project may claim on one field, by what is known now.
struct FieldSupport {
  std::string field;
  std::int64_t claim_max_ppm = 0;  // Of the surest verdicts.
  std::int64_t gold = 0;           // Gold tasks that have their verdict,
  std::int64_t right = 0;          // and those whose verdict is right.
  std::int64_t gold_open = 0;      // Gold tasks that have none yet.
  std::int64_t gold_needed = 0;    // So many more, all of them right, and what is asked for could be claimed.
                                   // 0: it can be now. -1: no number that was tried would do.
  Micros cost;                     // Of those, with all their answers.

  static constexpr auto fields() {
    using S = FieldSupport;
    return std::tuple{
        Field{"field", &S::field}, Field{"claim_max_ppm", &S::claim_max_ppm}, Field{"gold", &S::gold},
        Field{"right", &S::right}, Field{"gold_open", &S::gold_open},         Field{"gold_needed", &S::gold_needed},
        Field{"cost", &S::cost}};
  }
};

struct SupportReport {
  static constexpr int number = 57;
  static constexpr const char* name = "support_report";

  std::int64_t asked_ppm = 0;          // 0: the project asks for no confidence.
  std::vector<FieldSupport> by_field;  // Those that are judged by skill.

  static constexpr auto fields() {
    return std::tuple{Field{"asked_ppm", &SupportReport::asked_ppm}, Field{"fields", &SupportReport::by_field}};
  }
};

// Requester, admin -> broker. Whether the data of a project can support the confidence that it asks for, and what it
// would take.
struct GetSupport {
  static constexpr int number = 56;
  static constexpr const char* name = "get_support";
  static constexpr RoleSet roles = requesters_and_admins;
  static constexpr Served served = Served::core;
  using Reply = SupportReport;

  ProjectId project;

  static constexpr auto fields() { return std::tuple{Field{"project", &GetSupport::project}}; }
};

}  // namespace tally
