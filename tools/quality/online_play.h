#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/aggregation/online/field_claims.h"
#include "common/aggregation/online/label_model.h"
#include "schemas/project_spec.h"
#include "tools/quality/label_set.h"

// A set's answers, handed in one by one and decided as the broker decides them by theta. Beside policy_replay.h, which
// is for answers whose order is given: here who hands in may ask which task is open, and known workers are
// spot-checked.
namespace tally::quality {

class OnlinePlay {
 public:
  struct Rules {
    Redundancy redundancy;
    bool spot_checks = false;  // As the broker makes them (skill.h).
    std::string salt;          // Of their lot.
  };
  // The set outlives the play. REQUIRES a theta, and at most LabelModel::labels_max labels.
  OnlinePlay(const LabelSet& set, Rules rules);

  [[nodiscard]] bool is_open(std::int32_t task) const { return !tasks_[at(task)].is_closed; }
  // Open, though it has as many answers as a task gets at first.
  [[nodiscard]] bool is_hard(std::int32_t task) const;
  [[nodiscard]] bool is_better_than_most(std::int32_t worker) const;

  // An answer to a task that is closed is not bought.
  void take(const aggregation::labels::Answer& answer);

  struct Outcome {
    std::int32_t answers = 0;
    std::int32_t label = -1;  // Of an open task what its answers say by now; -1: none is believed most.
  };
  [[nodiscard]] std::vector<Outcome> outcomes() const;  // By task.

 private:
  struct Task {
    std::vector<aggregation::LabelBallot> said;
    bool is_closed = false;
    std::int32_t label = -1;
  };
  static std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }
  void judge(std::int32_t no, LabelEvidence evidence);
  [[nodiscard]] bool goes_to_spot_check(std::int32_t no) const;

  Rules rules_;
  std::vector<Task> tasks_;
  aggregation::LabelModel model_;
  aggregation::FieldClaims claims_;
};

// Workers come in the order of the answers, and each gets, of the tasks that are recorded of it, the one that the
// broker would choose: one that others did not settle if the worker is better than most, else a fresh one.
void play_chosen(OnlinePlay& play, const std::vector<aggregation::labels::Answer>& order);

}  // namespace tally::quality
