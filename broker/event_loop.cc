#include "broker/event_loop.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "common/base/planted.h"

namespace tally::broker {
namespace {

constexpr PartId house_part = account_part_of(house_account);
constexpr std::uint64_t console = UINT64_MAX;  // The channel of the broker's own terminal.
constexpr int requests_per_round = 256;
constexpr std::int64_t groups_one_by_one = 64;
constexpr std::size_t wakes_at_a_time = 2;
constexpr Duration refused_delay_max{30'000};

Served served_by(const Request& request) {
  return std::visit([](const auto& message) { return std::decay_t<decltype(message)>::served; }, request);
}
RoleSet roles_of(const Request& request) {
  return std::visit([](const auto& message) { return std::decay_t<decltype(message)>::roles; }, request);
}
bool is_audit(const Request& request) {
  return std::holds_alternative<VerifyAudit>(request) || std::holds_alternative<TraceAudit>(request);
}

core::Peer sender_of(const transport::Incoming& incoming) {
  return {incoming.channel, incoming.request_id, incoming.key, incoming.on_behalf};
}

core::CatalogueEntry entry_of(const storage::CatalogueProject& project) {
  core::CatalogueEntry entry;
  entry.owner = project.owner;
  entry.state = project.state;
  entry.deadline_ms = project.deadline_ms;
  entry.tasks_per_worker_max = project.tasks_per_worker_max;
  entry.keeps_workers = project.keeps_workers;
  entry.pull_by_item = project.pull_by_item;
  entry.part_size = project.part_size;
  entry.items = project.items;
  entry.open_parts = core::OpenParts(project.open_parts);
  return entry;
}

SnapshotRule snapshot_rule(const Config& config) { return {config.snapshot_every, config.snapshot_growth}; }

ReplyFiller::Facts facts_of(const Config& config, const EventLoop::Hands& hands) {
  ReplyFiller::Facts facts;
  facts.welcome.broker_version = TALLY_VERSION;
  facts.welcome.currency = config.currency;
  facts.welcome.items_per_post_max = config.items_per_post_max;
  facts.welcome.submits_per_message_max = config.submits_per_message_max;
  facts.port = hands.door.port();
  facts.invitation = hands.invitation_line;
  return facts;
}

}  // namespace

EventLoop::EventLoop(const Config& config, Hands hands)
    : config_(config),
      hands_(std::move(hands)),
      clock_(hands_.clock),
      core_(config.core),
      group_(snapshot_rule(config)),
      rates_(config.messages_per_second, config.messages_burst),
      enrolments_(config.enrolments_per_second, config.enrolments_per_second),
      filler_(hands_.contents, facts_of(config, hands_), config.item_cache_bytes,
              static_cast<std::size_t>(config.replies_waiting_max)) {
  load_account_parts();
}

void EventLoop::round() {
  take_results();
  look_at_clock();
  look_at_database();
  tick_if_due();
  take_commands();
  take_requests();
  wake_some();
  commit_if_ready();
  send_ready();
}

void EventLoop::last_round() {
  take_results();
  send_ready();
}

bool EventLoop::is_durable(PartId part) const {
  return !group_.touches(part) && !std::binary_search(parts_in_flight_.begin(), parts_in_flight_.end(), part);
}

// ---- Deciding -------------------------------------------------------------------------------------------------------

// Whether another command may join the open group. Before the catalogue is known nothing is decided: what it says would
// take back what was.
bool EventLoop::may_decide() const {
  if (!has_catalogue_) return false;
  if (one_by_one_ > 0) return group_.empty() && !in_flight_;
  const auto waiting_max = static_cast<std::size_t>(config_.replies_waiting_max);
  if (open_.replies.size() + flight_.replies.size() >= waiting_max) return false;
  return group_.records() < config_.group_records_max && group_.bytes() < config_.group_bytes_max;
}

void EventLoop::take_commands() {
  while (!commands_.empty() && may_decide()) {
    core::Command command = std::move(commands_.front());
    commands_.pop_front();
    apply(std::move(command));
  }
}

void EventLoop::take_requests() {
  for (int i = 0; i < requests_per_round && takes_requests(); ++i) {
    auto incoming = hands_.door.receive();
    if (!incoming) return;
    take(std::move(*incoming));
    take_commands();
  }
}

// How long its sender has to wait before another message is taken.
std::optional<Duration> EventLoop::may_not_yet(const transport::Incoming& incoming, Time now) {
  if (incoming.is_enrolment) return enrolments_.ask("", now);
  if (incoming.on_behalf.empty()) return rates_.ask(incoming.key, now);
  // By the account once it is proved: else whoever makes up a name would have a rate of its own, or use up another's.
  const core::Peer sender = sender_of(incoming);
  const bool is_proved = core_.admit(sender, people_and_gateways, now).has_value();
  return rates_.ask(is_proved ? core::client_of(sender) : incoming.key, now);
}

void EventLoop::take(transport::Incoming incoming) {
  const Time now = clock_.now();
  const auto wait = may_not_yet(incoming, now);
  if (wait) {
    return refuse(incoming, {RefusalCode::rate_exceeded, "too many messages; the next one is taken after a pause",
                             std::max<std::int64_t>(wait->ms, 1)});
  }
  if (incoming.refusal) return refuse(incoming, std::move(*incoming.refusal));
  if (refuses_all()) {
    const char* why = is_ready() ? "the database does not answer just now; nothing was done"
                                 : "this broker waits for its database, or for another broker; nothing was done";
    return refuse(incoming, {RefusalCode::unavailable, why, 2'000});
  }
  if (auto objection = objection_to(incoming.request, config_)) return refuse(incoming, std::move(*objection));
  if (served_by(incoming.request) == Served::reader) {
    const RoleSet roles = roles_of(incoming.request);
    const bool audit = is_audit(incoming.request);
    return read(std::move(incoming), roles, audit);
  }
  core::Input input;
  input.body_digest = incoming.body_digest;
  input.bytes = incoming.bytes;
  input.from = {incoming.channel, incoming.request_id, std::move(incoming.key), std::move(incoming.on_behalf)};
  input.command = std::move(incoming.request);
  apply(std::move(input));
}

void EventLoop::read(transport::Incoming incoming, RoleSet roles, bool is_audit) {
  const auto who = core_.admit(sender_of(incoming), roles, clock_.now());
  if (!who) return refuse(incoming, who.error());
  Reader& reader = is_audit ? hands_.audits : hands_.reads;
  if (reader.under_way() >= static_cast<std::size_t>(config_.reads_waiting_max)) {
    return refuse(incoming, {RefusalCode::busy, "too many lists and exports are asked for just now", 1'000});
  }
  reader.push({incoming.channel, incoming.request_id, std::move(incoming.request), *who, clock_.now()});
}

void EventLoop::refuse(const transport::Incoming& incoming, Refusal refusal) {
  hands_.door.send(incoming.channel, incoming.request_id,
                   Refused{refusal.code, std::move(refusal.detail), refusal.retry_after_ms});
}

void EventLoop::apply(core::Command command, core::Peer from) {
  core::Input input;
  input.from = std::move(from);
  input.command = std::move(command);
  apply(std::move(input));
}

void EventLoop::apply(core::Input input) {
  input.at = clock_.now();
  input.entropy = hands_.entropy();
  hold(core_.apply(input));
  const bool is_alone = one_by_one_ > 0 && !group_.empty() && std::holds_alternative<Request>(input.command);
  lone_peer_ = is_alone ? std::optional(input.from) : std::nullopt;
}

// Everything but loading waits until what was decided up to here is durable.
void EventLoop::hold(core::Effects effects) {
  for (const PartId part : effects.load) load(part);
  to_wake_.insert(to_wake_.end(), effects.load_in_between.begin(), effects.load_in_between.end());
  for (const core::OutgoingReply& reply : effects.replies) filler_.prefetch(reply.reply);
  group_.add(effects);
  Held held{std::move(effects.replies), std::move(effects.deliver), std::move(effects.forget), std::move(effects.keys)};
  if (planted(Bug::acknowledge_before_commit)) return release(std::move(held));
  if (planted(Bug::mail_forgotten_before_it_arrived)) release({{}, {}, std::exchange(held.forget, {}), {}});
  const bool is_early = group_.empty() && planted(Bug::reply_ahead_of_the_group_in_flight);
  if ((group_.empty() && !in_flight_) || is_early) return release(std::move(held));
  Held& to = group_.empty() ? flight_ : open_;
  std::move(held.replies.begin(), held.replies.end(), std::back_inserter(to.replies));
  std::move(held.deliver.begin(), held.deliver.end(), std::back_inserter(to.deliver));
  std::move(held.forget.begin(), held.forget.end(), std::back_inserter(to.forget));
  std::move(held.keys.begin(), held.keys.end(), std::back_inserter(to.keys));
}

void EventLoop::release(Held held) {
  for (const core::KeyChange& change : held.keys) {
    if (!change.removed.empty()) hands_.door.expel(change.removed);
    hands_.door.admit(change.added);
  }
  for (core::OutgoingReply& reply : held.replies) filler_.push(std::move(reply));
  commands_.insert(commands_.end(), held.deliver.begin(), held.deliver.end());
  commands_.insert(commands_.end(), held.forget.begin(), held.forget.end());
}

// ---- Making durable -------------------------------------------------------------------------------------------------

void EventLoop::commit_if_ready() {
  if (in_flight_ || group_.empty() || clock_.now() < commit_not_before_) return;
  parts_in_flight_ = group_.parts();
  flight_ = std::exchange(open_, {});
  lone_in_flight_ = std::exchange(lone_peer_, std::nullopt);
  in_flight_ = true;
  pushed_at_ = clock_.now();
  hands_.committer.push(group_.close(core_, clock_.now()));
}

void EventLoop::committed(storage::CommitOutcome outcome) {
  in_flight_ = false;
  if (outcome != storage::CommitOutcome::stored) {
    const bool is_fenced = outcome == storage::CommitOutcome::fenced;
    hands_.log.error("event=" + std::string(is_fenced ? "group_fenced" : "group_refused") +
                     " parts=" + std::to_string(parts_in_flight_.size()));
    return is_fenced && !planted(Bug::fenced_parts_alone_are_read_again) ? begin_anew() : undo();
  }
  refused_in_row_ = 0;
  if (one_by_one_ > 0) --one_by_one_;
  parts_in_flight_.clear();
  release(std::exchange(flight_, {}));
}

// Nothing of the group was stored. Later decisions may stand on it, so all that was decided since is forgotten, and the
// parts are read again. Clients send again; then commands go one by one, so that a bad one fails alone.
void EventLoop::undo() {
  std::set<PartId> parts(parts_in_flight_.begin(), parts_in_flight_.end());
  for (const PartId part : group_.parts()) parts.insert(part);
  if (lone_in_flight_) {
    filler_.push({lone_in_flight_->channel, lone_in_flight_->request,
                  Refused{RefusalCode::internal_error, "the broker could not store this; it was not carried out", 0}});
  }
  // Mail between parts that stay is not forgotten with the others.
  const auto stays = [&](PartId from, std::int64_t no) {
    const core::Part* sender = parts.contains(from) ? nullptr : core_.find(from);
    const auto mail = sender == nullptr ? nullptr : core::find_mail(*sender, no);
    return mail != nullptr && !parts.contains(mail->to);
  };
  for (const Held* held : {&flight_, &open_}) {
    for (const core::DeliverMail& mail : held->deliver) {
      if (!parts.contains(mail.from)) commands_.emplace_back(mail);
    }
    for (const core::ForgetMail& mail : held->forget) {
      if (stays(mail.from, mail.no)) commands_.emplace_back(mail);
    }
  }
  if (planted(Bug::reply_from_undone_group)) release(std::move(flight_));
  parts_in_flight_.clear();
  group_.clear();
  open_ = {};
  flight_ = {};
  lone_peer_.reset();
  lone_in_flight_.reset();
  one_by_one_ = groups_one_by_one;
  const std::int64_t delay_ms = std::min<std::int64_t>(refused_delay_max.ms, 100LL << std::min(refused_in_row_, 10L));
  commit_not_before_ = clock_.now() + Duration{refused_in_row_ == 0 ? 0 : delay_ms};
  ++refused_in_row_;
  // It may be another's when it is read again, and the catalogue with it.
  if (parts.contains(house_part)) is_house_ours_ = has_catalogue_ = false;
  for (const PartId part : parts) {
    core_.drop(part);
    group_.forget(part);
    if (is_control_part(part)) undone_controls_.insert(part);
    if (is_account_part(part)) {
      ++missing_account_parts_;
      is_started_ = false;  // A new database's first group may be what failed.
    }
    load(part);
  }
}

// Another broker has what we held for ours: it may have changed any part, and the catalogue, so nothing in memory is
// believed any more. As after a start; clients send again, those who waited for work at once.
void EventLoop::begin_anew() {
  for (const core::Peer& peer : core_.clear()) {
    filler_.push({peer.channel, peer.request,
                  Refused{RefusalCode::unavailable, "the broker begins anew just now; nothing was done", 1'000}});
  }
  group_ = GroupBuilder(snapshot_rule(config_));
  parts_in_flight_.clear();
  open_ = {};
  flight_ = {};
  lone_peer_.reset();
  lone_in_flight_.reset();
  commands_.clear();
  load_later_.clear();
  to_wake_.clear();
  due_after_ = {};
  undone_controls_.clear();
  // Whoever has what we held served meanwhile.
  away_since_ = never;
  not_served_ = {};
  outages_.clear();
  are_outages_noted_ = true;
  forgets_outages_ = is_caring_;
  missing_account_parts_ = account_parts;
  is_house_ours_ = false;
  is_house_lost_ = false;
  has_catalogue_ = false;
  reads_catalogue_later_ = false;
  is_started_ = false;
  load_account_parts();
}

void EventLoop::load_account_parts() {
  for (std::int64_t no = 0; no < account_parts; ++no) load(PartId{no});
}

// ---- What other hands have done -------------------------------------------------------------------------------------

void EventLoop::take_results() {
  while (auto outcome = hands_.committer.pop()) committed(*outcome);
  while (auto result = hands_.loader.pop()) {
    if (auto* read = std::get_if<ReadPart>(&*result)) {
      loaded(std::move(*read));
    } else if (const auto* failed = std::get_if<NotLoaded>(&*result)) {
      hands_.log.error("event=part_not_loaded part=" + to_text(failed->part) + " why=\"" + failed->why + '"');
      loading_.erase(failed->part);
      load_later_.push_back(failed->part);
    } else if (const auto* catalogue = std::get_if<storage::Catalogue>(&*result)) {
      learn(*catalogue);
    } else if (const auto* none = std::get_if<NoCatalogue>(&*result)) {
      hands_.log.error("event=catalogue_not_read why=\"" + none->why + '"');
      reads_catalogue_later_ = missing_account_parts_ == 0;  // Otherwise the last of them asks for it.
    } else {
      const auto& due = std::get<PartsDue>(*result);
      to_wake_.insert(to_wake_.end(), due.parts.begin(), due.parts.end());
      due_after_ = due.after;
      if (!std::exchange(forgets_outages_, false)) {
        outages_.insert(outages_.end(), due.outages_left.begin(), due.outages_left.end());
      }
      if (!std::exchange(are_outages_noted_, outages_.empty()) && are_outages_noted_) load_those_put_off();
      is_house_lost_ = is_house_lost_ || (due.is_house_lost && is_house_ours_);
      if (!due.trouble.empty()) hands_.log.error("event=care_failed why=\"" + due.trouble + '"');
      is_caring_ = false;
    }
  }
  // A group that is being stored has its own outcome first.
  if (is_house_lost_ && !in_flight_) {
    hands_.log.error("event=house_lost");
    begin_anew();
  }
  filler_.take_results();
  while (auto reply = hands_.reads.pop()) filler_.push(std::move(*reply));
  while (auto reply = hands_.audits.pop()) filler_.push(std::move(*reply));
}

// Of two brokers over one database the one that has the first account part gets all others, so that neither waits for
// what the other keeps.
void EventLoop::load(PartId part) {
  if (part != house_part && !is_house_ours_ && !planted(Bug::stand_by_takes_parts)) return load_later_.push_back(part);
  if (core_.find(part) != nullptr || !loading_.insert(part).second) return;
  hands_.loader.push(LoadPart{part});
}

void EventLoop::loaded(ReadPart read) {
  const PartId part = read.loaded.part;
  loading_.erase(part);
  // Read before the house was lost: it may be another's by now.
  if (part != house_part && !is_house_ours_ && !planted(Bug::stand_by_takes_parts)) return load_later_.push_back(part);
  undone_controls_.erase(part);
  if (part == house_part && !std::exchange(is_house_ours_, true)) load_those_put_off();
  // It is in memory already: the core hears that it was read, and keeps what it has.
  if (core_.find(part) != nullptr) return apply(std::move(read.loaded));
  // Perhaps read before its deadlines moved: once more.
  if (is_task_part(part) && !are_outages_noted_) return load_later_.push_back(part);
  if (read.loaded.exists) group_.learn(part, read.tail);
  const bool exists = read.loaded.exists;
  apply(std::move(read.loaded));
  if (!is_account_part(part)) return;
  if (exists) {
    for (const auto& [id, account] : core_.find(part)->accounts().accounts) {
      if (!account.key.value.empty()) hands_.door.admit(account.key.value);
    }
  }
  --missing_account_parts_;
  if (missing_account_parts_ > 0 || is_started_) return;
  if (has_catalogue_) {
    begin();
  } else {
    hands_.loader.push(ReadCatalogue{});
  }
}

void EventLoop::learn(const storage::Catalogue& catalogue) {
  // Begun anew since it was asked for: it is asked for again, or was.
  if (missing_account_parts_ > 0 || has_catalogue_) return;
  for (const auto& project : catalogue.projects) core_.add_to_catalogue(project.project, entry_of(project));
  has_catalogue_ = true;
  begin();
  to_wake_.insert(to_wake_.end(), catalogue.to_wake.begin(), catalogue.to_wake.end());
}

// In between what others wait for: after a start, or when a large project opens, there may be thousands of them.
void EventLoop::wake_some() {
  if (!is_house_ours_) return;
  while (!to_wake_.empty() && loading_.size() < wakes_at_a_time) {
    load(to_wake_.front());
    to_wake_.pop_front();
  }
}

void EventLoop::begin() {
  is_started_ = true;
  hands_.door.all_keys_admitted();
  apply(core::Bootstrap{hands_.invite_admin}, {console, 0, {}});
}

void EventLoop::send_ready() {
  while (auto reply = filler_.pop()) {
    if (reply->channel != console) {
      hands_.door.send(reply->channel, reply->request, reply->reply);
    } else if (const auto* invited = std::get_if<Invited>(&reply->reply)) {
      hands_.on_invitation(invited->line);
      hands_.invite_admin = false;  // Once is enough, though it may have been decided again.
    }
  }
}

}  // namespace tally::broker
