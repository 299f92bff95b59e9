#pragma once

#include <optional>
#include <string>

#include "broker/core/core.h"

// Who may work on a project. Inside the core only.
namespace tally::core {

struct Ineligible {
  NoWork why = NoWork::not_qualified;
  std::string missing;   // For people.
  bool is_final = true;  // Work on this project does not change it: a training round that may still be passed would.
};

// Nothing: the worker may. The account parts are in memory.
[[nodiscard]] std::optional<Ineligible> why_not_eligible(const std::map<PartId, Part>& parts,
                                                         const ControlPart& control, AccountId worker);
// The same without the training round.
[[nodiscard]] std::optional<Ineligible> why_not_qualified(const std::map<PartId, Part>& parts,
                                                          const ControlPart& control, AccountId worker);

// The worker may, now or after the training round. Says nothing of places.
[[nodiscard]] bool may_work_yet(const std::map<PartId, Part>& parts, const ControlPart& control, AccountId worker);

}  // namespace tally::core
