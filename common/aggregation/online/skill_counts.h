#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "common/aggregation/online/judgement.h"
#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/standing.h"

namespace tally::aggregation {

struct LabelBallot {
  AccountId worker;
  std::int32_t label = 0;
};

// How strongly the frequencies of labels count against what the answers say. A model that fits them believes the
// frequent label a little more each time it looks; where that does not help to foretell answers, it is held back.
enum class Frequencies { as_they_are, held_back };

}  // namespace tally::aggregation

namespace tally {
template <>
struct EnumNames<aggregation::Frequencies> {
  static constexpr std::array<std::string_view, 2> names{"as_they_are", "held_back"};
};
}  // namespace tally

namespace tally::aggregation {

// What workers answered to tasks of each believed label: additive counts, so those of several parts are simply added.
// The model of Dawid and Skene (Applied Statistics 28, 1979), each worker's row with the crowd's as its prior.
class SkillCounts {
 public:
  SkillCounts() = default;
  // REQUIRES at least one label.
  explicit SkillCounts(std::int32_t labels);

  // Adds (sign 1) or takes away (sign -1) a task whose labels are believed so. Linear in answers times labels.
  // REQUIRES labels of ballots within the count, a belief for each label, and to take away only what was added.
  void add(std::span<const LabelBallot> ballots, std::span<const std::int32_t> belief, std::int32_t sign);

  // What a task's judgement would be made from now.
  [[nodiscard]] LabelEvidence evidence(std::span<const LabelBallot> ballots, Frequencies frequencies) const;

  // What was counted elsewhere, of single workers, of the crowd, and of tasks: added, or (sign -1) taken away. What is
  // left empty in it is nothing. REQUIRES is_sound().
  void add(const FieldSkill& elsewhere, std::int32_t sign);
  [[nodiscard]] static bool is_sound(const FieldSkill& skill, std::int32_t labels);
  // What was counted here beyond `before`, which is a part of it; workers of whom nothing was are left out.
  [[nodiscard]] FieldSkill beyond(const SkillCounts& before) const;

  // Answers that are right by what is believed, and all answers, in parts of whole_share.
  struct Rightness {
    std::int64_t right = 0;
    std::int64_t all = 0;
  };
  [[nodiscard]] Rightness rightness_of(AccountId worker) const;
  [[nodiscard]] Rightness rightness_of_crowd() const { return rightness_of(crowd_); }
  // The same from what other tasks tell: `own` is the belief with which this task was added together with all of these
  // ballots (zeros: it was not added). And each answer is taken to be a slip now and then, however good its worker.
  // REQUIRES a belief for each label.
  [[nodiscard]] LabelEvidence evidence_of_others(std::span<const LabelBallot> ballots,
                                                 std::span<const std::int32_t> own, Frequencies frequencies) const;

  [[nodiscard]] std::int32_t labels() const { return labels_; }
  [[nodiscard]] std::size_t workers() const { return workers_.size(); }

  static constexpr auto fields() {
    using S = SkillCounts;
    return std::tuple{Field{"labels", &S::labels_}, Field{"workers", &S::workers_}, Field{"crowd", &S::crowd_},
                      Field{"tasks", &S::tasks_}};
  }

 private:
  [[nodiscard]] std::size_t at(std::int32_t given, std::size_t label) const {
    return static_cast<std::size_t>(given) * tasks_.size() + label;
  }
  // A row holds, for each label given, the shares of tasks of each true label; and after these their sums.
  using Row = std::vector<std::int64_t>;
  [[nodiscard]] Rightness rightness_of(const Row& row) const;
  // Of an answer, if the label is true.
  struct Chance {
    std::int64_t count = 0;
    std::int64_t sum = 0;
  };
  [[nodiscard]] Chance prior(std::int32_t given, std::size_t label, std::int64_t pseudo_answers) const;
  [[nodiscard]] std::vector<std::int32_t> before(Frequencies frequencies) const;
  void add(Row& row, std::int32_t given, std::span<const std::int32_t> belief, std::int32_t sign);

  std::int32_t labels_ = 0;
  std::map<AccountId, Row> workers_;
  Row crowd_;
  std::vector<std::int64_t> tasks_;  // By label.
};

}  // namespace tally::aggregation
