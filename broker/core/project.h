#pragma once

#include "broker/core/turn.h"

// Inside the core only.
namespace tally::core {

// The control part of a project that a request names; null: it was refused, for there is none, or waits for the part.
[[nodiscard]] Part* need_project(const Turn& turn, ProjectId project);
// The same of one that this account owns, or that an admin asks for.
[[nodiscard]] Part* need_own_project(const Turn& turn, const Identity& who, ProjectId project);

}  // namespace tally::core
