#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/forms/form.h"

// How a batch comes in: its worst case is reserved, its items are stored, and with the last of them it opens (mail.cc).
namespace tally::core {
namespace {

std::string bytes_of_entropy(const std::array<std::uint64_t, 4>& entropy) {
  std::string bytes;
  for (const std::uint64_t word : entropy) {
    for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((word >> shift) & 0xFFU);
  }
  return bytes;
}

std::int64_t bytes_of_values(const Item& item) {
  std::int64_t bytes = 0;
  for (const std::string& value : item.values) bytes += std::ssize(value);
  return bytes;
}

ProjectOpened opened(const std::vector<std::int64_t>& result) {
  return {ProjectId{result.at(0)}, Micros{result.at(1)}, result.at(2)};
}

// Announced, but the mail that makes its control part is under way.
bool is_on_its_way(const Turn& turn, AccountId owner, ProjectId project) {
  const Part* home = turn.loaded(account_part_of(owner));
  const bool is_numbered_there = project.value % account_parts == account_part_of(owner).value;
  return home != nullptr && is_numbered_there && project.value / account_parts < home->accounts().next_project;
}

// The training tasks are given by the control part alone; here their number is enough.
ProjectSpec spec_of_part(ProjectSpec spec) {
  for (TrainingTask& task : spec.training.tasks) task = TrainingTask{};
  return spec;
}

}  // namespace

void handle(const Turn& turn, const Identity& who, const OpenProject& open) {
  const PartId home = account_part_of(who.account);
  Part* part = turn.need(home);
  if (part == nullptr) return;
  const bool is_late = open.spec.deadline_ms != 0 && open.spec.deadline_ms <= turn.now_ms();
  if (planted(Bug::deadline_checked_before_key) && is_late) return turn.refuse(RefusalCode::spec_invalid, "");
  const auto kept = find_kept(turn, part->accounts().kept, who.account, open.key);
  if (!kept) return turn.refuse(kept.error());
  if (*kept != nullptr) return turn.reply(opened((*kept)->result));

  if (is_late) return turn.refuse(RefusalCode::spec_invalid, "deadline must be in the future");
  const Limits& limits = turn.state.limits;
  if (open.items < 1 || open.items > limits.items_per_project_max) {
    return turn.refuse(RefusalCode::items_invalid,
                       "a project has 1 to " + std::to_string(limits.items_per_project_max) + " items");
  }
  if (open.items > limits.part_size * (parts_per_project - 1)) {
    return turn.refuse(RefusalCode::items_invalid, "a project has at most " +
                                                       std::to_string(limits.part_size * (parts_per_project - 1)) +
                                                       " items; post the rest as another one");
  }
  const std::int64_t answers_max = open.answers_max > 0 ? open.answers_max : open.items * open.spec.redundancy.max;
  if (answers_max < open.items || answers_max > open.items * redundancy_max) {
    return turn.refuse(RefusalCode::items_invalid,
                       "answers_max must lie between one and " + std::to_string(redundancy_max) + " answers an item");
  }
  const Micros each = cost_of_answer(open.spec, limits.fee_ppm);
  const auto cost = times(each, answers_max);
  if (!cost) return turn.refuse(RefusalCode::amount_invalid, "the worst case of this batch is more than money can be");
  const SubAccount wallet{Fund::wallet, who.account};
  const Micros balance = part->ledger.balance(wallet);
  if (balance < *cost) {
    return turn.refuse(RefusalCode::balance_too_low,
                       "the worst case, fees included, is " + to_text(*cost) + "; the wallet has " + to_text(balance) +
                           ": " + to_text(*cost - balance) + " is missing; ask an admin to record a deposit");
  }
  // A counter of this account part, so that no two account parts give out the same number.
  // One whose part somebody has just asked for by guessing is left out: it would be there twice, made and read.
  ProjectId project{part->accounts().next_project * account_parts + home.value};
  while (turn.state.loading.contains(control_part_of(project))) project.value += account_parts;
  turn.emit(home, ProjectNumbered{project, who.account});
  // No need to look for the part that its first mail makes.
  note_absent(turn.state, control_part_of(project));
  turn.transfer(*part, TransferKind::reserve, wallet, transit, *cost);
  turn.mail(*part, control_part_of(project),
            OpenControl{who.account, open.spec, open.items, answers_max, limits.fee_ppm, limits.part_size,
                        Bytes{bytes_of_entropy(turn.input.entropy)}, *cost});
  const std::vector<std::int64_t> result{project.value, cost->value, limits.part_size};
  keep(turn, *part, who.account, open.key, result);
  turn.reply(opened(result));
}

void handle(const Turn& turn, const Identity& who, const PostItems& post) {
  const PartId control_id = control_part_of(post.project);
  if (!is_control_part(control_id) || turn.is_absent(control_id)) {
    if (is_on_its_way(turn, who.account, post.project)) {
      return turn.refuse(RefusalCode::busy, "the project is being made; send the items again in a moment", 50);
    }
    return turn.refuse(RefusalCode::project_not_found, "there is no project " + std::to_string(post.project.value));
  }
  Part* control_part = turn.need(control_id);
  if (control_part == nullptr) return;
  const ControlPart& control = control_part->control();
  if (control.opened.owner != who.account)
    return turn.refuse(RefusalCode::not_yours, "this project is another requester's");

  const std::int64_t size = control.opened.part_size;
  const auto count = std::ssize(post.items);
  if (count == 0 || post.first < 1 || post.first > control.opened.items ||
      count > control.opened.items - post.first + 1) {
    return turn.refuse(RefusalCode::items_out_of_order, "items 1 to " + std::to_string(control.opened.items) +
                                                            " were announced; these are " + std::to_string(count) +
                                                            " from " + std::to_string(post.first) + " on");
  }
  const std::int64_t part_no = (post.first - 1) / size + 1;
  if ((post.first + count - 2) / size + 1 != part_no) {
    return turn.refuse(RefusalCode::items_out_of_order,
                       "a message must not cross a multiple of " + std::to_string(size) + " items");
  }
  const PartId id = part_of(post.project, part_no);
  Part* part = nullptr;
  if (!turn.is_absent(id)) {
    part = turn.need(id);
    if (part == nullptr) return;
  }
  const auto first = static_cast<std::int32_t>((post.first - 1) % size + 1);
  const std::string digest = bytes_of(turn.input.body_digest);
  const auto here = part == nullptr ? 0 : std::ssize(part->tasks().tasks);
  if (first <= here) {
    const auto run = part->tasks().posts.find(first);
    if (run == part->tasks().posts.end() || run->second.digest.value != digest) {
      return turn.refuse(RefusalCode::items_differ, "other items were posted as " + std::to_string(post.first) +
                                                        " and on: the file has changed, or was cut in another way");
    }
    return turn.reply(ItemsPosted{post.first + count - 1});
  }
  if (control.state != ProjectState::posting) {
    return turn.refuse(RefusalCode::project_ended, "this project takes no more items");
  }
  if (first != here + 1) {
    return turn.refuse(RefusalCode::items_out_of_order,
                       "the next item of this part is " + std::to_string((part_no - 1) * size + here + 1));
  }
  TasksPosted posted{first, static_cast<std::int32_t>(count), Bytes{digest}, {}, 0, {}};
  std::int64_t answers = 0;
  const Redundancy& redundancy = control.opened.spec.redundancy;
  const bool own =
      std::any_of(post.items.begin(), post.items.end(), [](const Item& item) { return item.answers.has_value(); });
  for (std::size_t i = 0; i < post.items.size(); ++i) {
    const Item& item = post.items[i];
    const std::string item_no = std::to_string(post.first + static_cast<std::int64_t>(i));
    if (item.values.size() != control.opened.spec.columns.size()) {
      return turn.refuse(RefusalCode::items_invalid,
                         "item " + item_no + " has " + std::to_string(item.values.size()) + " values for " +
                             std::to_string(control.opened.spec.columns.size()) + " columns");
    }
    const std::int32_t wanted = item.answers.value_or(0);
    if (wanted < 0 || wanted > redundancy_max) {
      return turn.refuse(RefusalCode::items_invalid,
                         "item " + item_no + ": answers must lie between 1 and " + std::to_string(redundancy_max));
    }
    answers += wanted > 0 ? wanted : redundancy.max;
    if (own) posted.answers.push_back(wanted);
    if (!item.gold.empty()) {
      auto ballots = forms::gold_ballots(control.opened.spec.form, item.gold);
      if (!ballots) return turn.refuse(RefusalCode::items_invalid, "item " + item_no + ": " + ballots.error());
      posted.gold.push_back({first + static_cast<std::int32_t>(i), std::move(*ballots)});
    }
    posted.item_bytes_max = std::max(posted.item_bytes_max, bytes_of_values(item));
  }
  // What this part holds beyond what the control part has heard of counts too.
  const auto note = control.parts.find(part_no);
  const std::int64_t heard = note == control.parts.end() ? 0 : note->second.answers_max;
  const std::int64_t unheard = part == nullptr ? 0 : part->tasks().answers_max - heard;
  if (control.answers_posted + unheard + answers > control.opened.answers_max) {
    return turn.refuse(RefusalCode::items_invalid, "these items ask for more answers than were announced and reserved");
  }
  if (part == nullptr) {
    part = &turn.state.parts.emplace(id, empty_part(id)).first->second;
    turn.state.absent.erase(id);
    turn.emit(id, TaskPartCreated{control.opened.owner, spec_of_part(control.opened.spec), control.opened.fee_ppm,
                                  control.opened.salt, (part_no - 1) * size + 1});
  }
  part->care.used = turn.input.at;
  turn.emit(id, posted);
  for (std::size_t i = 0; i < post.items.size(); ++i) {
    turn.store(id, ContentKind::item, first + static_cast<std::int64_t>(i), post.items[i]);
  }
  turn.mail(*part, control_id, PartFilled{std::ssize(part->tasks().tasks), part->tasks().answers_max});
  turn.reply(ItemsPosted{post.first + count - 1});
}

}  // namespace tally::core
