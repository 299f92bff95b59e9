#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/storage/support.h"

using namespace tally;
using namespace tally::storage;
using namespace tally::storage::testing;

namespace {

std::string of(PartId part) { return std::to_string(part.value); }

// Whose it is, and whether the lease still runs.
std::vector<std::string> holder(PartId part) {
  return query("SELECT owner, epoch, lease_until > now() FROM tally.parts WHERE part_id = " + of(part)).at(0);
}

// Sets what is left of the lease.
void set_lease(PartId part, const std::string& left) {
  query("UPDATE tally.parts SET lease_until = now() + interval '" + left + "' WHERE part_id = " + of(part));
}

// Milliseconds of the lease that are left, by the database's clock.
std::int64_t lease_left(PartId part) {
  return std::stoll(
      query_one("SELECT (extract(epoch FROM lease_until - now()) * 1000)::bigint FROM tally.parts "
                "WHERE part_id = " +
                of(part)));
}

PartWriter make_part(Store& store, PartId part, std::int64_t next_due_ms = 0) {
  PartWriter writer(part);
  writer.summary.next_due_ms = next_due_ms;
  REQUIRE(store.commit(writer.group({PartStateChanged{PartState::open}})) == CommitOutcome::stored);
  return writer;
}

// No broker has ever run, no part has a time.
void forget_all() { query("TRUNCATE tally.parts, tally.brokers, tally.outages"); }

// What only the broker that serves has: the house's part.
void take_house(Store& store) {
  query("DELETE FROM tally.batches WHERE part_id = 0");
  make_part(store, PartId{0});
}

std::vector<std::vector<std::string>> outages() {
  return query("SELECT from_ms, to_ms FROM tally.outages ORDER BY from_ms");
}

using Rows = std::vector<std::vector<std::string>>;

// Takes the house, whose lease ran out, from a broker that gave no sign of life in some forty seconds.
void check_noted_at_take(Store& store, const std::string& from_ms) {
  set_lease(PartId{0}, "-1 second");
  static_cast<void>(store.take(PartId{0}));
  REQUIRE(outages().size() == 1);
  CHECK(outages()[0][0] == from_ms);
  CHECK(std::stoll(outages()[0][1]) >= 1'050'000);
  CHECK(std::stoll(outages()[0][1]) < 1'110'000);
}

}  // namespace

