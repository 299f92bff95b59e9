#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/field.h"

// Every reason why a command is not carried out. A peer's mistake is a value, never an exception; a refusal changes
// nothing. Where several apply, the one first in this list is given.
namespace tally {

enum class RefusalCode {
  // The conversation
  protocol_mismatch,  // The peer speaks another version of the protocol.
  malformed,          // Not a message of this protocol; detail names the place.
  too_large,          // A frame, text, list or number is past its bound.
  unknown_message,    // No message has this number.
  rate_exceeded,      // More messages than this account may send; try again after retry_after_ms.
  busy,               // A queue of the broker is full; try again after retry_after_ms.
  unavailable,        // The database cannot be reached just now; nothing was done; try again.
  // Who
  not_enrolled,  // The key belongs to no account.
  account_suspended,
  role_not_allowed,  // This role may not send this message.
  on_behalf_not_granted,
  // Enrolment
  invitation_unknown,  // Wrong, used or expired code.
  key_in_use,          // The key belongs to another account.
  // Commands with a key
  key_reused,  // The same key came with another input.
  // Finding things
  account_not_found,
  project_not_found,
  task_not_found,
  assignment_not_found,
  transfer_not_found,
  not_yours,  // It exists and belongs to someone else.
  // Projects
  spec_invalid,        // detail names the field and the rule.
  items_invalid,       // detail names the item and the column.
  items_differ,        // Other items were already posted at this place.
  items_out_of_order,  // detail says which item is expected next.
  project_not_open,    // Not funded yet, paused, ended or cancelled; detail says which.
  project_ended,       // Nothing more can change it.
  deadline_invalid,
  // Money
  amount_invalid,
  balance_too_low,  // detail says how much is missing.
  not_reversible,
  // Work
  pull_by_item_not_allowed,
  already_had_task,  // This worker had the task before.
  tasks_per_worker_reached,
  too_many_leases,  // More open leases than one worker may hold.
  answer_invalid,   // detail names the field and the rule.
  already_answered_differently,
  lease_expired,  // The place was given to another.
  task_closed,
  not_skipped,
  // Qualifications and training
  not_qualified,          // detail says what is missing.
  training_over,          // There is none, it was passed, or it may not be tried again; detail says which.
  training_out_of_order,  // detail says whose turn it is.
  qualification_not_held,
  // Review
  not_under_review,  // Paid, refused, or of a project that does not review.
  // Our fault
  internal_error,  // The broker could not store the command; it was not carried out, and is logged.
};

template <>
struct EnumNames<RefusalCode> {
  static constexpr std::array<std::string_view, 45> names{"protocol_mismatch",
                                                          "malformed",
                                                          "too_large",
                                                          "unknown_message",
                                                          "rate_exceeded",
                                                          "busy",
                                                          "unavailable",
                                                          "not_enrolled",
                                                          "account_suspended",
                                                          "role_not_allowed",
                                                          "on_behalf_not_granted",
                                                          "invitation_unknown",
                                                          "key_in_use",
                                                          "key_reused",
                                                          "account_not_found",
                                                          "project_not_found",
                                                          "task_not_found",
                                                          "assignment_not_found",
                                                          "transfer_not_found",
                                                          "not_yours",
                                                          "spec_invalid",
                                                          "items_invalid",
                                                          "items_differ",
                                                          "items_out_of_order",
                                                          "project_not_open",
                                                          "project_ended",
                                                          "deadline_invalid",
                                                          "amount_invalid",
                                                          "balance_too_low",
                                                          "not_reversible",
                                                          "pull_by_item_not_allowed",
                                                          "already_had_task",
                                                          "tasks_per_worker_reached",
                                                          "too_many_leases",
                                                          "answer_invalid",
                                                          "already_answered_differently",
                                                          "lease_expired",
                                                          "task_closed",
                                                          "not_skipped",
                                                          "not_qualified",
                                                          "training_over",
                                                          "training_out_of_order",
                                                          "qualification_not_held",
                                                          "not_under_review",
                                                          "internal_error"};
};
static_assert(name_of(RefusalCode::internal_error) == "internal_error");

// A refusal as a value: the code for programs, the detail for people (what is wrong and what to do; no secrets).
struct Refusal {
  RefusalCode code = RefusalCode::internal_error;
  std::string detail;
  std::int64_t retry_after_ms = 0;  // More than zero: the same command may succeed later.

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace tally
