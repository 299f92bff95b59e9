#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/aggregation/online/label_model.h"
#include "schemas/records.h"

// What is known of workers is made again from the answers alone, so that a verdict by skill can be held against what
// it says it was made from.
namespace tally::audit {

class SkillCheck {
 public:
  void begin(const ProjectSpec& spec);

  // In the order of the journal. REQUIRES a task up to `tasks`, and ballots that the form has labels for.
  void on(const AnswerAccepted& r, std::int64_t tasks);

  // What this verdict, which follows on the answers so far, must have been made from.
  [[nodiscard]] std::vector<FieldEvidence> evidence(const VerdictReached& r) const;

 private:
  struct Given {
    std::int32_t assignment = 0;
    AccountId worker;
    Ballots ballots;
  };
  [[nodiscard]] std::vector<FieldEvidence> evidence_of(std::int32_t task) const;
  void ballots_on(std::int32_t field_no, std::int32_t task, std::vector<aggregation::LabelBallot>& ballots) const;

  ProjectSpec spec_;
  std::map<std::int32_t, aggregation::LabelModel> models_;  // By field.
  std::map<std::int32_t, std::vector<Given>> given_;        // By task; by assignment.
  std::int32_t last_task_ = 0;                              // Of the last answer, and what it was judged with.
  std::vector<FieldEvidence> last_;
};

}  // namespace tally::audit
