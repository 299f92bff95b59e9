#include <functional>

#include <catch2/catch.hpp>

#include "tests/broker/audit/history.h"

using namespace tally;
using namespace tally::audit::testing;

namespace {

struct Restored {
  Restored() { history(); }
  ~Restored() { restore(); }
};

std::string first_part() { return std::to_string(part_of(history().project, 1).value); }
std::string number_of(PartId part) { return std::to_string(part.value); }

}  // namespace

TEST_CASE("the audit of an honest history finds nothing, and counts what there is") {
  history();
  const Outcome outcome = audit_all();
  CHECK(outcome.wrong.empty());
  CHECK(outcome.all.sum == Micros{0});
  CHECK(outcome.all.transit == outcome.all.in_outboxes);
  CHECK(std::to_string(outcome.all.batches) == query("SELECT count(*) FROM tally.batches")[0][0]);
  CHECK(std::to_string(outcome.all.transfers) ==
        query("SELECT (SELECT count(*) FROM tally.transfers) + (SELECT count(*) FROM tally.payouts)")[0][0]);
  CHECK(std::to_string(outcome.all.verdicts) == query("SELECT count(*) FROM tally.verdicts")[0][0]);
  CHECK(std::to_string(outcome.all.payouts) == query("SELECT count(*) FROM tally.payouts")[0][0]);
  CHECK(std::to_string(outcome.all.parts) == query("SELECT count(*) FROM tally.parts")[0][0]);
  CHECK(outcome.all.payouts > 10);
}

TEST_CASE("the ledger's lines come to zero for each transfer, and to the balance for each sub-account") {
  history();
  CHECK(query("SELECT part_id, transfer_no FROM tally.ledger_lines GROUP BY 1, 2 HAVING sum(amount) <> 0").empty());
  CHECK(query("SELECT part_id, fund, owner_id, sum(amount) FROM tally.ledger_lines GROUP BY 1, 2, 3 "
              "EXCEPT SELECT part_id, fund, owner_id, balance FROM tally.sub_accounts")
            .empty());
  CHECK(query("SELECT part_id, fund, owner_id, balance FROM tally.sub_accounts EXCEPT "
              "SELECT part_id, fund, owner_id, sum(amount) FROM tally.ledger_lines GROUP BY 1, 2, 3")
            .empty());
  // All that was paid is in it, each with its fee, and every number of a part once.
  CHECK(query("SELECT count(DISTINCT (part_id, transfer_no)), count(*), -sum(amount) FILTER (WHERE fund = 'escrow') "
              "FROM tally.ledger_lines WHERE kind = 'payout'") ==
        query("SELECT count(*), 3 * count(*), sum(amount + fee) FROM tally.payouts"));
  CHECK(query("SELECT part_id FROM tally.ledger_lines GROUP BY 1 HAVING count(DISTINCT transfer_no) <> "
              "max(transfer_no)")
            .empty());
}

TEST_CASE("the audit finds nothing in the middle of things either, and counts what is under way between parts") {
  CHECK(history().wrong_in_between.empty());
  CHECK(history().most_under_way > Micros{0});
}

