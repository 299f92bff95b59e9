#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "schemas/bytes.h"
#include "schemas/evidence.h"
#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/messages/requester.h"
#include "schemas/messages/worker.h"
#include "schemas/project_spec.h"
#include "schemas/standing.h"

// Records of task parts: tasks, leases, answers, verdicts, pay. See schemas/records.h.
namespace tally {

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

// A gold task and the ballots that are known to be true: one per field of the form, empty where nothing is known.
struct TaskGold {
  std::int32_t task = 0;
  Ballots ballots;

  static constexpr auto fields() {
    return std::tuple{Field{"task", &TaskGold::task}, Field{"ballots", &TaskGold::ballots}};
  }
  friend bool operator==(const TaskGold&, const TaskGold&) = default;
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
  std::vector<TaskGold> gold;       // By task.

  static constexpr auto fields() {
    using S = TasksPosted;
    return std::tuple{Field{"first", &S::first},
                      Field{"count", &S::count},
                      Field{"digest", &S::digest},
                      Field{"answers", &S::answers},
                      Field{"item_bytes_max", &S::item_bytes_max},
                      Field{"gold", &S::gold}};
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
  std::int64_t took_ms = 0;  // Since it was leased.

  static constexpr auto fields() {
    using S = AnswerAccepted;
    return std::tuple{Field{"assignment", &S::assignment}, Field{"task", &S::task},     Field{"worker", &S::worker},
                      Field{"ballots", &S::ballots},       Field{"digest", &S::digest}, Field{"at_ms", &S::at_ms},
                      Field{"took_ms", &S::took_ms}};
  }
};

// The verdict on one field and what it was made from.
struct FieldJudged {
  bool settled = false;
  std::string value;                // A ballot: the best guess where it is not settled; empty where there is none.
  std::int64_t confidence_ppm = 0;  // By votes: the share that agrees. By skill: the claim.
  std::string method;
  std::int64_t posterior_ppm = 0;  // By skill: what the model alone says.

  static constexpr auto fields() {
    using S = FieldJudged;
    return std::tuple{Field{"settled", &S::settled}, Field{"value", &S::value},
                      Field{"confidence_ppm", &S::confidence_ppm}, Field{"method", &S::method},
                      Field{"posterior_ppm", &S::posterior_ppm}};
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
  quorum,       // Settled by votes.
  max_reached,  // The others, but for the last: the best guess, or undecided.
  project_ended,
  project_cancelled,
  no_eligible_worker,
  theta_reached,       // Settled by skill: the posterior that was asked for.
  confidence_reached,  // The same: the claim.
  futile,              // The claim is out of reach, and one more answer is not worth its price: the best guess.
};
template <>
struct EnumNames<VerdictReason> {
  static constexpr std::array<std::string_view, 8> names{
      "quorum",        "max_reached",        "project_ended", "project_cancelled", "no_eligible_worker",
      "theta_reached", "confidence_reached", "futile"};
};
[[nodiscard]] inline bool is_settling(VerdictReason reason) {
  return reason == VerdictReason::quorum || reason == VerdictReason::theta_reached ||
         reason == VerdictReason::confidence_reached;
}

// A task that did not settle has a best guess where each required field has a value.
[[nodiscard]] inline TaskState state_of(const std::vector<FieldSpec>& form, const std::vector<FieldJudged>& judged,
                                        VerdictReason reason) {
  if (is_settling(reason)) return TaskState::settled;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i].required && (i >= judged.size() || judged[i].value.empty())) return TaskState::undecided;
  }
  return TaskState::best_guess;
}

// Of a field that was judged by skill.
struct FieldEvidence {
  std::int32_t field = 0;  // Of the form, from 0.
  LabelEvidence evidence;
  ClaimBasis claim;
  // What other tasks tell, where a theta was asked for and the evidence comes to it (skill.h).
  std::optional<LabelEvidence> of_others;

  static constexpr auto fields() {
    return std::tuple{Field{"field", &FieldEvidence::field}, Field{"evidence", &FieldEvidence::evidence},
                      Field{"claim", &FieldEvidence::claim}, Field{"of_others", &FieldEvidence::of_others}};
  }
  friend bool operator==(const FieldEvidence&, const FieldEvidence&) = default;
};

struct VerdictReached {
  static constexpr int number = 56;
  static constexpr const char* name = "verdict_reached";

  std::int32_t task = 0;
  VerdictReason reason = VerdictReason::quorum;
  std::vector<FieldJudged> judged;     // One per field of the form.
  std::vector<WeighedBallot> ballots;  // By assignment.
  std::int64_t at_ms = 0;
  std::vector<FieldEvidence> evidence;  // Its ballots are in the same order.
  std::int32_t audited_after = 0;       // Answers that it had when it could settle, and was audited; 0: it was not.

  static constexpr auto fields() {
    using S = VerdictReached;
    return std::tuple{Field{"task", &S::task},
                      Field{"reason", &S::reason},
                      Field{"judged", &S::judged},
                      Field{"ballots", &S::ballots},
                      Field{"at_ms", &S::at_ms},
                      Field{"evidence", &S::evidence},
                      Field{"audited_after", &S::audited_after}};
  }
};

// What a field of an audited task was judged to be when it could have settled.
struct FieldAudited {
  std::int32_t field = 0;
  std::int32_t bucket = 0;  // How sure it was: of claims.h.
  std::string value;

  static constexpr auto fields() {
    return std::tuple{Field{"field", &FieldAudited::field}, Field{"bucket", &FieldAudited::bucket},
                      Field{"value", &FieldAudited::value}};
  }
  friend bool operator==(const FieldAudited&, const FieldAudited&) = default;
};

// A task could settle and was drawn for the audit: it goes on to collect answers, and its verdict tells whether they
// say the same.
struct TaskAudited {
  static constexpr int number = 58;
  static constexpr const char* name = "task_audited";

  std::int32_t task = 0;
  std::int32_t answers = 0;  // It had then.
  std::vector<FieldAudited> judged;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = TaskAudited;
    return std::tuple{Field{"task", &S::task}, Field{"answers", &S::answers}, Field{"judged", &S::judged},
                      Field{"at_ms", &S::at_ms}};
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

// What is known of a worker who takes a task of this part for the first time: copied, so that the part's decisions
// follow from its own records. Left out where nothing is known.
struct WorkerIntroduced {
  static constexpr int number = 59;
  static constexpr const char* name = "worker_introduced";

  AccountId worker;
  std::vector<FieldSkill> skills;  // By field; of each the worker's row alone.

  static constexpr auto fields() {
    return std::tuple{Field{"worker", &WorkerIntroduced::worker}, Field{"skills", &WorkerIntroduced::skills}};
  }
};

// What other parts of the project learned, but for single workers: it takes the place of what was told before.
struct ProjectKnown {
  static constexpr int number = 60;
  static constexpr const char* name = "project_known";

  std::int64_t version = 0;        // The number of parts that it is from.
  std::vector<FieldSkill> skills;  // By field; without workers.

  static constexpr auto fields() {
    return std::tuple{Field{"version", &ProjectKnown::version}, Field{"skills", &ProjectKnown::skills}};
  }
};

}  // namespace tally
