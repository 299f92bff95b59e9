#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/ids.h"
#include "schemas/mail.h"
#include "schemas/project_spec.h"
#include "schemas/records/control_part.h"

// The training rounds of a project: answers come one after the other, a round ends as they were, and who passed is told
// to their account part. Whether an answer was right is not looked into: it is kept nowhere.
namespace tally::audit {

class TrainingCheck {
 public:
  // Each gives why it cannot be; empty: it can.
  [[nodiscard]] std::string_view begin(AccountId owner, const Training& training);
  [[nodiscard]] std::string_view on(const TrainingAnswered& r);
  [[nodiscard]] std::string_view on(const TrainingEnded& r);
  [[nodiscard]] std::string_view on(PartId to, const QualificationEarned& mail);

  // Whose round should have ended, or whose qualification should have been told.
  [[nodiscard]] std::optional<AccountId> unfinished() const;

 private:
  struct Trainee {
    std::int64_t answered = 0;  // In the round under way; all: it has not ended yet.
    std::int64_t right = 0;
    std::int64_t rounds = 0;
    bool is_passed = false;
    std::optional<std::int64_t> score_due;  // To be told.
  };
  [[nodiscard]] std::int64_t tasks() const { return static_cast<std::int64_t>(training_.tasks.size()); }

  Training training_;
  std::string grants_;  // To whom passes, by the name that its owner's projects give; empty: nothing.
  std::map<AccountId, Trainee> trainees_;
};

}  // namespace tally::audit
