#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/mail.h"
#include "schemas/messages/requester.h"

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

}  // namespace tally
