#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>

#include "tests/broker/audit/forge.h"

// A journal whose chain is whole, because whoever forged it made the digests again: its records break a rule.
using namespace tally;
using namespace tally::audit::testing;

namespace {

// Puts other records in the place of the first payout.
void replace_payout(PartId part, const std::function<std::vector<Record>(const PayoutPosted&)>& by) {
  bool is_done = false;
  forge(part, [&](std::vector<Record>& records) {
    const auto is_payout = [](const Record& record) { return std::holds_alternative<PayoutPosted>(record); };
    const auto found = std::find_if(records.begin(), records.end(), is_payout);
    if (is_done || found == records.end()) return;
    is_done = true;
    const std::vector<Record> others = by(std::get<PayoutPosted>(*found));
    records.insert(records.erase(found), others.begin(), others.end());
  });
  REQUIRE(is_done);
}

PayDecided decided(std::int32_t assignment, PayState state) { return {assignment, state, "", 0, 1}; }

}  // namespace

TEST_CASE("a forged chain alone deceives nobody about nothing: the same records are clean") {
  const Restored restored;
  forge(part_of(history().project, 1), [](std::vector<Record>&) {});
  CHECK(audit_all().wrong.empty());
}

TEST_CASE("records that break a rule are found in a journal whose digests are right") {
  const Restored restored;
  const History& h = history();
  const PartId part = part_of(h.project, 1);
  const PartId reviewed = part_of(h.reviewed, 1);
  const PartId skilled = part_of(h.skilled, 1);
  const PartId confident = part_of(h.confident, 1);
  const PartId home = account_part_of(h.requester);
  const std::vector<Forgery> forgeries = {
      {[&] {
         forge_one<VerdictReached>(part, [](VerdictReached& r) {
           r.judged[0].value = "other";
           return true;
         });
       },
       "is not what 'plurality' makes of its ballots"},
      {[&] {
         forge_one<VerdictReached>(part, [](VerdictReached& r) {
           r.ballots.pop_back();
           return true;
         });
       },
       "its ballots are not the answers that were accepted before it"},
      {[&] {
         forge_one<VerdictReached>(part, [](VerdictReached& r) {
           r.judged[0].method = "oracle";
           return true;
         });
       },
       "there is no method 'oracle'"},
      {[&] {
         forge_one<VerdictReached>(skilled, [](VerdictReached& r) {
           --r.evidence[0].evidence.said[0];
           return true;
         });
       },
       "its evidence is not what the answers before it give"},
      {[&] {
         forge_one<VerdictReached>(skilled, [](VerdictReached& r) {
           LabelEvidence others = r.evidence[0].of_others.value_or(r.evidence[0].evidence);
           --others.said[0];
           r.evidence[0].of_others = std::move(others);
           return true;
         });
       },
       "its evidence is not what the answers before it give"},
      {[&] {
         forge_one<VerdictReached>(confident, [](VerdictReached& r) {
           r.evidence[0].claim.version = 1;
           return true;
         });
       },
       "its claims are of table 1, and this program has table "},
      {[&] {
         forge_one<VerdictReached>(confident, [](VerdictReached& r) {
           ++r.audited_after;
           return true;
         });
       },
       "it says of its audit what the records before it do not"},
      {[&] {
         forge_one<VerdictReached>(skilled, [](VerdictReached& r) {
           ++r.judged[0].confidence_ppm;
           return true;
         });
       },
       "is not what 'skill' makes of its ballots"},
      {[&] {
         forge_one<VerdictReached>(skilled, [](VerdictReached& r) {
           r.reason = VerdictReason::quorum;
           return true;
         });
       },
       "it says quorum, which the project does not ask for"},
      {[&] {
         forge_one<VerdictReached>(confident, [](VerdictReached& r) {
           if (r.evidence[0].claim.gold.empty()) return false;
           ++r.evidence[0].claim.gold[0].right;
           return true;
         });
       },
       "its evidence is not what the answers before it give"},
      {[&] {
         forge_one<VerdictReached>(confident, [](VerdictReached& r) {
           if (r.reason != VerdictReason::confidence_reached) return false;
           r.reason = VerdictReason::futile;
           return true;
         });
       },
       "it says that more answers are in vain, and they are not"},
      {[&] {
         forge_one<TasksPosted>(confident, [](TasksPosted& r) {
           r.gold[0].ballots[0] = "penguin";
           return true;
         });
       },
       "its gold cannot be"},
      {[&] {
         forge_one<TasksPosted>(confident, [](TasksPosted& r) {
           r.gold[0].ballots[0] = "other";
           return true;
         });
       },
       "its evidence is not what the answers before it give"},
      {[&] {
         forge_one<TaskAudited>(confident, [](TaskAudited& r) {
           ++r.answers;
           return true;
         });
       },
       "it had another number of answers"},
      {[&] {
         forge_one<TaskAudited>(confident, [](TaskAudited& r) {
           ++r.judged[0].bucket;
           return true;
         });
       },
       "it was judged otherwise, or could not have settled"},
      {[&] {
         forge_one<PayDecided>(part, [](PayDecided& r) {
           if (r.state != PayState::unpaid) return false;
           r.state = PayState::paid;
           r.reason.clear();
           return true;
         });
       },
       "does not agree with the verdict on 'bird', and is paid"},
      {[&] {
         replace_payout(
             part, [](const PayoutPosted& r) { return std::vector<Record>{decided(r.assignment, PayState::unpaid)}; });
       },
       "it must be paid"},
      {[&] {
         replace_payout(part, [](const PayoutPosted& r) {
           return std::vector<Record>{decided(r.assignment, PayState::paid), r};
         });
       },
       "an answer that waits is paid by its payout alone"},
      {[&] {
         std::int32_t first = 0;
         forge_one<PayoutPosted>(part, [&](PayoutPosted& r) {
           if (first == 0) first = r.assignment;
           if (r.assignment == first) return false;
           r.assignment = first;
           return true;
         });
       },
       "this answer was paid before"},
      {[&] {
         forge_one<PayoutPosted>(part, [](PayoutPosted& r) {
           r.assignment = 777;
           return true;
         });
       },
       "it pays no answer"},
      {[&] {
         forge_one<PayoutPosted>(part, [](PayoutPosted& r) {
           r.owner = AccountId{99};
           return true;
         });
       },
       "it takes more than there is: escrow of 99"},
      {[&] {
         drop(reviewed, [](const Record& record) {
           const auto* r = std::get_if<PayDecided>(&record);
           return r != nullptr && r->state == PayState::paid;
         });
       },
       "it pays an answer that is not to be paid"},
      {[&] {
         // Of an answer that is not even under review.
         drop(reviewed, [](const Record& record) { return std::holds_alternative<PayDecided>(record); });
       },
       "the project reviews each answer"},
      {[&] {
         forge(home, [&](std::vector<Record>& records) {
           for (Record& record : records) {
             const auto* r = std::get_if<TransferPosted>(&record);
             if (r != nullptr && r->no == 1) record = PayoutPosted{1, 1, h.requester, h.ann, Micros{1}, {}, 1};
           }
         });
       },
       "no such transfer exists in a part of this kind"},
      {[&] {
         forge_one<PayoutPosted>(part, [](PayoutPosted& r) {
           r.amount.value += 1;
           return true;
         });
       },
       "it is not the reward, which is 0.01"},
      {[&] {
         forge_one<PayoutPosted>(part, [](PayoutPosted& r) {
           r.fee.value += 1;
           return true;
         });
       },
       "its fee is not that on the reward"},
      {[&] {
         forge_one<PayoutPosted>(part, [](PayoutPosted& r) {
           r.fee = Micros{};
           return true;
         });
       },
       "its fee is not that on the reward"},
      {[&] {
         forge_one<PayoutPosted>(part, [](PayoutPosted& r) {
           r.fee.value = -5;
           return true;
         });
       },
       "its fee is below zero"},
      {[&] {
         forge_one<PayoutPosted>(part, [](PayoutPosted& r) {
           r.worker = AccountId{99};
           return true;
         });
       },
       "it pays another worker than answered"},
      {[&] { drop(part, [](const Record& record) { return std::holds_alternative<PayoutPosted>(record); }); },
       "its number is not the next"},
      {[&] {
         std::int32_t first = 0;
         forge(part, [&](std::vector<Record>& records) {
           for (std::size_t i = 0; i < records.size(); ++i) {
             const auto* answer = std::get_if<AnswerAccepted>(&records[i]);
             if (answer == nullptr || first != 0) continue;
             first = answer->assignment;
             const Record again = records[i];
             records.insert(records.begin() + static_cast<std::ptrdiff_t>(i), again);
             return;
           }
         });
       },
       "it was answered before"},
      {[&] { drop(part, [](const Record& record) { return std::holds_alternative<VerdictReached>(record); }); },
       "its task has no verdict yet"},
      {[&] {
         forge_one<TransferPosted>(home, [](TransferPosted& r) {
           if (r.kind != TransferKind::reserve) return false;
           r.amount.value -= 1;
           return true;
         });
       },
       "what was put in transit up to here and what mails carry differ by -0.000001"},
      {[&] {
         forge_one<TransferPosted>(home, [](TransferPosted& r) {
           if (r.kind != TransferKind::deposit) return false;
           r.amount.value = 10;
           return true;
         });
       },
       "it takes more than there is: wallet of "},
      {[&] {
         forge_one<TransferPosted>(home, [](TransferPosted& r) {
           if (r.kind != TransferKind::reversal || r.reverses == 0) return false;
           r.reverses = 1;
           return true;
         });
       },
       "it is not the opposite of the transfer it reverses"},
      {[&] {
         forge_one<TransferPosted>(home, [](TransferPosted& r) {
           r.amount.value = -5;
           return true;
         });
       },
       "its amount is not above zero"},
      {[&] {
         forge_one<PayDecided>(reviewed, [](PayDecided& r) {
           if (r.state != PayState::review) return false;
           r.state = PayState::paid;
           return true;
         });
       },
       "the project reviews each answer"},
      {[&] {
         drop(reviewed, [](const Record& record) {
           const auto* mail = std::get_if<MailSent>(&record);
           return mail != nullptr && std::holds_alternative<TakeBack>(mail->body);
         });
       },
       "it was delivered, and never sent"},
      {[&] {
         forge_one<ProjectCreated>(control_part_of(h.project), [](ProjectCreated& r) {
           r.opened.amount.value -= 1;
           return true;
         });
       },
       "what was reserved is not the worst case"},
      {[&] {
         forge_one<AssignmentLeased>(part, [](AssignmentLeased& r) {
           if (r.no < 2) return false;
           r.task = 1;
           return true;
         });
       },
       "this worker had the task before"},
      {[&] {
         forge_one<TaskPartCreated>(part, [](TaskPartCreated& r) {
           r.spec.redundancy.quorum = 0;
           return true;
         });
       },
       "its redundancy cannot be"},
  };
  check_found(forgeries);
}

