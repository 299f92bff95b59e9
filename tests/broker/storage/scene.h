#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/storage/support.h"

// One commit to be disturbed, and what the database must hold after it.
namespace tally::storage::testing {

// A project with one part that exists and has a live lease, and one that is made by the group under test.
class Scene {
 public:
  static constexpr SubAccount escrow{Fund::escrow, requester};
  static constexpr SubAccount transit{Fund::transit, house_account};

  explicit Scene(const StoreConfig& config = store_config()) : Scene(new_project()) {
    Store store(config, keep_going);
    if (store.commit(first_group_) != CommitOutcome::stored) throw std::runtime_error("the scene was not stored");
  }
  // The same as another process knows it that did not store it.
  explicit Scene(ProjectId its_project)
      : project(its_project), first(part_of(project, 1)), second(part_of(project, 2)), a(first), b(second) {
    first_group_ = a.group({AssignmentLeased{1, 1, worker, 7000, 9000, 1},
                            TransferPosted{1, TransferKind::reserve, transit, escrow, Micros{200'000}, 0, 0, 6000}});
  }

  // An answer and its pay in the one part, a lease in the new one; a content; a snapshot.
  Group group() {
    Group group{
        {a.batch({AnswerAccepted{1, 1, worker, {"yes", ""}, Bytes{"digest"}, 8000}, payout(2, 1, 50'000, 10'000)}),
         b.batch({PartStateChanged{PartState::open}, AssignmentLeased{1, 1, worker, 7000, 9000, 1}})},
        {{first, ContentKind::answer, 1, "an answer"}}};
    group.parts[0].snapshot = "state";
    return group;
  }
  // The next of both.
  Group next() {
    return Group{{a.batch({PartStateChanged{PartState::settled}}),
                  b.batch({AnswerAccepted{1, 1, worker, {"no", ""}, Bytes{"digest"}, 8000}})},
                 {}};
  }

  [[nodiscard]] std::string count(const std::string& table) const {
    return query_one("SELECT count(*) FROM tally." + table + " WHERE " + of_these());
  }

  // All that group() says is there, once, and the journal holds its bytes under digests that are those of its rows.
  void check_stored_once(const Group& group) const {
    for (const PartBatch& batch : group.parts) {
      const std::string where = " FROM tally.batches WHERE part_id = " + std::to_string(batch.part.value) +
                                " AND commit_seq = " + std::to_string(batch.commit_seq);
      CHECK(query("SELECT encode(digest, 'hex'), encode(records, 'hex')" + where) ==
            std::vector<std::vector<std::string>>{{to_hex(bytes_of(batch.digest)), to_hex(batch.encoded)}});
    }
    check_chains();
    CHECK(count("batches") == "3");
    CHECK(count("answers") == "1");
    CHECK(count("transfers") == "1");
    CHECK(count("payouts") == "1");
    CHECK(query_one("SELECT convert_from(body, 'UTF8') FROM tally.answers WHERE " + of_these()) == "an answer");
    CHECK(count("snapshots") == "1");
    CHECK(balance("escrow") == "140000");
    CHECK(balance("earnings") == "50000");
    CHECK(balance("fees") == "10000");
  }
  // The journals are whole: no batch is missing, each stands on the one before, and each digest is that of its row.
  void check_chains() const {
    CHECK(query_one("SELECT count(*) FROM tally.batches WHERE digest <> sha256(previous || int8send(part_id) || "
                    "int8send(commit_seq) || int8send(epoch) || int8send(at_ms) || records) AND " +
                    of_these()) == "0");
    CHECK(query_one("SELECT count(*) FROM (SELECT previous, commit_seq, "
                    "lag(digest, 1, decode(repeat('00', 32), 'hex')) OVER parts AS before, "
                    "row_number() OVER parts AS place FROM tally.batches WHERE " +
                    of_these() +
                    " WINDOW parts AS (PARTITION BY part_id ORDER BY commit_seq)) AS journal "
                    "WHERE previous <> before OR commit_seq <> place") == "0");
    CHECK(query_one("SELECT count(*) FROM tally.parts WHERE digest IS DISTINCT FROM (SELECT digest FROM tally.batches "
                    "WHERE part_id = parts.part_id ORDER BY commit_seq DESC LIMIT 1) AND " +
                    of_these()) == "0");
  }
  void check_absent() const {
    check_chains();
    CHECK(count("batches") == "1");
    CHECK(count("parts") == "1");
    CHECK(count("answers") == "0");
    CHECK(count("transfers") == "1");
    CHECK(count("payouts") == "0");
    CHECK(count("snapshots") == "0");
    CHECK(balance("escrow") == "200000");
    CHECK(query_one("SELECT commit_seq FROM tally.parts WHERE part_id = " + std::to_string(first.value)) == "1");
  }

  [[nodiscard]] std::string balance(const std::string& fund) const {
    return query_one("SELECT balance FROM tally.sub_accounts WHERE fund = '" + fund +
                     "' AND part_id = " + std::to_string(first.value));
  }

  ProjectId project;
  PartId first, second;
  PartWriter a, b;

 private:
  [[nodiscard]] std::string of_these() const {
    return "part_id IN (" + std::to_string(first.value) + ", " + std::to_string(second.value) + ")";
  }
  static std::string to_hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
      constexpr std::string_view digits = "0123456789abcdef";
      text += digits[static_cast<unsigned char>(c) >> 4U];
      text += digits[static_cast<unsigned char>(c) & 15U];
    }
    return text;
  }

  Group first_group_;
};

// A trigger at COMMIT of one part's batch, as an engine has that finds something wrong only then.
class AtCommit {
 public:
  AtCommit(PartId part, const std::string& deed) {
    query("CREATE FUNCTION tally.at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.part_id = " +
          std::to_string(part.value) + " THEN " + deed + "; END IF; RETURN NULL; END $$");
    query(
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON tally.batches DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION tally.at_commit()");
  }
  ~AtCommit() { end(); }
  AtCommit(const AtCommit&) = delete;
  AtCommit& operator=(const AtCommit&) = delete;
  static void end() { query("DROP FUNCTION IF EXISTS tally.at_commit() CASCADE"); }
};

}  // namespace tally::storage::testing
