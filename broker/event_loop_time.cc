#include <algorithm>
#include <utility>

#include "broker/event_loop.h"

// What the event loop does because time has passed: ticks, care for what is in memory, and the time in which nobody was
// served.
namespace tally::broker {
namespace {

constexpr Duration tick_every{200};
constexpr Duration stopped_after{2'000};    // Without a round, though none is further from the next than a tick.
constexpr Duration hangs_after{10'000};     // A commit: a disk that is slow, and not more than that, is none of this.
constexpr Duration ticks_end_after{1'000};  // A commit: should it hang, no deadline has passed meanwhile.
constexpr Duration care_every_max{2'000};
// A lease is renewed when less than 70 % of it is left, and must not run out before the next look.
constexpr std::int64_t cares_per_lease = 4;
// A part whose patience is over, and whose tasks may still find workers, is due all the time: it is looked at so often.
constexpr Duration round_of_due{3'600'000};
constexpr Duration first_round_of_due{60'000};  // Until what another broker had is ours.

}  // namespace

// Nothing, while there is something to do that waits for nobody.
Duration EventLoop::time_to_wait() const {
  const Time now = clock_.now();
  const bool can_serve = core_.has_more_to_serve() && can_tick();
  const bool can_decide = (!commands_.empty() || can_serve) && may_decide();
  const bool can_commit = !group_.empty() && !in_flight_ && now >= commit_not_before_;
  if (can_decide || can_commit) return Duration{0};
  const Time next = can_tick() ? std::min(next_tick_, core_.next_step()) : next_tick_;
  return std::clamp(next - now, Duration{1}, tick_every);
}

bool EventLoop::can_tick() const {
  const bool may_hang = in_flight_ && clock_.now() - pushed_at_ >= ticks_end_after;
  return is_ready() && away_since_ == never && !may_hang;
}

void EventLoop::tick_if_due() {
  const Time now = clock_.now();
  if (!can_tick()) next_tick_ = std::max(next_tick_, now + tick_every);  // Nothing is to do until then.
  const bool is_due = now >= next_tick_;
  if (can_tick() && may_decide() && (is_due || now >= core_.next_step() || core_.has_more_to_serve())) {
    apply(core::Tick{});
    if (is_due) put_away_idle();
    if (is_due) next_tick_ = now + tick_every;
  }
  if (now < next_care_) return;
  next_care_ = now + std::min(care_every_max, Duration{config_.lease.ms / cares_per_lease});
  rates_.forget_idle(now);
  if (now >= next_round_of_due_) {
    next_round_of_due_ = now + (next_round_of_due_ == Time{} ? first_round_of_due : round_of_due);
    due_after_ = {};
  }
  if (!is_caring_) {
    is_caring_ = true;
    hands_.loader.push(CareForParts{is_house_ours_ ? core_.loaded() : std::vector<PartId>(), now, served_until(),
                                    due_after_, is_house_ours_ && to_wake_.empty(), std::exchange(outages_, {})});
  }
  load_those_put_off();
}

void EventLoop::load_those_put_off() {
  if (std::exchange(reads_catalogue_later_, false) && missing_account_parts_ == 0 && !has_catalogue_) {
    hands_.loader.push(ReadCatalogue{});
  }
  for (const PartId part : std::exchange(load_later_, {})) load(part);
}

// Nothing can be acknowledged while the database is away, so no deadline may pass meanwhile: there are no ticks, and
// deadlines move when it is back.
void EventLoop::look_at_database() {
  const Time now = clock_.now();
  // One that hangs without saying so is away too, from the time when it was given something to store.
  const bool away = hands_.is_away() || hangs();
  if (away && away_since_ == never) {
    away_since_ = hangs() ? pushed_at_ : now;
    hands_.log.warn("event=database_away");
  }
  if (away || !may_decide()) return;
  if (away_since_ != never) {
    const Duration length = now - std::exchange(away_since_, never);
    hands_.log.warn("event=database_back after_ms=" + std::to_string(length.ms));
    not_served_.ms += length.ms;
  }
  if (not_served_.ms <= 0) return;
  const Duration length = std::exchange(not_served_, {});
  outages_.push_back({now, length});
  are_outages_noted_ = false;
  next_care_ = now;
  apply(core::Outage{length.ms});
}

// The loop never sleeps long: where much more time has passed since it last looked, the process was stopped. Nobody
// could hand anything in meanwhile, as when the database is away.
void EventLoop::look_at_clock() {
  const Time now = clock_.now();
  if (is_ready()) {
    unready_since_ = never;
  } else if (unready_since_ == never) {
    unready_since_ = now;
  }
  const Time last = std::exchange(looked_at_clock_, now);
  const bool has_begun = is_started_ && has_catalogue_;
  if (last == never || now - last < stopped_after || away_since_ != never || !has_begun) return;
  const Duration since = now - last;
  hands_.log.warn("event=was_stopped for_ms=" + std::to_string(since.ms));
  not_served_.ms += since.ms;
  pushed_at_ = now;  // What was being stored was stopped too, and that is counted.
}

// What a sign of life may say: else a broker that dies before it has noted an outage would have served all through it.
Time EventLoop::served_until() const {
  if (away_since_ != never) return away_since_;
  return Time{clock_.now().ms - not_served_.ms};
}

bool EventLoop::hangs() const { return in_flight_ && clock_.now() - pushed_at_ >= hangs_after; }

// Rather than to let everybody wait in silence, for room in a group or for what another broker has.
bool EventLoop::refuses_all() const {
  const Time since = std::min(away_since_, unready_since_);
  return since != never && clock_.now() - since >= config_.away_after;
}

void EventLoop::put_away_idle() {
  for (const PartId part : core_.leavers(clock_.now())) {
    if (!is_durable(part)) continue;
    core_.put_away(part);
    group_.forget(part);
  }
}

}  // namespace tally::broker