TEST_CASE("money that only one side of a mail knows of is found by the sums over all parts") {
  const Restored restored;
  const History& h = history();
  // The receiver notes more than the mail carried, in its journal and in every row: by itself each part is right.
  const PartId part = account_part_of(h.ann);
  const std::string id = std::to_string(part.value);
  std::int32_t shifted = 0;
  forge(part, [&](std::vector<Record>& records) {
    for (Record& record : records) {
      auto* transfer = std::get_if<TransferPosted>(&record);
      if (transfer == nullptr || transfer->kind != TransferKind::sweep || shifted > 0) continue;
      transfer->amount.value += 7;
      shifted = transfer->no;
    }
  });
  REQUIRE(shifted > 0);
  tamper("UPDATE tally.transfers SET amount = amount + 7 WHERE part_id = " + id +
         " AND transfer_no = " + std::to_string(shifted));
  const auto row = query("SELECT to_fund, to_owner FROM tally.transfers WHERE part_id = " + id +
                         " AND transfer_no = " + std::to_string(shifted))
                       .at(0);
  tamper("UPDATE tally.sub_accounts SET balance = balance - 7 WHERE part_id = " + id + " AND fund = 'transit'");
  tamper("UPDATE tally.sub_accounts SET balance = balance + 7 WHERE part_id = " + id + " AND fund = '" + row[0] +
         "' AND owner_id = " + row[1]);
  const Outcome outcome = audit_all();
  CHECK(outcome.wrong == "sub_accounts of all parts: transit comes to -7 micros, the mail under way to 0");
}
