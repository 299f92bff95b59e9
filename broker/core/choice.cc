#include "broker/core/choice.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "broker/core/dispatch.h"
#include "common/aggregation/skill.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

namespace tally::core {
namespace {

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t gold_rate_min = 20'000;
constexpr std::int64_t check_rate_divisor_max = 10;

// The next task of one kind that this worker has not had: of those that it has passed, one that has a place again; else
// going on from where it last looked.
std::optional<std::int32_t> find_task(const TaskPart& tasks, PlaceKind kind, TaskCursor& cursors, AccountId worker) {
  const Places& places = tasks.of(kind);
  TaskCursor::InKind& cursor = cursors.in[static_cast<std::size_t>(kind)];
  for (; cursor.seen < places.joined.size(); ++cursor.seen) {
    if (planted(Bug::cursor_skips_tasks)) continue;
    const std::int32_t no = places.joined[cursor.seen];
    if (no < cursor.next_task && places.tasks.contains(no) && !had(tasks, no, worker)) return no;
  }
  while (const std::int32_t no = places.tasks.first_from(cursor.next_task)) {
    cursor.next_task = no + 1;
    if (!had(tasks, no, worker)) return no;
  }
  return std::nullopt;
}

// All that joined before a worker's first look is found by number.
TaskCursor first_look(const TaskPart& tasks) {
  TaskCursor cursor;
  for (std::size_t i = 0; i < place_kinds; ++i) cursor.in[i].seen = tasks.places[i].joined.size();
  return cursor;
}

TaskCursor& cursor_of(Part& part, AccountId worker) {
  const auto known = part.care.cursors.find(worker);
  if (known != part.care.cursors.end()) return known->second;
  return part.care.cursors.emplace(worker, first_look(part.tasks())).first->second;
}

// Trust in a worker by the gold that was answered: so many right answers in excess.
std::int64_t trust_of(const Standing& on_gold) {
  const std::int64_t wrong = on_gold.gold - on_gold.right;
  return std::max<std::int64_t>(0, on_gold.right - 2 * wrong);
}

// By lot, from what nobody foresees who does not know the project's salt, and everybody can check who does.
bool is_drawn(const TaskPart& tasks, AccountId worker, std::string_view what, std::int64_t rate_ppm) {
  if (rate_ppm == 0) return false;
  const auto leased = tasks.leased.find(worker);
  const std::int64_t before = leased == tasks.leased.end() ? 0 : leased->second;
  std::string salt = tasks.created.salt.value;
  salt.append(what).append(std::to_string(tasks.created.first_item)).append("/").append(std::to_string(worker.value));
  return aggregation::is_drawn_for_audit(salt, before, rate_ppm);
}

// Known to be right more often than the crowd, over all fields.
bool is_better_than_most(const TaskPart& tasks, AccountId worker) {
  aggregation::SkillCounts::Rightness own;
  aggregation::SkillCounts::Rightness all;
  for (const auto& [field_no, model] : tasks.models) {
    const auto add = [](auto& to, const auto& more) {
      to.right += more.right;
      to.all += more.all;
    };
    add(own, model.rightness_of(worker));
    add(all, model.rightness_of_crowd());
  }
  constexpr std::int64_t steps = 1'000;  // Counts stay below what this many times fits.
  return own.all > 0 && all.all > 0 && own.right * steps / own.all > all.right * steps / all.all;
}

Standing on_gold(const Turn& turn, const Part& part, AccountId worker) {
  const Part* control = turn.loaded(control_part_of(project_of(part.id)));
  TALLY_ASSERT(control != nullptr);
  const auto found = control->control().gold.find(worker);
  return found == control->control().gold.end() ? Standing{} : found->second;
}

// A task that measures the worker, when the lot says so.
std::optional<std::int32_t> choose_measure(const Turn& turn, const Part& part, TaskCursor& cursors, AccountId worker) {
  const TaskPart& tasks = part.tasks();
  const bool has_gold = !tasks.of(PlaceKind::gold).tasks.empty();
  const bool has_checks = !tasks.of(PlaceKind::check).tasks.empty();
  if (!has_gold && !has_checks) return std::nullopt;
  const Standing standing = on_gold(turn, part, worker);
  if (has_gold && is_drawn(tasks, worker, "gold", gold_rate_ppm(standing))) {
    if (const auto found = find_task(tasks, PlaceKind::gold, cursors, worker)) return found;
  }
  const std::int64_t share = tasks.created.spec.redundancy.checks_ppm;
  if (has_checks && is_drawn(tasks, worker, "check", check_rate_ppm(standing, share))) {
    return find_task(tasks, PlaceKind::check, cursors, worker);
  }
  return std::nullopt;
}

}  // namespace

std::int64_t gold_rate_ppm(const Standing& on_gold) {
  return std::max(gold_rate_min, million / (3 + 2 * trust_of(on_gold)));
}

std::int64_t check_rate_ppm(const Standing& on_gold, std::int64_t share_ppm) {
  return std::max(share_ppm / check_rate_divisor_max, 3 * share_ppm / (3 + 2 * trust_of(on_gold)));
}

std::optional<std::int32_t> choose_task(const Turn& turn, Part& part, AccountId worker) {
  const TaskPart& tasks = part.tasks();
  TaskCursor& cursors = cursor_of(part, worker);
  if (!tasks.created.spec.redundancy.is_by_skill()) return find_task(tasks, PlaceKind::fresh, cursors, worker);
  if (const auto measure = choose_measure(turn, part, cursors, worker)) return measure;
  std::array<PlaceKind, 3> order{PlaceKind::fresh, PlaceKind::hard, PlaceKind::gold};
  if (is_better_than_most(tasks, worker)) std::swap(order[0], order[1]);
  for (const PlaceKind kind : order) {
    if (const auto found = find_task(tasks, kind, cursors, worker)) return found;
  }
  return std::nullopt;
}

}  // namespace tally::core
