#pragma once

#include "broker/core/state.h"

namespace tally::core {

// A new, empty part of the kind that its id says.
[[nodiscard]] Part empty_part(PartId id);

// Makes the record true. Never decides, never refuses: a record that does not fit the state is our bug (or a journal
// that was tampered with, which the audit finds first).
void fold(Part& part, const Record& record);

// A part's data as a snapshot keeps it, and a part from it with its index made again.
struct PartImage {
  Ledger ledger;
  Postbox postbox;
  std::optional<AccountPart> accounts;  // One of the three.
  std::optional<ControlPart> control;
  std::optional<TaskPart> tasks;

  static constexpr auto fields() {
    using S = PartImage;
    return std::tuple{Field{"ledger", &S::ledger}, Field{"postbox", &S::postbox}, Field{"accounts", &S::accounts},
                      Field{"control", &S::control}, Field{"tasks", &S::tasks}};
  }
};
[[nodiscard]] PartImage image_of(const Part& part);
[[nodiscard]] Part part_from(PartId id, PartImage image);

}  // namespace tally::core
