#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "common/aggregation/online/skill_counts.h"
#include "schemas/field.h"

namespace tally::aggregation {

enum class RefitPhase { none, votes, skills };

}  // namespace tally::aggregation

namespace tally {
template <>
struct EnumNames<aggregation::RefitPhase> {
  static constexpr std::array<std::string_view, 3> names{"none", "votes", "skills"};
};
}  // namespace tally

namespace tally::aggregation {

// What is believed of the tasks of a part and of their workers while answers come in, for one field whose answers are
// one of a few labels. Each answer costs its own task's answers and a fixed number of looks at others, however many
// there are:
//   - the task is judged with what was known before the answer, and the new belief takes the place of the old one in
//     the counts (Neal, Hinton: "A view of the EM algorithm that justifies incremental, sparse, and other variants",
//     1998);
//   - meanwhile everything is estimated afresh, a few tasks with each answer, and when that is done it takes the place
//     of what grew answer by answer, which keeps early mistakes. So no refit ever holds up its caller.
// Whole numbers and ordered containers: the same answers in the same order give the same state, with every compiler.
class LabelModel {
 public:
  static constexpr std::int32_t labels_max = 32;

  LabelModel() = default;
  // REQUIRES 1 to labels_max.
  explicit LabelModel(std::int32_t labels);

  // Replaces `ballots` with those of a task, in any order; a task is numbered from 0.
  using BallotsOf = std::function<void(std::int32_t task, std::vector<LabelBallot>& ballots)>;

  // What a task's judgement would be made from now, with these ballots.
  [[nodiscard]] LabelEvidence evidence(std::span<const LabelBallot> ballots) const {
    return now_.counts.evidence(ballots, frequencies_);
  }

  // The same from other tasks alone (skill_counts.h): what its own answers taught of their workers is left out, which
  // would bear them out whatever they said. REQUIRES all ballots of the task, and that the model was told of each.
  [[nodiscard]] LabelEvidence evidence_of_others(std::int32_t task, std::span<const LabelBallot> ballots) const;

  // A task has one more answer, which is among its ballots: the newcomer's. A task with one answer says nothing of its
  // worker. REQUIRES task < tasks, labels within the count, one ballot a worker, and as many tasks as before, or more.
  void answered(std::int32_t task, std::int32_t tasks, AccountId newcomer, const BallotsOf& ballots_of);

  // What other parts of the project or earlier projects say, of workers who are new here or of the crowd: it is counted
  // beside what is learned here, and stays when that is estimated afresh. `sign` -1 takes away what was told before.
  void tell(const FieldSkill& elsewhere, std::int32_t sign = 1);
  // What was learned here, without what was told. `field` is left to the caller.
  [[nodiscard]] FieldSkill learned() const { return now_.counts.beyond(told_); }

  [[nodiscard]] SkillCounts::Rightness rightness_of(AccountId worker) const { return now_.counts.rightness_of(worker); }
  [[nodiscard]] SkillCounts::Rightness rightness_of_crowd() const { return now_.counts.rightness_of_crowd(); }

  [[nodiscard]] Frequencies frequencies() const { return frequencies_; }
  [[nodiscard]] std::int32_t labels() const { return now_.counts.labels(); }
  // What it takes of memory, about.
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::int64_t answers() const { return answers_; }
  [[nodiscard]] std::int64_t refits() const { return refits_; }

  static constexpr auto fields() {
    using S = LabelModel;
    return std::tuple{
        Field{"told", &S::told_},         Field{"now", &S::now_},           Field{"next", &S::next_},
        Field{"phase", &S::phase_},       Field{"position", &S::position_}, Field{"answers", &S::answers_},
        Field{"refit_at", &S::refit_at_}, Field{"refits", &S::refits_},     Field{"frequencies", &S::frequencies_},
        Field{"foretold", &S::foretold_}};
  }

 private:
  // An estimate: the counts, and what each task has added to them (nothing: zeros).
  struct Fit {
    SkillCounts counts;
    std::vector<std::int32_t> beliefs;  // [task][label]

    static constexpr auto fields() {
      return std::tuple{Field{"counts", &Fit::counts}, Field{"beliefs", &Fit::beliefs}};
    }
    [[nodiscard]] std::span<std::int32_t> belief(std::int32_t task);
    void replace(std::int32_t task, std::span<const LabelBallot> had, std::span<const LabelBallot> has,
                 std::span<const std::int32_t> belief);
  };
  // How well the two ways to use frequencies foretold answers, since the last refit.
  struct Foretold {
    bool is_telling = false;  // The estimate that foretells was made from enough tasks.
    std::int64_t answers = 0;
    std::int64_t gain = 0;  // Of holding back, in parts of 1024 of a doubling; negative: a loss.
    std::int64_t squares = 0;

    static constexpr auto fields() {
      using S = Foretold;
      return std::tuple{Field{"is_telling", &S::is_telling}, Field{"answers", &S::answers}, Field{"gain", &S::gain},
                        Field{"squares", &S::squares}};
    }
  };

  void take(Fit& fit, std::int32_t task, std::span<const LabelBallot> ballots) const;
  void foretell(std::span<const LabelBallot> ballots);
  void refit(std::int32_t tasks, const BallotsOf& ballots_of);
  void step(std::int32_t task, const BallotsOf& ballots_of);
  void end_refit(std::int32_t tasks);

  SkillCounts told_;  // What every fit begins with.
  Fit now_;
  Fit next_;  // While it is made.
  RefitPhase phase_ = RefitPhase::none;
  std::int32_t position_ = 0;  // The task whose turn is next in it.
  std::int64_t answers_ = 0;
  std::int64_t refit_at_ = 0;
  std::int64_t refits_ = 0;
  Frequencies frequencies_ = Frequencies::as_they_are;
  Foretold foretold_;
};

}  // namespace tally::aggregation
