#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/mail.h"
#include "schemas/messages/requester.h"
#include "schemas/standing.h"

// Records of control parts: a project as a whole. See schemas/records.h.
namespace tally {

struct ProjectCreated {
  static constexpr int number = 30;
  static constexpr const char* name = "project_created";

  OpenControl opened;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"opened", &ProjectCreated::opened}, Field{"at_ms", &ProjectCreated::at_ms}};
  }
};

struct ProjectStateChanged {
  static constexpr int number = 31;
  static constexpr const char* name = "project_state_changed";

  ProjectState state = ProjectState::open;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"state", &ProjectStateChanged::state}, Field{"at_ms", &ProjectStateChanged::at_ms}};
  }
};

struct DeadlineSet {
  static constexpr int number = 32;
  static constexpr const char* name = "deadline_set";

  std::int64_t deadline_ms = 0;

  static constexpr auto fields() { return std::tuple{Field{"deadline_ms", &DeadlineSet::deadline_ms}}; }
};

enum class PartStep {
  filled,   // posted and answers_max as its mail said
  funded,   // amount: its escrow
  closing,  // it was told to close
  done,     // amount: what came back
};
template <>
struct EnumNames<PartStep> {
  static constexpr std::array<std::string_view, 4> names{"filled", "funded", "closing", "done"};
};

// What the control part knows of one of its task parts.
struct PartNoted {
  static constexpr int number = 33;
  static constexpr const char* name = "part_noted";

  std::int64_t part_no = 0;
  PartStep step = PartStep::filled;
  std::int64_t posted = 0;
  std::int64_t answers_max = 0;
  Micros amount;

  static constexpr auto fields() {
    using S = PartNoted;
    return std::tuple{Field{"part_no", &S::part_no}, Field{"step", &S::step}, Field{"posted", &S::posted},
                      Field{"answers_max", &S::answers_max}, Field{"amount", &S::amount}};
  }
};

// A worker took (or gave back) a place, in a project that bounds the tasks of one worker.
struct WorkerCounted {
  static constexpr int number = 34;
  static constexpr const char* name = "worker_counted";

  AccountId worker;
  std::int64_t change = 1;

  static constexpr auto fields() {
    return std::tuple{Field{"worker", &WorkerCounted::worker}, Field{"change", &WorkerCounted::change}};
  }
};

// A worker's answer to a gold task or a check, in a project that keeps its workers.
struct GoldAnswered {
  static constexpr int number = 35;
  static constexpr const char* name = "gold_answered";

  AccountId worker;
  AssignmentId assignment;
  bool is_right = false;  // In each field whose truth is known.

  static constexpr auto fields() {
    return std::tuple{Field{"worker", &GoldAnswered::worker}, Field{"assignment", &GoldAnswered::assignment},
                      Field{"is_right", &GoldAnswered::is_right}};
  }
};

// A worker's answer to a training task, which come one after the other.
struct TrainingAnswered {
  static constexpr int number = 36;
  static constexpr const char* name = "training_answered";

  AccountId worker;
  std::int32_t no = 0;  // Of the tasks of the round, from 1.
  bool is_right = false;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = TrainingAnswered;
    return std::tuple{Field{"worker", &S::worker}, Field{"no", &S::no}, Field{"is_right", &S::is_right},
                      Field{"at_ms", &S::at_ms}};
  }
};

// With the answer to its last task a round is over.
struct TrainingEnded {
  static constexpr int number = 37;
  static constexpr const char* name = "training_ended";

  AccountId worker;
  std::int64_t right = 0;  // Of the tasks of the round.
  bool is_passed = false;

  static constexpr auto fields() {
    using S = TrainingEnded;
    return std::tuple{Field{"worker", &S::worker}, Field{"right", &S::right}, Field{"is_passed", &S::is_passed}};
  }
};

// What one of its parts learned is added to what the project knows.
struct SkillsLearned {
  static constexpr int number = 38;
  static constexpr const char* name = "skills_learned";

  std::int64_t part_no = 0;
  std::vector<FieldSkill> skills;  // By field.

  static constexpr auto fields() {
    return std::tuple{Field{"part_no", &SkillsLearned::part_no}, Field{"skills", &SkillsLearned::skills}};
  }
};

}  // namespace tally