TEST_CASE("one changed row of any table is found and named with its rule") {
  const Restored restored;
  const History& h = history();
  const std::string p = first_part();
  const std::string home = number_of(account_part_of(h.requester));
  const std::string of_ann = std::to_string(h.ann.value);
  struct Lie {
    std::string sql;
    std::vector<std::string> named;
  };
  const std::vector<Lie> lies = {
      {"UPDATE tally.answers SET worker_id = 99 WHERE part_id = " + p + " AND assignment_no = 1",
       {"answers p", " a", ".1: worker_id is 99, the journal says " + of_ann}},
      {"UPDATE tally.answers SET ballots = '\\x91a178' WHERE part_id = " + p + " AND assignment_no = 1",
       {"answers p", ".1: ballots is not what the journal says"}},
      {"DELETE FROM tally.answers WHERE part_id = " + p + " AND assignment_no = 2",
       {"answers p", ".2: missing; the journal has it"}},
      {"INSERT INTO tally.answers SELECT part_id, 777, 777, worker_id, ballots, digest, at_ms, took_ms FROM "
       "tally.answers "
       "WHERE part_id = " +
           p + " AND assignment_no = 1",
       {"answers p", ".777: not in the journal"}},
      {"UPDATE tally.verdicts SET judged = '\\x90' WHERE part_id = " + p + " AND task_no = 1",
       {"verdicts p", " t", ".1: judged is not what the journal says"}},
      {"DELETE FROM tally.verdicts WHERE part_id = " + p + " AND task_no = 2",
       {"verdicts p", ".2: missing; the journal has it"}},
      {"UPDATE tally.pay_decisions SET state = 'paid', reason = '' WHERE part_id = " + p +
           " AND state = 'unpaid' "
           "AND assignment_no = (SELECT min(assignment_no) FROM tally.pay_decisions WHERE part_id = " +
           p + " AND state = 'unpaid')",
       {"pay_decisions p", ": state is paid, the journal says unpaid"}},
      {"UPDATE tally.payouts SET amount = amount + 1 WHERE part_id = " + p + " AND assignment_no = 1",
       {"payouts p", " a", ".1: amount is 10001, the journal says 10000"}},
      {"UPDATE tally.payouts SET fee = fee - 1 WHERE part_id = " + p + " AND assignment_no = 1",
       {"payouts p", " a", ".1: fee is 1999, the journal says 2000"}},
      {"UPDATE tally.payouts SET worker_id = 99 WHERE part_id = " + p + " AND assignment_no = 1",
       {"payouts p", " a", ".1: worker_id is 99, the journal says " + of_ann}},
      {"UPDATE tally.payouts SET transfer_no = 1 WHERE part_id = " + p + " AND assignment_no = 1",
       {"payouts p", " a", ".1: transfer_no is 1, the journal says "}},
      {"DELETE FROM tally.payouts WHERE part_id = " + p + " AND assignment_no = 1",
       {"payouts p", " a", ".1: missing; the journal has it"}},
      {"INSERT INTO tally.payouts SELECT part_id, 777, 777, owner_id, worker_id, amount, fee, at_ms FROM tally.payouts "
       "WHERE part_id = " +
           p + " AND assignment_no = 1",
       {"payouts p", ".777: not in the journal"}},
      {"UPDATE tally.transfers SET amount = amount + 1 WHERE part_id = " + home + " AND transfer_no = 1",
       {"transfers p0.", " m0.", ".1: amount is 50000001, the journal says 50000000"}},
      {"DELETE FROM tally.transfers WHERE part_id = " + home + " AND transfer_no = 1",
       {"transfers p0.", " m0.", ".1: missing; the journal has it"}},
      {"UPDATE tally.sub_accounts SET balance = balance + 5 WHERE fund = 'wallet' AND owner_id = " +
           std::to_string(h.requester.value),
       {"sub_accounts p0.", " wallet of " + std::to_string(h.requester.value) + ": balance is "}},
      {"INSERT INTO tally.outbox VALUES (" + p + ", 9999, 0, 'sweep', 5, '\\x90', 1)",
       {"outbox p", " mail 9999: not in the journal"}},
      {"DELETE FROM tally.inbox WHERE part_id = " + number_of(control_part_of(h.project)) +
           " AND mail_no = 1 AND from_part = " + p,
       {"inbox p", "missing"}},
      {"UPDATE tally.command_keys SET input_digest = '\\x00' WHERE key = 'first'",
       {"command_keys p0.", " key 'first' of account ", ": input_digest is "}},
      {"UPDATE tally.payout_runs SET amount = amount + 1 WHERE run = 'november' AND account_id = " + of_ann,
       {"payout_runs p0.", " run 'november' account " + of_ann + ": amount is "}},
      {"DELETE FROM tally.payout_runs_settled", {"payout_runs_settled p0.", " run 'november': missing"}},
      {"UPDATE tally.people SET role = 'admin' WHERE account_id = " + of_ann,
       {"people p0.", " account " + of_ann + ": role is admin, the journal says worker"}},
      {"UPDATE tally.projects SET fee_ppm = 0 WHERE project_id = " + std::to_string(h.project.value),
       {"projects p", ": fee_ppm is 0, the journal says 200000"}},
      {"UPDATE tally.parts SET answers = answers + 1 WHERE part_id = " + p, {"parts p", ": answers is "}},
      {"UPDATE tally.parts SET digest = sha256('x') WHERE part_id = " + p,
       {"parts p", ": its digest is not that of its last batch"}},
      {"UPDATE tally.parts SET state = 3 WHERE part_id = " + number_of(control_part_of(h.reviewed)),
       {"parts p", ": its state is not the project's: open"}},
      {"DELETE FROM tally.parts WHERE part_id = " + p, {"parts p", ": missing"}},
      {"UPDATE tally.answers SET body = (SELECT body FROM tally.answers WHERE part_id = " + p +
           " AND assignment_no = 5) WHERE part_id = " + p + " AND assignment_no = 1",
       {"contents p", " answer a", ".1: does not give the ballots that were counted"}},
      {"DELETE FROM tally.contents WHERE part_id = " + p + " AND kind = 'item' AND no = 6",
       {"contents p", " item t", ".6: missing"}},
  };
  for (const Lie& lie : lies) {
    INFO(lie.sql);
    tamper(lie.sql);
    const Outcome outcome = audit_all();
    INFO(outcome.wrong);
    CHECK_FALSE(outcome.wrong.empty());
    for (const std::string& piece : lie.named) CHECK(outcome.wrong.find(piece) != std::string::npos);
    restore();
  }
}

