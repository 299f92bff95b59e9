#include <catch2/catch.hpp>

#include "common/codec/records_codec.h"
#include "tests/broker/storage/support.h"

using namespace tally;
using namespace tally::storage;
using namespace tally::storage::testing;

namespace {

constexpr SubAccount escrow{Fund::escrow, requester};
constexpr SubAccount transit{Fund::transit, house_account};

AssignmentLeased lease(std::int32_t no, std::int32_t task, AccountId who) { return {no, task, who, 7000, 9000, 1}; }

AnswerAccepted answer(std::int32_t assignment) { return {assignment, 1, worker, {"yes", ""}, Bytes{"digest"}, 8000}; }

std::string of(PartId part) { return std::to_string(part.value); }

}  // namespace

TEST_CASE("what was committed is what is loaded") {
  Store store(store_config(), keep_going);
  const PartId part = part_of(new_project(), 1);
  PartWriter writer(part);
  REQUIRE(store.commit(writer.group({PartStateChanged{PartState::open}})) == CommitOutcome::stored);
  Group second = writer.group({lease(1, 1, worker)});
  second.parts[0].snapshot = std::string("state\0after two", 15);
  REQUIRE(store.commit(second) == CommitOutcome::stored);
  const Group third = writer.group({answer(1), PayDecided{1, PayState::review, "", 9999, 8000}});
  REQUIRE(store.commit(third) == CommitOutcome::stored);

  const LoadedPart loaded = store.take(part);
  CHECK(loaded.exists);
  CHECK(loaded.epoch == 2);
  CHECK(loaded.commit_seq == 3);
  CHECK(loaded.digest == writer.digest);
  CHECK(loaded.at == writer.at);
  CHECK(loaded.snapshot == std::string("state\0after two", 15));
  REQUIRE(loaded.batches.size() == 1);
  CHECK(loaded.batches[0].commit_seq == 3);
  CHECK(loaded.batches[0].encoded == third.parts[0].encoded);
  CHECK(query("SELECT task_no, worker_id FROM tally.answers WHERE part_id = " + of(part)) ==
        std::vector<std::vector<std::string>>{{"1", "34"}});
}

TEST_CASE("a part that nobody made does not exist") {
  Store store(store_config(), keep_going);
  CHECK_FALSE(store.take(part_of(new_project(), 1)).exists);
}

TEST_CASE("one transaction holds many parts, and all of it or nothing") {
  Store store(store_config(), keep_going);
  const ProjectId project = new_project();
  PartWriter a(part_of(project, 1));
  PartWriter b(part_of(project, 2));
  Group group{{a.batch({PartStateChanged{PartState::open}}), b.batch({lease(1, 1, worker)})}, {}};
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  // The second part has the worker's answer to this task twice: the first part's answer is not stored either.
  Group wrong{{a.batch({lease(1, 1, worker), answer(1)}), b.batch({answer(1), answer(2)})}, {}};
  CHECK(store.commit(wrong) == CommitOutcome::refused);
  CHECK(query_one("SELECT count(*) FROM tally.answers WHERE part_id = " + of(part_of(project, 1))) == "0");
  CHECK(query_one("SELECT commit_seq FROM tally.parts WHERE part_id = " + of(part_of(project, 1))) == "1");
  a.load(store.take(part_of(project, 1)));
  b.load(store.take(part_of(project, 2)));
  Group right{{a.batch({lease(1, 1, worker)}), b.batch({answer(1)})}, {}};
  CHECK(store.commit(right) == CommitOutcome::stored);
}

TEST_CASE("the fence lets nobody through but the owner at the right epoch and number") {
  Store store(store_config("broker-a"), keep_going);
  const PartId part = part_of(new_project(), 1);
  PartWriter writer(part);
  REQUIRE(store.commit(writer.group({PartStateChanged{PartState::open}})) == CommitOutcome::stored);
  PartWriter before = writer;

  SECTION("not another number") {
    writer.commit_seq += 1;
    CHECK(store.commit(writer.group({lease(1, 1, worker)})) == CommitOutcome::fenced);
  }
  SECTION("not another chain") {
    writer.digest[0] ^= 1U;
    CHECK(store.commit(writer.group({lease(1, 1, worker)})) == CommitOutcome::fenced);
  }
  SECTION("not an epoch that is over") {
    writer.load(store.take(part));
    CHECK(store.commit(before.group({lease(1, 1, worker)})) == CommitOutcome::fenced);
    CHECK(store.commit(writer.group({lease(1, 1, worker)})) == CommitOutcome::stored);
  }
  SECTION("not another broker") {
    Store other(store_config("broker-b"), keep_going);
    CHECK(other.commit(writer.group({lease(1, 1, worker)})) == CommitOutcome::fenced);
    CHECK_THROWS_WITH(other.take(part), Catch::Contains("broker-a"));
  }
  SECTION("another broker once the lease is over, and then not the first") {
    query("UPDATE tally.parts SET lease_until = now() - interval '1 second' WHERE part_id = " + of(part) +
          " RETURNING 1");
    Store other(store_config("broker-b"), keep_going);
    PartWriter taken(part);
    taken.load(other.take(part));
    CHECK(store.commit(writer.group({lease(1, 1, worker)})) == CommitOutcome::fenced);
    CHECK(other.commit(taken.group({lease(1, 1, other_worker)})) == CommitOutcome::stored);
  }
  SECTION("not a part that exists already as a new one") {
    PartWriter again(part);
    CHECK(store.commit(again.group({lease(1, 1, worker)})) == CommitOutcome::fenced);
  }
}

