#include "broker/storage/store.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "broker/storage/commit.h"
#include "broker/storage/commit_times.h"
#include "broker/storage/session.h"
#include "broker/storage/statements.h"
#include "common/base/assert.h"

namespace tally::storage {
namespace {

namespace sql = statements;

std::string big_endian(std::int64_t number) {
  std::string bytes(8, '\0');
  for (unsigned i = 0; i < 8; ++i)
    bytes[i] = static_cast<char>((static_cast<std::uint64_t>(number) >> (56 - 8 * i)) & 0xFFU);
  return bytes;
}

Digest digest_from(const pqxx::field& field) {
  const std::string bytes = bytes_from_bytea(field.c_str());
  Digest digest{};
  if (bytes.size() != digest.size()) throw std::runtime_error("the database gave a digest of another length");
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

std::string ids_text(std::span<const PartId> parts) {
  ArrayText text;
  for (const PartId part : parts) text.add(part);
  return text.text();
}

std::int64_t number(const pqxx::field& field) { return field.as<std::int64_t>(); }

// After its row: the snapshot, the batches after it, and the mail of its outbox that has arrived.
void read_part(pqxx::transaction_base& tx, LoadedPart& loaded) {
  const std::string part = std::to_string(loaded.part.value);
  std::int64_t after = 0;
  if (const auto rows = exec(tx, sql::read_snapshot, {part}); !rows.empty()) {
    after = number(rows[0][0]);
    loaded.snapshot = bytes_from_bytea(rows[0][1].c_str());
  }
  for (const auto& row : exec(tx, sql::read_batches, {part, std::to_string(after)})) {
    loaded.batches.push_back({number(row[0]), bytes_from_bytea(row[1].c_str())});
    if (loaded.batches.back().commit_seq != ++after) {
      throw std::runtime_error("the journal of " + to_text(loaded.part) + " has a gap before batch " +
                               std::to_string(loaded.batches.back().commit_seq));
    }
  }
  if (after != loaded.commit_seq) {
    throw std::runtime_error("the journal of " + to_text(loaded.part) + " ends at batch " + std::to_string(after) +
                             ", its row says " + std::to_string(loaded.commit_seq));
  }
  for (const auto& row : exec(tx, sql::read_received, {part})) loaded.received.push_back(number(row[0]));
  for (const auto& row : exec(tx, sql::read_arrived, {part})) {
    loaded.arrived.emplace_back(PartId{number(row[0])}, number(row[1]));
  }
  loaded.outage_ms = number(exec(tx, sql::read_outage, {std::to_string(loaded.at.ms)})[0][0]);
}

std::vector<CatalogueProject> read_projects(pqxx::transaction_base& tx) {
  std::vector<CatalogueProject> projects;
  std::map<std::int64_t, std::size_t> places;
  for (const auto& row : exec(tx, sql::catalogue_projects, {})) {
    CatalogueProject project;
    project.project = ProjectId{number(row[0])};
    project.owner = AccountId{number(row[1])};
    project.state = from_name<ProjectState>(row[2].c_str()).value();
    project.deadline_ms = number(row[3]);
    project.tasks_per_worker_max = number(row[4]);
    project.keeps_workers = row[5].as<bool>();
    project.pull_by_item = row[6].as<bool>();
    project.part_size = number(row[7]);
    project.items = number(row[8]);
    places[project.project.value] = projects.size();
    projects.push_back(std::move(project));
  }
  for (const auto& row : exec(tx, sql::catalogue_open_parts, {})) {
    const auto place = places.find(number(row[0]));
    if (place != places.end()) projects[place->second].open_parts.push_back(number(row[1]));
  }
  return projects;
}

pqxx::result read_bodies(pqxx::transaction_base& tx, PartId part, ContentKind kind,
                         std::span<const std::int64_t> numbers) {
  const std::string id = std::to_string(part.value);
  const std::string name(name_of(kind));
  const auto are_apart = [](std::int64_t a, std::int64_t b) { return b != a + 1; };
  if (!numbers.empty() && std::adjacent_find(numbers.begin(), numbers.end(), are_apart) == numbers.end()) {
    return exec(tx, sql::read_content_run, {id, name, std::to_string(numbers.front()), std::to_string(numbers.back())});
  }
  ArrayText wanted;
  for (const std::int64_t no : numbers) wanted.add(no);
  return exec(tx, sql::read_contents, {id, name, wanted.text()});
}

std::vector<PartId> read_ids(pqxx::transaction_base& tx, const Statement& statement) {
  std::vector<PartId> ids;
  for (const auto& row : exec(tx, statement, {})) ids.push_back(PartId{number(row[0])});
  return ids;
}

}  // namespace

Digest batch_digest(const Digest& previous, PartId part, std::int64_t commit_seq, std::int64_t epoch, Time at,
                    std::string_view encoded) {
  Sha256 digest;
  digest.add(bytes_of(previous));
  digest.add(big_endian(part.value));
  digest.add(big_endian(commit_seq));
  digest.add(big_endian(epoch));
  digest.add(big_endian(at.ms));
  digest.add(encoded);
  return digest.finish();
}

class Store::Impl {
 public:
  Impl(StoreConfig config, const std::atomic<bool>& stop) : session(std::move(config), stop) {}
  ~Impl() {
    if (!commit_times.empty()) session.log(commit_times.line());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Session session;
  CommitTimes commit_times;
};

Store::Store(StoreConfig config, const std::atomic<bool>& stop)
    : impl_(std::make_unique<Impl>(std::move(config), stop)) {}
Store::~Store() = default;

CommitOutcome Store::commit(const Group& group) {
  if (group.parts.empty()) return CommitOutcome::stored;
  const auto begin = std::chrono::steady_clock::now();
  const CommitOutcome outcome = GroupCommit(impl_->session, group).run();
  impl_->commit_times.add(std::chrono::duration_cast<CommitTimes::Time>(std::chrono::steady_clock::now() - begin));
  return outcome;
}

bool Store::away() const { return impl_->session.away(); }

LoadedPart Store::take(PartId part) {
  const StoreConfig& config = impl_->session.config();
  return impl_->session.retry("take", [&](Connection& connection) {
    pqxx::work tx(connection.get());
    LoadedPart loaded;
    loaded.part = part;
    const std::string id = std::to_string(part.value);
    if (part == account_part_of(house_account)) exec(tx, sql::note_outage_at_take, {config.broker_id});
    const auto taken = exec(tx, sql::take_part, {id, config.broker_id, std::to_string(config.lease.ms)});
    if (taken.empty()) {
      const auto held = exec(tx, sql::who_holds, {id});
      if (held.empty()) return loaded;
      throw std::runtime_error(to_text(part) + " is held by broker " + held[0][0].as<std::string>() + " until " +
                               held[0][1].as<std::string>());
    }
    loaded.exists = true;
    loaded.epoch = number(taken[0][0]);
    loaded.commit_seq = number(taken[0][1]);
    loaded.digest = digest_from(taken[0][2]);
    loaded.at = Time{number(taken[0][3])};
    read_part(tx, loaded);
    tx.commit();
    return loaded;
  });
}

Time Store::start(Time now) {
  const StoreConfig& config = impl_->session.config();
  return impl_->session.retry("start", [&](Connection& connection) {
    pqxx::work tx(connection.get());
    const auto last = exec(tx, sql::last_recorded, {config.broker_id});
    const bool is_first = last[0][0].is_null();
    const bool another_serves = last[0][2].as<bool>();
    const Time last_recorded = is_first ? Time{} : Time{number(last[0][0])};
    const Time served_until = last[0][1].is_null() ? last_recorded : Time{number(last[0][1])};
    const Time begins = std::max(last_recorded, now);
    if (!is_first && !another_serves && served_until < begins) {
      exec(tx, sql::note_outage_at_start, {std::to_string(served_until.ms), std::to_string(begins.ms)});
    }
    exec(tx, sql::sign_of_life, {config.broker_id, std::to_string(now.ms)});
    tx.commit();
    return last_recorded;
  });
}

Catalogue Store::catalogue() {
  return impl_->session.retry("catalogue", [&](Connection& connection) {
    pqxx::work tx(connection.get());
    Catalogue catalogue;
    catalogue.projects = read_projects(tx);
    catalogue.to_wake = read_ids(tx, sql::catalogue_to_wake);
    return catalogue;
  });
}

void Store::note_outage(const Away& away) {
  TALLY_ASSERT(away.length.ms > 0);
  impl_->session.retry("note_outage", [&](Connection& connection) {
    pqxx::work tx(connection.get());
    exec(tx, sql::note_outage,
         {std::to_string(away.until.ms - away.length.ms), std::to_string(away.until.ms),
          impl_->session.config().broker_id});
    tx.commit();
    return true;
  });
}

void Store::renew(std::span<const PartId> parts, Time now) {
  const StoreConfig& config = impl_->session.config();
  const std::string ids = ids_text(parts);
  impl_->session.retry("renew", [&](Connection& connection) {
    pqxx::work tx(connection.get());
    if (!parts.empty()) exec(tx, sql::renew_parts, {ids, config.broker_id, std::to_string(config.lease.ms)});
    exec(tx, sql::sign_of_life, {config.broker_id, std::to_string(now.ms)});
    tx.commit();
    return true;
  });
}

bool Store::another_has_the_house() {
  return impl_->session.retry("another_has_the_house", [&](Connection& connection) {
    pqxx::work tx(connection.get());
    return !exec(tx, sql::another_has_the_house, {impl_->session.config().broker_id}).empty();
  });
}

std::vector<PartId> Store::due_parts(Time now, std::size_t limit, std::span<const PartId> in_memory, DueAfter* after) {
  const DueAfter from = after == nullptr ? DueAfter{} : *after;
  return impl_->session.retry("due_parts", [&](Connection& connection) {
    pqxx::work tx(connection.get());
    std::vector<PartId> due;
    for (const auto& row : exec(tx, sql::due_parts,
                                {std::to_string(now.ms), impl_->session.config().broker_id, std::to_string(limit),
                                 ids_text(in_memory), std::to_string(from.due_ms), std::to_string(from.part.value)})) {
      due.push_back(PartId{number(row[0])});
      if (after != nullptr) *after = {number(row[1]), due.back()};
    }
    return due;
  });
}

std::vector<std::optional<std::string>> Store::contents(PartId part, ContentKind kind,
                                                        std::span<const std::int64_t> numbers) {
  return impl_->session.retry("contents", [&](Connection& connection) {
    pqxx::nontransaction tx(connection.get());  // One statement: it needs no round trips around it.
    std::map<std::int64_t, std::string> bodies;
    for (const auto& row : read_bodies(tx, part, kind, numbers)) {
      if (!row[1].is_null()) bodies[number(row[0])] = bytes_from_bytea(row[1].c_str());
    }
    std::vector<std::optional<std::string>> found;
    for (const std::int64_t no : numbers) {
      const auto body = bodies.find(no);
      found.push_back(body == bodies.end() ? std::nullopt : std::optional(body->second));
    }
    return found;
  });
}

}  // namespace tally::storage