TEST_CASE("each take raises the epoch by one and starts the lease anew, whoever takes", "[fault-4]") {
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  const PartId part = part_of(new_project(), 1);
  make_part(a, part);
  CHECK(holder(part) == std::vector<std::string>{"broker-a", "1", "t"});
  set_lease(part, "1 second");
  CHECK(a.take(part).epoch == 2);
  CHECK(lease_left(part) > 20'000);
  CHECK(a.take(part).epoch == 3);
  set_lease(part, "-1 second");
  CHECK(b.take(part).epoch == 4);
  CHECK(holder(part) == std::vector<std::string>{"broker-b", "4", "t"});
}

TEST_CASE("a part with a live lease of another broker is left as it is, and taken when the lease is over",
          "[fault-4]") {
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  const PartId part = part_of(new_project(), 1);
  PartWriter writer = make_part(a, part);
  CHECK_THROWS_WITH(b.take(part), Catch::Contains("is held by broker broker-a until 20"));
  CHECK(holder(part) == std::vector<std::string>{"broker-a", "1", "t"});
  // The refusal cost neither its Store nor the owner anything.
  CHECK(store_config().lease > Duration{20'000});
  CHECK(a.commit(writer.group({PartStateChanged{PartState::settled}})) == CommitOutcome::stored);
  set_lease(part, "-1 millisecond");
  CHECK(b.take(part).commit_seq == 2);
  CHECK_THROWS_WITH(a.take(part), Catch::Contains("is held by broker broker-b"));
  CHECK(a.commit(writer.group({PartStateChanged{PartState::open}})) == CommitOutcome::fenced);
}

TEST_CASE("renewing keeps worn leases of this broker's own parts, and touches no other part") {
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  const ProjectId project = new_project();
  const PartId worn = part_of(project, 1);
  const PartId fresh = part_of(project, 2);
  const PartId not_named = part_of(project, 3);
  const PartId of_another = part_of(project, 4);
  for (const PartId part : {worn, fresh, not_named}) make_part(a, part);
  make_part(b, of_another);
  for (const PartId part : {worn, not_named, of_another}) set_lease(part, "5 seconds");
  const std::string written = query_one("SELECT xmin FROM tally.parts WHERE part_id = " + of(fresh));
  const std::vector<PartId> parts{worn, fresh, of_another};
  a.renew(parts, Time{2'000'000});
  CHECK(lease_left(worn) > 20'000);
  CHECK(lease_left(not_named) <= 5'000);
  CHECK(lease_left(of_another) <= 5'000);
  CHECK(query_one("SELECT xmin FROM tally.parts WHERE part_id = " + of(fresh)) == written);
  CHECK(holder(worn) == std::vector<std::string>{"broker-a", "1", "t"});
  CHECK_THROWS(b.take(worn));
}

TEST_CASE("renewing late does not take back a part that another broker has taken since", "[fault-3]") {
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  const PartId part = part_of(new_project(), 1);
  PartWriter writer = make_part(a, part);
  const std::vector<PartId> parts{part};
  set_lease(part, "-1 second");
  // Nobody has taken it: the lease goes on.
  a.renew(parts, Time{2'000'000});
  CHECK(a.commit(writer.group({PartStateChanged{PartState::settled}})) == CommitOutcome::stored);
  set_lease(part, "-1 second");
  static_cast<void>(b.take(part));
  set_lease(part, "5 seconds");
  a.renew(parts, Time{2'000'000});
  CHECK(lease_left(part) <= 5'000);
  CHECK(holder(part)[0] == "broker-b");
}

TEST_CASE("due parts come earliest first, limited, without those in memory and those of a living broker") {
  forget_all();
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  const ProjectId project = new_project();
  std::vector<PartId> parts;
  for (std::int64_t no = 1; no <= 7; ++no) parts.push_back(part_of(project, no));
  make_part(a, parts[0], 300);
  make_part(a, parts[1], 100);
  make_part(a, parts[2], 200);
  make_part(a, parts[3], 100);
  make_part(a, parts[4]);       // Nothing falls due.
  make_part(a, parts[5], 501);  // Not yet.
  make_part(b, parts[6], 50);
  using Parts = std::vector<PartId>;
  CHECK(a.due_parts(Time{500}, 10) == Parts{parts[1], parts[3], parts[2], parts[0]});
  CHECK(a.due_parts(Time{300}, 10) == Parts{parts[1], parts[3], parts[2], parts[0]});
  CHECK(a.due_parts(Time{299}, 10) == Parts{parts[1], parts[3], parts[2]});
  CHECK(a.due_parts(Time{500}, 2) == Parts{parts[1], parts[3]});
  // The limit counts what may be given, or parts in memory would hide the others for good.
  CHECK(a.due_parts(Time{500}, 2, Parts{parts[1], parts[3]}) == Parts{parts[2], parts[0]});
  CHECK(a.due_parts(Time{99}, 10).empty());
  // In rounds: each once, however long it stays due.
  DueAfter after;
  CHECK(a.due_parts(Time{300}, 3, {}, &after) == Parts{parts[1], parts[3], parts[2]});
  CHECK(a.due_parts(Time{299}, 3, {}, &after).empty());
  CHECK(a.due_parts(Time{300}, 3, {}, &after) == Parts{parts[0]});
  CHECK(a.due_parts(Time{500}, 3, {}, &after).empty());
  CHECK(b.due_parts(Time{500}, 10) == Parts{parts[6]});
  set_lease(parts[6], "-1 second");
  CHECK(a.due_parts(Time{500}, 1) == Parts{parts[6]});
}

TEST_CASE("the first broker of all finds no outage") {
  forget_all();
  Store store(store_config(), keep_going);
  CHECK(store.start(Time{50'000}) == Time{});
  CHECK(outages().empty());
}

TEST_CASE("a start after a gap notes it as an outage, by the last sign of life or the last batch") {
  forget_all();
  Store store(store_config(), keep_going);
  static_cast<void>(store.start(Time{50'000}));
  std::int64_t last = 0;
  SECTION("the last sign of life") {
    last = 60'000;
    store.renew({}, Time{60'000});
    store.renew({}, Time{55'000});  // A clock that went back takes nothing back.
  }
  SECTION("the last batch") {
    last = 1'001'000;
    make_part(store, part_of(new_project(), 1));
  }
  CHECK(store.start(Time{last + 7'000}) == Time{last});
  CHECK(outages() == Rows{{std::to_string(last), std::to_string(last + 7'000)}});
  // At the same time, or before it: no gap.
  CHECK(store.start(Time{last + 7'000}) == Time{last + 7'000});
  CHECK(store.start(Time{last}) == Time{last + 7'000});
  CHECK(outages().size() == 1);
}

TEST_CASE("there is no outage while another broker has the house, and one that only stands by is no help") {
  forget_all();
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  static_cast<void>(a.start(Time{1'010'000}));
  take_house(a);  // Its batch is of 1,001,000.
  static_cast<void>(b.start(Time{1'040'000}));
  CHECK(outages().empty());
  b.renew({}, Time{1'060'000});
  // It ended without a word and comes back before the other has noticed.
  CHECK(a.start(Time{1'080'000}) == Time{1'060'000});
  CHECK(outages() == Rows{{"1010000", "1080000"}});
}

TEST_CASE("who takes the house from another broker notes for how long nobody served") {
  forget_all();
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  static_cast<void>(a.start(Time{1'010'000}));
  take_house(a);
  static_cast<void>(b.start(Time{1'012'000}));
  query("UPDATE tally.brokers SET seen = now() - interval '40 seconds' WHERE broker_id = 'broker-a'");
  CHECK_THROWS_WITH(b.take(PartId{0}), Catch::Contains("is held by broker broker-a"));
  CHECK(outages().empty());
  check_noted_at_take(b, "1010000");
  // It has it: taking it again says nothing of anybody's time.
  static_cast<void>(b.take(PartId{0}));
  CHECK(outages().size() == 1);
}

TEST_CASE("a sign of life that comes late tells of when it was given") {
  forget_all();
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  static_cast<void>(a.start(Time{1'010'000}));
  take_house(a);
  query("UPDATE tally.brokers SET seen = now() - interval '40 seconds' WHERE broker_id = 'broker-a'");
  a.renew({}, Time{1'012'000});
  check_noted_at_take(b, "1012000");
}

TEST_CASE("an outage is noted by the broker that has the house, and by no other") {
  forget_all();
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  take_house(b);
  a.note_outage({Time{1'025'000}, Duration{4'000}});
  CHECK(outages().empty());
  b.note_outage({Time{1'025'000}, Duration{4'000}});
  CHECK(outages() == Rows{{"1021000", "1025000"}});
}

TEST_CASE("a broker hears that another has the house, also when the lease of that one is over", "[fault-4]") {
  forget_all();
  Store a(store_config("broker-a"), keep_going);
  Store b(store_config("broker-b"), keep_going);
  query("DELETE FROM tally.batches WHERE part_id = 0");
  CHECK_FALSE(a.another_has_the_house());  // Nobody has it yet.
  static_cast<void>(a.start(Time{1'010'000}));
  take_house(a);
  set_lease(PartId{0}, "-1 second");
  CHECK_FALSE(a.another_has_the_house());
  CHECK(b.another_has_the_house());
  static_cast<void>(b.take(PartId{0}));
  set_lease(PartId{0}, "-1 second");
  CHECK(a.another_has_the_house());
  CHECK_FALSE(b.another_has_the_house());
}

TEST_CASE("a loaded part is told how long no broker ran, or none reached the database, since its last batch") {
  forget_all();
  Store store(store_config(), keep_going);
  const PartId part = part_of(new_project(), 1);
  PartWriter writer = make_part(store, part);  // At 1,001,000.
  CHECK(store.take(part).outage_ms == 0);

  query("INSERT INTO tally.outages VALUES (900000, 1000900)");  // Over before that.
  CHECK(store.take(part).outage_ms == 0);
  CHECK(store.start(Time{1'011'000}) == Time{1'001'000});
  CHECK(store.take(part).outage_ms == 10'000);
  take_house(store);
  store.note_outage({Time{1'025'000}, Duration{4'000}});
  CHECK(store.take(part).outage_ms == 14'000);
  // The same once more, and the same again told longer: one outage.
  store.note_outage({Time{1'025'000}, Duration{4'000}});
  CHECK(store.take(part).outage_ms == 14'000);
  store.note_outage({Time{1'026'000}, Duration{5'000}});
  CHECK(store.take(part).outage_ms == 15'000);
  store.note_outage({Time{1'022'000}, Duration{1'000}});
  CHECK(store.take(part).outage_ms == 15'000);

  // One that began before the last batch counts from it.
  writer.load(store.take(part));
  writer.at = Time{1'023'000};
  REQUIRE(store.commit(writer.group({PartStateChanged{PartState::settled}})) == CommitOutcome::stored);
  CHECK(store.take(part).outage_ms == 2'000);
}

TEST_CASE("outages that overlap count once") {
  forget_all();
  Store store(store_config(), keep_going);
  const PartId part = part_of(new_project(), 1);
  make_part(store, part);  // At 1,001,000.
  take_house(store);
  // The database was away, and the broker ended before it wrote a sign of life: the start sees the whole gap.
  store.note_outage({Time{1'005'000}, Duration{3'000}});
  static_cast<void>(store.start(Time{1'011'000}));
  CHECK(store.take(part).outage_ms == 10'000);
  store.note_outage({Time{1'012'000}, Duration{5'000}});
  CHECK(store.take(part).outage_ms == 11'000);
  store.note_outage({Time{1'020'000}, Duration{1'000}});
  CHECK(store.take(part).outage_ms == 12'000);
}

TEST_CASE("contents come in the order asked, of their own part and kind, and erased ones are empty") {
  Store store(store_config(), keep_going);
  const ProjectId project = new_project();
  const PartId part = part_of(project, 1);
  const PartId next = part_of(project, 2);
  PartWriter a(part);
  PartWriter b(next);
  Group group{{a.batch({PartStateChanged{PartState::open}}), b.batch({PartStateChanged{PartState::open}})}, {}};
  group.contents = {{part, ContentKind::item, 1, "one"},
                    {part, ContentKind::item, 2, "two"},
                    {part, ContentKind::item, 3, ""},
                    {part, ContentKind::rejection, 1, "a reason"},
                    {next, ContentKind::item, 1, "next to"}};
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  using Bodies = std::vector<std::optional<std::string>>;
  const std::int64_t numbers[] = {3, 1, 9, 2, 1};
  CHECK(store.contents(part, ContentKind::item, numbers) == Bodies{"", "one", std::nullopt, "two", "one"});
  CHECK(store.contents(part, ContentKind::item, {}).empty());
  query("UPDATE tally.contents SET body = NULL WHERE kind = 'item' AND part_id = " + of(part));
  CHECK(store.contents(part, ContentKind::item, numbers) ==
        Bodies{std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt});
  // An erased one is not the same as an empty one, nor does erasing reach further.
  CHECK(store.contents(part, ContentKind::rejection, std::vector<std::int64_t>{1}) == Bodies{"a reason"});
  CHECK(store.contents(next, ContentKind::item, std::vector<std::int64_t>{1}) == Bodies{"next to"});
  CHECK(store.take(part).commit_seq == 1);
}
