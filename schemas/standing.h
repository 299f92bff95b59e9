#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "schemas/evidence.h"
#include "schemas/field.h"
#include "schemas/ids.h"

// What is known of workers.
namespace tally {

// What a worker's answers came to: counts, so those of several parts and projects are simply added.
struct Standing {
  std::int64_t judged = 0;  // Answers to tasks that settled with at least one more answer, on all fields with labels;
  std::int64_t agreed = 0;  // those of them that agree with the verdict on each.
  std::int64_t gold = 0;    // Answers to gold tasks,
  std::int64_t right = 0;   // and those that are right.

  static constexpr auto fields() {
    using S = Standing;
    return std::tuple{Field{"judged", &S::judged}, Field{"agreed", &S::agreed}, Field{"gold", &S::gold},
                      Field{"right", &S::right}};
  }
  Standing& operator+=(const Standing& more) {
    judged += more.judged;
    agreed += more.agreed;
    gold += more.gold;
    right += more.right;
    return *this;
  }
  friend bool operator==(const Standing&, const Standing&) = default;
};

struct StandingOf {
  AccountId account;
  Standing standing;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &StandingOf::account}, Field{"standing", &StandingOf::standing}};
  }
  friend bool operator==(const StandingOf&, const StandingOf&) = default;
};

// How a qualification came to be held.
enum class GrantedBy { admin, training, rule };
template <>
struct EnumNames<GrantedBy> {
  static constexpr std::array<std::string_view, 3> names{"admin", "training", "rule"};
};

// Counts of answers by given and true label, as common/aggregation/online/skill_counts.h has them.
struct SkillRow {
  AccountId worker;
  std::vector<std::int64_t> counts;

  static constexpr auto fields() {
    return std::tuple{Field{"worker", &SkillRow::worker}, Field{"counts", &SkillRow::counts}};
  }
  friend bool operator==(const SkillRow&, const SkillRow&) = default;
};

// What a part learned of one field whose answers are weighed by skill, or what a project knows of it: additive.
struct FieldSkill {
  std::int32_t field = 0;           // Of the form, from 0.
  std::vector<std::int64_t> tasks;  // By label.
  std::vector<std::int64_t> crowd;  // A row of all workers together.
  std::vector<SkillRow> workers;    // By account.
  Outcomes gold;                    // See ClaimBasis.
  Outcomes audited;

  static constexpr auto fields() {
    using S = FieldSkill;
    return std::tuple{Field{"field", &S::field},     Field{"tasks", &S::tasks}, Field{"crowd", &S::crowd},
                      Field{"workers", &S::workers}, Field{"gold", &S::gold},   Field{"audited", &S::audited}};
  }
  friend bool operator==(const FieldSkill&, const FieldSkill&) = default;
};

}  // namespace tally
