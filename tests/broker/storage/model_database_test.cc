// The model of the database against the real one: the same random statements have the same outcomes.
#include "tools/sim/model_database.h"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/storage/support.h"
#include "tools/sim/random.h"

namespace tally::sim {
namespace {

namespace real = storage::testing;

// Long enough that no lease ends by the real clock while a test runs; the model's clock stands still.
constexpr Duration lease{3'600'000};

storage::StoreConfig config_of(const std::string& broker) {
  storage::StoreConfig config = real::store_config(broker);
  config.lease = lease;
  return config;
}

// The same calls to both.
class Pair {
 public:
  explicit Pair(const std::string& broker, ModelDatabase& model)
      : owner_{broker, lease}, store_(config_of(broker), real::keep_going), model_(model) {}

  void commit(const storage::Group& group) {
    const auto outcome = model_.commit(group, owner_);
    INFO("commit of " << group.parts.size() << " parts by " << owner_.broker);
    CHECK(store_.commit(group) == outcome);
    last = outcome;
  }
  // Nothing: another broker holds it.
  std::optional<storage::LoadedPart> take(PartId part) {
    std::optional<storage::LoadedPart> a, b;
    try {
      a = model_.take(part, owner_);
    } catch (const std::runtime_error&) {
    }
    try {
      b = store_.take(part);
    } catch (const std::runtime_error&) {
    }
    REQUIRE(a.has_value() == b.has_value());
    if (!a) return a;
    CHECK(a->exists == b->exists);
    CHECK(a->epoch == b->epoch);
    CHECK(a->commit_seq == b->commit_seq);
    CHECK(a->digest == b->digest);
    CHECK(a->at == b->at);
    CHECK(a->snapshot == b->snapshot);
    CHECK(a->arrived == b->arrived);
    CHECK(a->received == b->received);
    CHECK(a->outage_ms == b->outage_ms);
    REQUIRE(a->batches.size() == b->batches.size());
    for (std::size_t i = 0; i < a->batches.size(); ++i) CHECK(a->batches[i].encoded == b->batches[i].encoded);
    return a;
  }
  void look_for_due(Time now, const std::vector<PartId>& ours) {
    const auto mine = [&](std::vector<PartId> parts) {  // Other tests left parts of their own.
      std::erase_if(parts, [&](PartId part) { return std::count(ours.begin(), ours.end(), part) == 0; });
      return parts;
    };
    CHECK(mine(store_.due_parts(now, 100'000)) == mine(model_.due_parts(now, 100'000, {}, owner_)));
  }

  storage::CommitOutcome last = storage::CommitOutcome::stored;

 private:
  ModelDatabase::Owner owner_;
  storage::Store store_;
  ModelDatabase& model_;
};

// One record of many kinds; some of them break a constraint now and then.
Record random_record(Random& random, std::int32_t& next_transfer, PartId other) {
  const auto few = [&] { return static_cast<std::int32_t>(random.between(1, 6)); };
  const AccountId worker{random.between(32, 34)};
  const SubAccount transit{Fund::transit, house_account};
  const SubAccount escrow{Fund::escrow, AccountId{17}};
  switch (random.between(0, 7)) {
    case 0:
      return AnswerAccepted{few(), few(), worker, {"yes"}, Bytes{"digest"}, 8000};
    case 1:
      return VerdictReached{few(), VerdictReason::quorum, {}, {}, 8000};
    case 2:
      return TransferPosted{
          ++next_transfer, TransferKind::reserve, transit, escrow, Micros{random.between(50, 90)}, 0, 0, 8000};
    case 3:
      return PayoutPosted{++next_transfer,
                          few(),
                          escrow.owner,
                          worker,
                          Micros{random.between(1, 60)},
                          Micros{random.between(-1, 9)},
                          8000};
    case 4:
      return MailSent{random.between(1, 5), other, FundPart{Micros{5}}};
    case 5:
      return MailReceived{other, random.between(1, 5)};
    case 6:
      return MailDelivered{random.between(1, 5)};
    default:
      return PayDecided{few(), random.percent(50) ? PayState::paid : PayState::unpaid, "", 0, 8000};
  }
}

}  // namespace

TEST_CASE("the model of the database has the outcomes of the real one, statement by statement") {
  const std::uint64_t seed = GENERATE(range(1, 9));
  INFO("seed " << seed);
  Random random(seed);
  ModelDatabase model([] { return Time{1'000'000'000}; });
  const ProjectId project = real::new_project();
  const std::vector<PartId> ids{part_of(project, 1), part_of(project, 2), part_of(project, 3)};
  std::map<PartId, real::PartWriter> writers;
  std::map<PartId, std::int32_t> transfers;
  for (const PartId id : ids) writers.emplace(id, id);
  Pair a("broker-a", model);
  Pair b("broker-b", model);
  Pair* owner = &a;
  int stored = 0;
  int others = 0;
  for (int step = 0; step < 120; ++step) {
    // Mostly who took a part last, so that much is stored.
    Pair& who = random.percent(90) ? *owner : (owner == &a ? b : a);
    if (random.percent(15)) {
      const auto taken = who.take(random.pick(ids));
      if (!taken || !taken->exists) continue;
      writers.at(taken->part).load(*taken);
      owner = &who;
      continue;
    }
    if (random.percent(10)) who.look_for_due(Time{random.between(1, 5'000)}, ids);
    storage::Group group;
    std::map<PartId, real::PartWriter> before;
    for (const PartId id : ids) {
      if (!random.percent(50)) continue;
      real::PartWriter& writer = writers.at(id);
      before.emplace(id, writer);
      std::vector<Record> records;
      for (std::int64_t i = random.between(1, 3); i > 0; --i) {
        records.push_back(random_record(random, transfers[id], random.pick(ids)));
      }
      writer.summary.next_due_ms = random.between(0, 4'000);
      group.parts.push_back(writer.batch(std::move(records)));
      if (random.percent(20)) group.parts.back().snapshot = "state " + std::to_string(step);
      // Memory that is not what the database has.
      if (random.percent(5)) group.parts.back().epoch += 1;
      if (random.percent(5)) group.parts.back().commit_seq += 1;
    }
    if (group.parts.empty()) continue;
    const bool is_sound = std::all_of(group.parts.begin(), group.parts.end(), [](const storage::PartBatch& batch) {
      return !batch.created || (batch.epoch == 1 && batch.commit_seq == 1);
    });
    if (is_sound) who.commit(group);
    if (!is_sound || who.last != storage::CommitOutcome::stored) {
      for (const auto& [id, writer] : before) writers.insert_or_assign(id, writer);
      ++others;
    } else {
      ++stored;
      if (random.percent(20)) who.commit(group);  // Once more: it is known to be stored.
    }
  }
  CHECK(stored > 5);
  CHECK(others > 5);
}

}  // namespace tally::sim
