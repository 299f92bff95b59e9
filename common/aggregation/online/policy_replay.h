#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/aggregation/registry.h"
#include "schemas/records/task_part.h"

// What a redundancy policy would have bought of answers that were given under another, and what verdicts it would have
// reached: the tasks of one part are played again, answer by answer, as the broker decides them. Pure: the same input
// gives the same outcome, byte for byte.
//
// It is not what would have happened: workers would have been given other tasks, so that their skill would be known
// from other answers; and nobody knows what the answers would have been that were not bought.
namespace tally::aggregation {

struct ReplayField {
  const Method* method = nullptr;  // Of registry.h: by votes.
  std::int64_t tolerance_e6 = 0;
  bool is_required = true;
  std::int32_t labels = 0;  // Where answers may be weighed by skill: of a choice; else 0.
};

struct ReplayBallot {
  std::string_view value;   // Canonical, and of a text's digest.
  std::int32_t label = -1;  // Where the field has labels.
};

struct ReplayAnswer {
  std::int32_t task = 0;  // From 0.
  AccountId worker;
  std::span<const ReplayBallot> ballots;  // One a field.
};

// The label of a field that is known to be true of a task.
struct ReplayGold {
  std::int32_t task = 0;
  std::int32_t field = 0;
  std::int32_t label = 0;
};

struct ReplayInput {
  Redundancy redundancy;  // Its audits are left out.
  std::span<const ReplayField> fields;
  std::int32_t tasks = 0;
  std::span<const ReplayAnswer> answers;  // In the order in which they came.
  std::span<const ReplayGold> gold;       // In any order.
  std::span<const FieldSkill> told;       // What is known of workers before.
};

struct ReplayedField {
  bool is_settled = false;
  bool is_by_skill = false;
  bool has_value = false;           // Settled, or the best guess.
  std::string value;                // By votes: a ballot.
  std::int32_t label = -1;          // By skill: of the value.
  std::int64_t confidence_ppm = 0;  // By votes the share that agrees; by skill the claim.
  std::int64_t posterior_ppm = 0;   // By skill: what the model alone says,
  std::int32_t bucket = 0;          // and how sure that is, as claims have it.
};

struct ReplayedTask {
  std::optional<VerdictReason> reason;  // Nothing: the stored answers ran out before the policy had enough.
  std::vector<std::int32_t> bought;     // Places in ReplayInput::answers.
  std::vector<ReplayedField> judged;    // One a field; empty without an answer.
};

// By task. REQUIRES a sound redundancy (check_spec.h), methods, a ballot for each field, labels within their counts
// wherever redundancy is by skill, and at most one answer of a worker to a task. O(answers) steps of the model.
[[nodiscard]] std::vector<ReplayedTask> replay_policy(const ReplayInput& input);

}  // namespace tally::aggregation
