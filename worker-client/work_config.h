#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schemas/ids.h"
#include "schemas/time.h"

namespace tally::worker {

// How to work, whoever does it.
struct WorkConfig {
  std::optional<ProjectId> project;       // Of which to work; without: of any.
  std::optional<std::int64_t> count_max;  // Answers, then it ends.
  bool stop_when_idle = false;            // It ends when there was no work for idle_wait.
  Duration idle_wait{2'000};

  // From the broker's welcome.
  std::string currency;
  std::int64_t answers_per_message_max = 1;
  std::int64_t leases_max = 1;

  Duration poll{5'000};       // How long a pull waits at the broker.
  Duration patience{10'000};  // When stopping: how long for the last replies.
};

}  // namespace tally::worker
