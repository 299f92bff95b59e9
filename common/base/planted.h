#pragma once

#include <array>
#include <optional>
#include <string_view>

// Bugs that are planted on purpose, one at a time, to see whether the simulator finds them. They exist in a build with
// TALLY_PLANTED_BUGS alone, which no release build has; in every other planted() is false for the compiler.
namespace tally {

enum class Bug {
  // Of those who wrote down what a simulator should find, before there was one:
  acknowledge_before_commit,
  no_fence,
  wrong_record_order,
  double_sweep,
  lost_lease,
  deadline_off_by_outage,
  mail_applied_twice,
  outbox_not_sent_again,
  epoch_not_raised,
  snapshot_without_outbox,
  cursor_skips_tasks,
  payout_twice_on_resend,
  verdict_before_quorum,
  fee_rounded_down,
  refund_twice,
  command_not_kept,
  cap_forgotten_after_reload,
  reply_from_undone_group,
  in_doubt_taken_for_stored,
  places_not_freed_on_expiry,
  late_answer_beyond_max,
  // Of those who wrote it; three were real:
  mail_forgotten_before_it_arrived,
  arrived_mail_forgotten_after_reload,
  reply_ahead_of_the_group_in_flight,
  outage_moves_no_deadline,
  task_given_twice,
  review_never_falls_due,
  pays_who_disagrees,
  fenced_parts_alone_are_read_again,
  stand_by_takes_parts,
  deadline_checked_before_key,
  training_passed_below_mark,
  training_earns_nothing,
  requirement_not_asked,
  rule_brings_back,
  gold_not_measured,
  gold_measured_twice,
  item_told_by_skill,
  theta_not_borne_out,
  none,
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Bug::none)> bug_names{
    "acknowledge_before_commit",
    "no_fence",
    "wrong_record_order",
    "double_sweep",
    "lost_lease",
    "deadline_off_by_outage",
    "mail_applied_twice",
    "outbox_not_sent_again",
    "epoch_not_raised",
    "snapshot_without_outbox",
    "cursor_skips_tasks",
    "payout_twice_on_resend",
    "verdict_before_quorum",
    "fee_rounded_down",
    "refund_twice",
    "command_not_kept",
    "cap_forgotten_after_reload",
    "reply_from_undone_group",
    "in_doubt_taken_for_stored",
    "places_not_freed_on_expiry",
    "late_answer_beyond_max",
    "mail_forgotten_before_it_arrived",
    "arrived_mail_forgotten_after_reload",
    "reply_ahead_of_the_group_in_flight",
    "outage_moves_no_deadline",
    "task_given_twice",
    "review_never_falls_due",
    "pays_who_disagrees",
    "fenced_parts_alone_are_read_again",
    "stand_by_takes_parts",
    "deadline_checked_before_key",
    "training_passed_below_mark",
    "training_earns_nothing",
    "requirement_not_asked",
    "rule_brings_back",
    "gold_not_measured",
    "gold_measured_twice",
    "item_told_by_skill",
    "theta_not_borne_out"};

[[nodiscard]] constexpr std::optional<Bug> bug_from(std::string_view name) {
  for (std::size_t i = 0; i < bug_names.size(); ++i) {
    if (bug_names[i] == name) return static_cast<Bug>(i);
  }
  return std::nullopt;
}

#ifdef TALLY_PLANTED_BUGS
inline constexpr bool can_plant = true;
inline Bug planted_bug = Bug::none;  // Set before anything runs.
[[nodiscard]] inline bool planted(Bug bug) { return planted_bug == bug; }
inline void plant(Bug bug) { planted_bug = bug; }
#else
inline constexpr bool can_plant = false;
[[nodiscard]] constexpr bool planted(Bug) { return false; }
inline void plant(Bug) {}
#endif

}  // namespace tally
