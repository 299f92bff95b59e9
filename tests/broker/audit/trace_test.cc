#include <algorithm>

#include <catch2/catch.hpp>

#include "broker/audit/trace_lines.h"
#include "schemas/qualification_name.h"
#include "tests/broker/audit/history.h"

using namespace tally;
using namespace tally::audit::testing;

namespace {

std::vector<TraceLine> trace(const std::string& id) {
  history();
  const auto reply = auditor().trace(TraceAudit{id});
  if (!reply) throw std::runtime_error(reply.error().detail);
  return std::get<AuditTrace>(reply.value()).lines;
}

RefusalCode refused(const std::string& id) {
  history();
  const auto reply = auditor().trace(TraceAudit{id});
  REQUIRE_FALSE(reply);
  INFO(reply.error().detail);
  return reply.error().code;
}

// All lines as one text, a line each.
std::string text_of(const std::vector<TraceLine>& lines) {
  std::string text;
  for (const TraceLine& line : lines) text += line.what + ": " + line.text + '\n';
  return text;
}

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

bool in_order(const std::string& text, const std::vector<std::string>& pieces) {
  std::size_t at = 0;
  for (const std::string& piece : pieces) {
    at = text.find(piece, at);
    if (at == std::string::npos) {
      UNSCOPED_INFO("not there, or not in its place: " << piece);
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("an assignment's trace tells the whole chain, from the deposit to the payout run") {
  const History& h = history();
  const std::string id = to_text(h.answer_of_ann);
  const auto lines = trace(id);
  const std::string text = text_of(lines);
  INFO(text);
  CHECK(std::is_sorted(lines.begin(), lines.end(),
                       [](const TraceLine& a, const TraceLine& b) { return a.at_ms < b.at_ms; }));
  CHECK(in_order(text, {"deposit: m0.",
                        "50.00 outside -> wallet of ",
                        "note 'bank transfer first'",
                        "reserve: m0.",
                        "project posted: project ",
                        "'Birds'",
                        "task posted: ",
                        "item 1: 'picture 1'",
                        "escrow sent: ",
                        "escrow received: ",
                        "open for work",
                        "leased: " + id,
                        "answer accepted: " + id,
                        "bird = 'bunting'",
                        "as handed in: bird = 'bunting'",
                        "verdict: " + to_text(h.task_of_ann),
                        "settled: bird = 'bunting' by plurality",
                        "payout: m",
                        "0.01 escrow of ",
                        "-> earnings of " + std::to_string(h.ann.value) + ", fee 0.002 -> fees, for " + id,
                        "swept: mail ",
                        "arrived: m0.",
                        "payout run: 'november'",
                        "paid out: run 'november'"}));
  CHECK(has(text, " commit "));
  CHECK(has(text, "account " + std::to_string(h.ann.value)));
  CHECK_FALSE(has(text, "leased: a" + std::to_string(h.project.value) + ".1.2 "));
}

TEST_CASE("a task's trace shows every worker's answer, and why each was paid or not") {
  const PartId part = part_of(history().project, 1);
  const std::string text = text_of(trace(to_text(TaskId{part, 2})));
  INFO(text);
  CHECK(in_order(text,
                 {"bird = 'bunting'", "bird = 'grosbeak'", "verdict: ", "ballots: a", "weight 1", "pay decided: "}));
  CHECK(has(text, "unpaid, disagrees_on:bird"));
  const std::string undecided = text_of(trace(to_text(TaskId{part, 3})));
  INFO(undecided);
  CHECK(has(undecided, "undecided (max_reached): bird undecided by plurality"));
  const std::string skipped = text_of(trace(to_text(TaskId{part, 4})));
  INFO(skipped);
  CHECK(in_order(skipped, {"leased: ", "skipped: ", "taken_back: ", "leased: ", "answer accepted: "}));
}

TEST_CASE("a rejection and a reversal tell their reason, and where the money was asked back") {
  const PartId part = part_of(history().reviewed, 1);
  CHECK(has(text_of(trace(to_text(AssignmentId{part, 2}))), "unpaid, rejected: 'an empty picture'"));
  const std::string back = text_of(trace(to_text(AssignmentId{part, 3})));
  INFO(back);
  CHECK(in_order(back, {"payout: m", "pay decided: ", "reversed, reversed: 'fraud'", "reversal: m"}));
  CHECK_FALSE(has(back, "swept: "));
  const std::string later = text_of(trace(to_text(AssignmentId{part, 1})));
  INFO(later);
  CHECK(in_order(later, {"payout: m", "swept: mail ", "arrived: m0.", "asked back: mail "}));
}

TEST_CASE("money in a wallet leads back to the answers and verdicts that it paid for") {
  const History& h = history();
  const std::string home = std::to_string(account_part_of(h.ann).value);
  const auto rows =
      query("SELECT transfer_no FROM tally.transfers WHERE part_id = " + home +
            " AND kind = 'sweep' AND to_owner = " + std::to_string(h.ann.value) + " ORDER BY transfer_no");
  const std::string text = text_of(trace("m0." + home + '.' + rows.at(0).at(0)));
  INFO(text);
  CHECK(in_order(
      text,
      {"payout: m", "for " + to_text(h.answer_of_ann) + ", " + to_text(h.task_of_ann) + " settled: bird = 'bunting'",
       "sent: mail ", ": sweep, ", "sweep: m0."}));
}

TEST_CASE("fees in the house's wallet lead back to their answers, also those whose payout was reversed") {
  const PartId part = part_of(history().reviewed, 1);
  const auto rows =
      query("SELECT transfer_no FROM tally.transfers WHERE kind = 'sweep' AND from_fund = 'fees' AND part_id = " +
            std::to_string(part.value) + " ORDER BY transfer_no");
  const std::string text = text_of(trace(to_text(TransferId{part, std::stoi(rows.at(0).at(0))})));
  INFO(text);
  // The third was reversed before the sweep: the reward went back, the fee did not.
  CHECK(in_order(text, {"fee 0.002 -> fees, for a", "fee 0.002 -> fees, for " + to_text(AssignmentId{part, 3})}));
}

TEST_CASE("a payout's trace is its answer's, a deposit's shows that it was reversed, a bonus leads to its answer") {
  const History& h = history();
  const auto payout =
      query("SELECT transfer_no FROM tally.payouts WHERE part_id = " + std::to_string(h.answer_of_ann.part.value) +
            " AND assignment_no = " + std::to_string(h.answer_of_ann.no));
  const TransferId id{h.answer_of_ann.part, std::stoi(payout.at(0).at(0))};
  CHECK(text_of(trace(to_text(id))) == text_of(trace(to_text(h.answer_of_ann))));

  const std::string home = std::to_string(account_part_of(h.requester).value);
  const std::string deposit = text_of(trace("m0." + home + ".2"));
  INFO(deposit);
  CHECK(in_order(deposit, {"deposit: m0." + home + ".2: 0.001 ",
                           "reversal: ", "reverses m0." + home + ".2, note 'a typing error'"}));

  const auto bonus = query("SELECT transfer_no FROM tally.transfers WHERE kind = 'bonus' AND to_owner = " +
                           std::to_string(h.ann.value));
  const std::string text =
      text_of(trace("m0." + std::to_string(account_part_of(h.ann).value) + '.' + bonus.at(0).at(0)));
  INFO(text);
  CHECK(has(text, "bonus_paid, 0.0025, for " + to_text(h.answer_of_ann)));
}

TEST_CASE("the trace of an answer tells how its worker was let in, and what was known of them") {
  const History& h = history();
  const PartId part = part_of(h.trained, 2);
  const auto row = query("SELECT assignment_no FROM tally.answers WHERE part_id = " + std::to_string(part.value) +
                         " AND worker_id = " + std::to_string(h.cem.value) + " ORDER BY 1");
  const std::string text = text_of(trace(to_text(AssignmentId{part, std::stoi(row.at(0).at(0))})));
  INFO(text);
  const std::string cem = "account " + std::to_string(h.cem.value);
  CHECK(in_order(text, {"qualification granted: 'birds', score 80, to " + cem + " by admin",
                        "training failed: " + cem + ": 1 of 2 right", "training passed: " + cem + ": 2 of 2 right",
                        "qualification granted: '" + name_by_training("buntings", h.requester) + "', score 100, to " +
                            cem + " by training of project " + std::to_string(h.trained.value),
                        "answer accepted: "}));
  CHECK(has(text, "worker known: " + cem + " came to "));
  // Of what the project does not ask for nothing is said.
  CHECK_FALSE(has(text, "'nights'"));
  // Neither of others, whom the trace of the whole task shows.
  CHECK_FALSE(has(text, "account " + std::to_string(h.ann.value) + ": 2 of 2"));
}

TEST_CASE("a task's trace tells that it was drawn for the audit") {
  const History& h = history();
  const PartId part = part_of(h.confident, 1);
  std::string all;
  for (std::int32_t no = 1; no <= 12; ++no) all += text_of(trace(to_text(TaskId{part, no})));
  CHECK(has(all, "drawn for audit: t" + std::to_string(h.confident.value) + ".1."));
  CHECK(has(all, "could settle with 2 answers, bird = 'bunting'; it goes on to all its answers"));
}

TEST_CASE("every transfer of an honest history has a trace") {
  history();
  for (const auto& row : query("SELECT DISTINCT part_id, transfer_no FROM tally.ledger_lines")) {
    const TransferId id{PartId{std::stoll(row[0])}, std::stoi(row[1])};
    INFO(to_text(id));
    CHECK_FALSE(trace(to_text(id)).empty());
  }
}

TEST_CASE("a trace that is cut says so in its last line, with how many lines are left out and how to see the rest") {
  with_snapshot([](storage::AuditSnapshot& snapshot) {
    audit::TraceLines all(snapshot);
    audit::TraceLines some(snapshot);
    const storage::AuditedBatch batch;
    const std::vector<Record> records;
    const audit::Place place{PartId{1}, batch, records};
    const auto add = [&](audit::TraceLines& lines, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) lines.add(place, 1'000, "fact", "");
    };
    add(all, audit::trace_lines_max);
    CHECK(all.take().lines.size() == audit::trace_lines_max);

    add(some, audit::trace_lines_max + 3);
    add(all, 7);
    all.append(some);
    const auto cut = all.take().lines;
    REQUIRE(cut.size() == audit::trace_lines_max + 1);
    CHECK(cut.back().what == "left out");
    CHECK(has(cut.back().text, "10 more lines"));
    CHECK(has(cut.back().text, "tally-admin audit assignment ID"));
  });
}

TEST_CASE("a trace of nothing says what there is not, and rubbish is told the three forms") {
  const std::string project = std::to_string(history().project.value);
  CHECK(refused("t" + project + ".1.999") == RefusalCode::task_not_found);
  CHECK(refused("t0.3.1") == RefusalCode::task_not_found);
  CHECK(refused("a" + project + ".1.999") == RefusalCode::assignment_not_found);
  CHECK(refused("a" + project + ".9.1") == RefusalCode::assignment_not_found);
  CHECK(refused("m" + project + ".1.9999") == RefusalCode::transfer_not_found);
  CHECK(refused("m999999.1.1") == RefusalCode::transfer_not_found);
  for (const std::string rubbish : {"", "17", "p17.1", "t17.1", "a-1.2.3", "t1.1.1; DROP TABLE", "\x1b[2J"}) {
    CHECK(refused(rubbish) == RefusalCode::malformed);
  }
  const auto reply = auditor().trace(TraceAudit{"?"});
  for (const std::string form : {"t17.1.204", "a17.1.9", "m17.1.33"}) CHECK(has(reply.error().detail, form));
}