TEST_CASE("a journal that was touched is found: a byte, a digest, a batch, a number") {
  const Restored restored;
  const std::string p = first_part();
  const std::string of_batch = " WHERE part_id = " + p + " AND commit_seq = 5";
  const auto [sql, named] = GENERATE_COPY(table<std::string, std::string>({
      {"UPDATE tally.batches SET records = set_byte(records, octet_length(records) - 1, "
       "get_byte(records, octet_length(records) - 1) # 1)" +
           of_batch,
       " commit 5: its digest is not that of its records"},
      {"UPDATE tally.batches SET at_ms = at_ms + 1" + of_batch, " commit 5: its digest is not that of its records"},
      {"UPDATE tally.batches SET epoch = 2" + of_batch, " commit 5: its digest is not that of its records"},
      {"UPDATE tally.batches SET digest = sha256('x')" + of_batch, " commit 5: its digest is not that of its records"},
      {"UPDATE tally.batches SET previous = sha256('x')" + of_batch,
       " commit 5: it does not follow the digest of the batch before"},
      {"DELETE FROM tally.batches" + of_batch, " commit 5: missing"},
      {"DELETE FROM tally.batches WHERE part_id = " + p +
           " AND commit_seq = (SELECT max(commit_seq) FROM tally.batches WHERE part_id = " + p + ")",
       ": missing; the part is at commit "},
      {"DELETE FROM tally.batches WHERE part_id = " + p, " commit 1: missing"},
  }));
  INFO(sql);
  tamper(sql);
  const Outcome outcome = audit_all();
  INFO(outcome.wrong);
  CHECK(outcome.wrong.find("batches p") == 0);
  CHECK(outcome.wrong.find(named) != std::string::npos);
}

TEST_CASE("an erased answer is no lie") {
  const Restored restored;
  tamper("UPDATE tally.answers SET body = NULL WHERE part_id = " + first_part());
  CHECK(audit_all().wrong.empty());
}

TEST_CASE("an audit goes on where it stopped, and a made-up cursor is refused") {
  history();
  VerifyAudit message;
  message.after = number_of(control_part_of(history().project));
  const auto rest = auditor().verify(message);
  REQUIRE(rest);
  CHECK(std::get<AuditPage>(rest.value()).parts < audit_all().all.parts);
  message.after = "p1; DROP";
  const auto refused = auditor().verify(message);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == RefusalCode::malformed);
}

TEST_CASE("without a database the audit says so, and when to ask again") {
  const std::atomic<bool> keep_going{false};
  audit::Auditor away({"host=/nonexistent dbname=tally connect_timeout=1", {}}, keep_going);
  const auto refused = away.verify({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == RefusalCode::unavailable);
  CHECK(refused.error().retry_after_ms > 0);
}
