#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/assert.h"

// The names of things. Every id carries the part it lives in, so that a command finds its owner without a look-up.
namespace tally {

template <class Tag>
struct Id {
  std::int64_t value = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

// A person or program with a role. account = counter * account_parts + account part, so the part follows from the id.
using AccountId = Id<struct AccountTag>;
// A requester's batch. Numbered by the account part of its requester in the same way; project 0 is the house itself.
using ProjectId = Id<struct ProjectTag>;
// A run of one project's tasks, or its control part (part 0), or (in project 0) an account part.
using PartId = Id<struct PartTag>;

// People are spread over this many account parts by their id. Fixed for the life of a database.
inline constexpr std::int64_t account_parts = 16;
// part_id = project_id * 2^20 + part_no.
inline constexpr std::int64_t parts_per_project = std::int64_t{1} << 20;
// So that every part of a project has a number in 64 bits.
inline constexpr std::int64_t project_max = (std::int64_t{1} << 43) - 1;

// The platform itself: owner of fees. No person; lives in account part 0.
inline constexpr AccountId house_account{0};

[[nodiscard]] constexpr PartId part_of(ProjectId project, std::int64_t part_no) {
  return PartId{project.value * parts_per_project + part_no};
}
[[nodiscard]] constexpr PartId control_part_of(ProjectId project) { return part_of(project, 0); }
[[nodiscard]] constexpr ProjectId project_of(PartId part) { return ProjectId{part.value / parts_per_project}; }
[[nodiscard]] constexpr std::int64_t part_no_of(PartId part) { return part.value % parts_per_project; }
[[nodiscard]] constexpr PartId account_part_of(AccountId account) { return PartId{account.value % account_parts}; }
[[nodiscard]] constexpr bool is_account_part(PartId part) { return project_of(part).value == 0; }
[[nodiscard]] constexpr bool is_control_part(PartId part) { return !is_account_part(part) && part_no_of(part) == 0; }
[[nodiscard]] constexpr bool is_task_part(PartId part) { return !is_account_part(part) && part_no_of(part) != 0; }

// What is numbered within its part, from 1 on.
template <class Tag>
struct PartNumber {
  PartId part;
  std::int32_t no = 0;
  friend auto operator<=>(const PartNumber&, const PartNumber&) = default;
};
using TaskId = PartNumber<struct TaskTag>;
using AssignmentId = PartNumber<struct AssignmentTag>;
using TransferId = PartNumber<struct TransferTag>;

// The text form that people and JSON see: a letter, then project, part and number: t17.1.204 (task), a17.1.9
// (assignment), m17.1.33 (transfer: a movement of money). Projects and accounts are plain numbers.
[[nodiscard]] std::string to_text(TaskId id);
[[nodiscard]] std::string to_text(AssignmentId id);
[[nodiscard]] std::string to_text(TransferId id);
[[nodiscard]] std::string to_text(PartId id);  // p17.1

[[nodiscard]] std::optional<TaskId> task_id_from(std::string_view text);
[[nodiscard]] std::optional<AssignmentId> assignment_id_from(std::string_view text);
[[nodiscard]] std::optional<TransferId> transfer_id_from(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> whole_number_from(std::string_view text);

}  // namespace tally
