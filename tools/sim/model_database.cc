#include "tools/sim/model_database.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "common/base/planted.h"
#include "tools/sim/model_rows.h"

namespace tally::sim {
namespace {

// The fence: who may write this batch.
bool passes(const Tables& tables, const storage::PartBatch& batch, const std::string& broker) {
  const auto found = tables.parts.find(batch.part);
  if (batch.created) return found == tables.parts.end();
  if (found == tables.parts.end()) return false;
  const PartRow& row = found->second;
  const bool is_ours = (row.owner == broker && row.epoch == batch.epoch) || planted(Bug::no_fence);
  return is_ours && row.commit_seq == batch.commit_seq - 1 && row.digest == batch.previous;
}

std::vector<PartId> to_wake(const Tables& tables) {
  std::set<PartId> parts;
  for (const auto& [mail, row] : tables.outbox) parts.insert(mail.first);
  for (const auto& [account, balance] : tables.sub_accounts) {
    const auto& [part, fund, owner] = account;
    if (balance <= 0 || (fund != Fund::earnings && fund != Fund::fees) || !is_task_part(part)) continue;
    const auto row = tables.parts.find(part);
    if (row != tables.parts.end() && (row->second.summary.state == 1 || row->second.summary.state == 2)) {
      parts.insert(part);
    }
  }
  return {parts.begin(), parts.end()};
}

}  // namespace

ModelDatabase::Attempt ModelDatabase::attempt(const storage::Group& group, const Owner& owner) {
  for (const storage::PartBatch& batch : group.parts) {
    if (!passes(tables_, batch, owner.broker)) return Attempt::missed;
  }
  Changes changes;
  for (const storage::PartBatch& batch : group.parts) {
    changes.put(tables_.parts, batch.part,
                PartRow{owner.broker, batch.epoch, now_() + owner.lease, batch.commit_seq, batch.at, batch.digest,
                        batch.summary});
    std::vector<BatchRow>& journal = tables_.batches[batch.part];
    if (std::ssize(journal) != batch.commit_seq - 1) return Attempt::refused;
    changes.append(journal, BatchRow{batch.epoch, batch.at, batch.encoded, batch.previous, batch.digest});
  }
  if (!write_rows(tables_, changes, group)) return Attempt::refused;
  changes.keep();
  if (watch_.stored) watch_.stored(group, owner);
  return Attempt::stored;
}

storage::CommitOutcome ModelDatabase::settle(const storage::Group& group) const {
  for (const storage::PartBatch& batch : group.parts) {
    const auto found = tables_.batches.find(batch.part);
    const auto place = static_cast<std::size_t>(batch.commit_seq - 1);
    if (found == tables_.batches.end() || found->second.size() <= place ||
        found->second[place].digest != batch.digest) {
      return storage::CommitOutcome::fenced;
    }
  }
  return storage::CommitOutcome::stored;
}

storage::CommitOutcome ModelDatabase::commit(const storage::Group& group, const Owner& owner) {
  if (group.parts.empty()) return storage::CommitOutcome::stored;
  switch (attempt(group, owner)) {
    case Attempt::stored:
      return storage::CommitOutcome::stored;
    case Attempt::refused:
      return storage::CommitOutcome::refused;
    case Attempt::missed:
      break;
  }
  return settle(group);
}

storage::LoadedPart ModelDatabase::take(PartId part, const Owner& owner) {
  const auto found = tables_.parts.find(part);
  if (found == tables_.parts.end()) return read(part);
  PartRow& row = found->second;
  if (row.owner != owner.broker && row.lease_until >= now_()) {
    throw std::runtime_error(to_text(part) + " is held by broker " + row.owner + " until " + to_text(row.lease_until));
  }
  // Nobody served since the last sign of life of the broker that had the house.
  if (part == account_part_of(house_account) && row.owner != owner.broker) {
    const BrokerRow& last = tables_.brokers.at(row.owner);
    const Duration gap = now_() - last.seen;
    if (gap.ms > 0) write_outage({last.alive + gap, gap});
  }
  row.owner = owner.broker;
  if (!planted(Bug::epoch_not_raised)) ++row.epoch;
  row.lease_until = now_() + owner.lease;
  if (watch_.taken) watch_.taken(part, row.epoch, owner);
  return read(part);
}

storage::LoadedPart ModelDatabase::read(PartId part) const {
  storage::LoadedPart loaded;
  loaded.part = part;
  const auto found = tables_.parts.find(part);
  if (found == tables_.parts.end()) return loaded;
  const PartRow& row = found->second;
  loaded.exists = true;
  loaded.epoch = row.epoch;
  loaded.commit_seq = row.commit_seq;
  loaded.digest = row.digest;
  loaded.at = row.at;
  std::int64_t after = 0;
  if (const auto snapshot = tables_.snapshots.find(part); snapshot != tables_.snapshots.end()) {
    after = snapshot->second.commit_seq;
    loaded.snapshot = snapshot->second.state;
  }
  const std::vector<BatchRow>& journal = tables_.batches.at(part);
  for (std::int64_t n = after; n < std::ssize(journal); ++n) {
    loaded.batches.push_back({n + 1, journal[static_cast<std::size_t>(n)].encoded});
  }
  for (const auto& [mail, sent] : tables_.outbox) {
    if (!tables_.inbox.contains({sent.to, mail.first, mail.second})) continue;
    if (mail.first == part) loaded.received.push_back(mail.second);
    if (sent.to == part) loaded.arrived.push_back(mail);
  }
  loaded.outage_ms = outage_since(row.at);
  return loaded;
}

// What is covered twice counts once.
std::int64_t ModelDatabase::outage_since(Time at) const {
  std::int64_t sum = 0;
  std::int64_t covered = at.ms;
  for (const auto& [from, to] : tables_.outages) {
    if (to <= covered) continue;
    sum += to - std::max(from, covered);
    covered = to;
  }
  return sum;
}

Time ModelDatabase::start(Time now, const Owner& owner) {
  Time last;          // That was recorded.
  Time served_until;  // Somebody stored, or had the house and lived.
  for (const auto& [id, row] : tables_.parts) last = std::max(last, row.at);
  served_until = last;
  for (const auto& [id, row] : tables_.brokers) last = std::max(last, row.alive);
  bool another_serves = false;
  const auto house = tables_.parts.find(account_part_of(house_account));
  if (house != tables_.parts.end()) {
    const PartRow& row = house->second;
    served_until = std::max(served_until, tables_.brokers.at(row.owner).alive);
    another_serves = row.owner != owner.broker && row.lease_until >= now_();
  } else {
    served_until = last;
  }
  const Time begins = std::max(last, now);
  if (last != Time{} && !another_serves && served_until < begins) write_outage({begins, begins - served_until});
  renew({}, now, owner);
  return last;
}

storage::Catalogue ModelDatabase::catalogue() const {
  storage::Catalogue catalogue;
  for (const auto& [part, row] : tables_.projects) {
    if (row.state == ProjectState::ended || row.state == ProjectState::cancelled) continue;
    storage::CatalogueProject project;
    project.project = project_of(part);
    project.owner = row.owner;
    project.state = row.state;
    project.deadline_ms = row.deadline_ms;
    project.tasks_per_worker_max = row.spec.tasks_per_worker_max;
    project.keeps_workers = row.spec.keeps_workers();
    project.pull_by_item = row.spec.pull_by_item;
    project.part_size = row.part_size;
    project.items = row.items;
    for (auto it = tables_.parts.upper_bound(part);
         it != tables_.parts.end() && project_of(it->first) == project.project; ++it) {
      if (it->second.summary.state == 1) project.open_parts.push_back(part_no_of(it->first));
    }
    catalogue.projects.push_back(std::move(project));
  }
  catalogue.to_wake = to_wake(tables_);
  return catalogue;
}

void ModelDatabase::note_outage(const storage::Away& away, const Owner& owner) {
  const auto house = tables_.parts.find(account_part_of(house_account));
  if (house != tables_.parts.end() && house->second.owner == owner.broker) write_outage(away);
}

void ModelDatabase::write_outage(const storage::Away& away) {
  std::int64_t& to = tables_.outages[away.until.ms - away.length.ms];
  to = std::max(to, away.until.ms);
}

void ModelDatabase::renew(std::span<const PartId> parts, Time now, const Owner& owner) {
  for (const PartId part : parts) {
    const auto found = tables_.parts.find(part);
    if (found == tables_.parts.end() || found->second.owner != owner.broker) continue;
    if (found->second.lease_until < now_() + Duration{owner.lease.ms * 7 / 10}) {
      found->second.lease_until = now_() + owner.lease;
    }
  }
  const auto [place, is_new] = tables_.brokers.try_emplace(owner.broker, BrokerRow{now_(), now});
  BrokerRow& row = place->second;
  const Duration served = now - row.alive;
  const bool is_late = (now_() - row.seen).ms - served.ms >= 5'000;
  row.seen = is_late ? row.seen + std::max(Duration{0}, served) : now_();
  row.alive = std::max(row.alive, now);
}

bool ModelDatabase::another_has_the_house(const Owner& owner) const {
  const auto house = tables_.parts.find(account_part_of(house_account));
  return house != tables_.parts.end() && house->second.owner != owner.broker;
}

std::vector<PartId> ModelDatabase::due_parts(Time now, std::size_t limit, std::span<const PartId> in_memory,
                                             const Owner& owner, storage::DueAfter* after) const {
  const std::set<PartId> known(in_memory.begin(), in_memory.end());
  std::set<std::pair<std::int64_t, PartId>> due;
  for (const auto& [part, row] : tables_.parts) {
    const std::int64_t ms = row.summary.next_due_ms;
    if (ms <= 0 || ms > now.ms || known.contains(part)) continue;
    if (after != nullptr && std::pair(ms, part) <= std::pair(after->due_ms, after->part)) continue;
    if (row.owner == owner.broker || row.lease_until < now_()) due.insert({ms, part});
  }
  std::vector<PartId> parts;
  for (const auto& [ms, part] : due) {
    if (parts.size() >= limit) break;
    parts.push_back(part);
    if (after != nullptr) *after = {ms, part};
  }
  return parts;
}

std::vector<std::optional<std::string>> ModelDatabase::contents(PartId part, ContentKind kind,
                                                                std::span<const std::int64_t> numbers) const {
  std::vector<std::optional<std::string>> found;
  for (const std::int64_t no : numbers) {
    const auto body = tables_.contents.find({part, kind, no});
    found.push_back(body == tables_.contents.end() ? std::nullopt : std::optional(body->second));
  }
  return found;
}

}  // namespace tally::sim