TEST_CASE("the database refuses a second payout, a second answer and a mail received twice") {
  Store store(store_config(), keep_going);
  const PartId part = part_of(new_project(), 1);
  PartWriter writer(part);
  REQUIRE(store.commit(writer.group({lease(1, 1, worker), lease(2, 1, worker), answer(1), MailReceived{PartId{3}, 7},
                                     transfer(1, TransferKind::reserve, transit, escrow, 200'000),
                                     payout(2, 1, 50'000, 10'000)})) == CommitOutcome::stored);
  CHECK(query("SELECT fund, balance FROM tally.sub_accounts WHERE part_id = " + of(part) + " ORDER BY fund") ==
        std::vector<std::vector<std::string>>{
            {"earnings", "50000"}, {"escrow", "140000"}, {"fees", "10000"}, {"transit", "-200000"}});
  CHECK(query_one("SELECT sum(balance) FROM tally.sub_accounts WHERE part_id = " + of(part)) == "0");
  PartWriter before = writer;
  // Not with another number either, and not of nothing.
  CHECK(store.commit(writer.group({payout(3, 1, 50'000, 10'000)})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({payout(3, 2, 0, 10'000)})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({payout(3, 2, 50'000, -1)})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({payout(3, 2, 140'000, 1)})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({answer(2)})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({MailReceived{PartId{3}, 7}})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({transfer(3, TransferKind::refund, escrow, transit, 140'001)})) ==
        CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({transfer(3, TransferKind::refund, escrow, transit, 0)})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({transfer(3, TransferKind::refund, escrow, escrow, 5)})) == CommitOutcome::refused);
  writer = before;
  CHECK(store.commit(writer.group({transfer(3, TransferKind::refund, escrow, transit, 140'000)})) ==
        CommitOutcome::stored);
}

TEST_CASE("the broker's role cannot edit what is append-only") {
  const std::string table = GENERATE("batches", "transfers", "payouts", "answers", "verdicts", "inbox", "command_keys");
  const std::string statement =
      GENERATE(std::string("DELETE FROM tally."), std::string("TRUNCATE tally."), std::string("UPDATE tally.")) + table;
  INFO(statement);
  pqxx::connection connection(cluster().connection());
  pqxx::work tx(connection);
  const std::string full = statement.starts_with("UPDATE") ? statement + " SET part_id = part_id" : statement;
  CHECK_THROWS_AS(tx.exec(full), pqxx::insufficient_privilege);
}

TEST_CASE("a later content replaces an earlier one, also within a group, and an erased one is gone") {
  Store store(store_config(), keep_going);
  const PartId part = part_of(new_project(), 1);
  PartWriter writer(part);
  Group group = writer.group({PartStateChanged{PartState::open}});
  group.contents = {{part, ContentKind::item, 1, "first"},
                    {part, ContentKind::item, 2, std::string("\0\"\\", 3)},
                    {part, ContentKind::item, 1, "second"}};
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  query("UPDATE tally.contents SET body = NULL WHERE part_id = " + of(part) + " AND no = 1 RETURNING 1");
  const std::int64_t numbers[] = {2, 1, 5};
  auto found = store.contents(part, ContentKind::item, numbers);
  CHECK(found == std::vector<std::optional<std::string>>{std::string("\0\"\\", 3), std::nullopt, std::nullopt});
  group = writer.group({PartStateChanged{PartState::settled}});
  group.contents = {{part, ContentKind::item, 1, "third"}};
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  found = store.contents(part, ContentKind::item, numbers);
  CHECK(found[1] == "third");
}

TEST_CASE("mail stays in the outbox until it is delivered, and loading tells what has arrived") {
  Store store(store_config(), keep_going);
  const ProjectId project = new_project();
  PartWriter sender(part_of(project, 1));
  PartWriter receiver(control_part_of(project));
  REQUIRE(store.commit(sender.group({MailSent{1, control_part_of(project), PartFilled{3, 9}},
                                     MailSent{2, control_part_of(project), PartDone{Micros{70}}}})) ==
          CommitOutcome::stored);
  REQUIRE(store.commit(receiver.group({MailReceived{part_of(project, 1), 1}})) == CommitOutcome::stored);
  LoadedPart loaded = store.take(part_of(project, 1));
  CHECK(loaded.received == std::vector<std::int64_t>{1});
  CHECK(query_one("SELECT sum(amount) FROM tally.outbox WHERE part_id = " + of(part_of(project, 1))) == "70");
  // The receiver is told as well, for as long as the sender may send it again.
  const LoadedPart at_receiver = store.take(control_part_of(project));
  CHECK(at_receiver.arrived == std::vector{std::pair{part_of(project, 1), std::int64_t{1}}});
  sender.load(loaded);
  REQUIRE(store.commit(sender.group({MailDelivered{1}})) == CommitOutcome::stored);
  CHECK(store.take(control_part_of(project)).arrived.empty());
  CHECK(query_one("SELECT count(*) FROM tally.outbox WHERE part_id = " + of(part_of(project, 1))) == "1");
  const auto to_wake = store.catalogue().to_wake;
  CHECK(std::find(to_wake.begin(), to_wake.end(), part_of(project, 1)) != to_wake.end());
}
