#include "tools/sim/auditor.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/codec/records_codec.h"

namespace tally::sim {
namespace {

std::map<PartId, std::map<std::int32_t, std::string>> bodies_in(const storage::Group& group) {
  std::map<PartId, std::map<std::int32_t, std::string>> bodies;
  for (const Content& content : group.contents) {
    if (content.kind == ContentKind::answer) {
      bodies[content.part][static_cast<std::int32_t>(content.no)] = content.body;
    }
  }
  return bodies;
}

}  // namespace

// All sent mail of a group first: a mail may be sent and received in one.
void Auditor::stored(const storage::Group& group, const ModelDatabase::Owner& owner, const TaskAudit::Facts& facts) {
  std::vector<std::pair<PartId, std::vector<Record>>> parts;
  for (const storage::PartBatch& batch : group.parts) {
    journal_.stored(batch, owner.broker);
    // As they are stored, not as they were decided.
    auto records = codec::decode_records(batch.encoded);
    if (!records) return findings_.broken("G6", "a batch of " + to_text(batch.part) + " cannot be read");
    parts.emplace_back(batch.part, std::move(*records));
  }
  for (const auto& [part, records] : parts) {
    for (const Record& record : records) {
      if (const auto* mail = std::get_if<MailSent>(&record)) ledger_.sent(part, *mail);
      if (const auto* transfer = std::get_if<TransferPosted>(&record)) ledger_.transfer(part, *transfer);
      if (const auto* payout = std::get_if<PayoutPosted>(&record)) ledger_.payout(part, *payout);
    }
  }
  // Projects first: what mail tells account parts of may be in the same group.
  workers_.begin(owner.broker);
  for (const bool is_control : {true, false}) {
    for (const auto& [part, records] : parts) {
      if (is_control_part(part) != is_control) continue;
      for (const Record& record : records) workers_.apply(part, record);
    }
  }
  workers_.end();
  auto bodies = bodies_in(group);
  for (const auto& [part, records] : parts) {
    if (is_task_part(part)) tasks_.begin(part, facts, std::move(bodies[part]));
    for (const Record& record : records) {
      if (const auto* mail = std::get_if<MailReceived>(&record)) ledger_.received(part, *mail);
      replies_.stored(facts.now, part, record);
      if (is_task_part(part)) tasks_.apply(record);
    }
    if (is_task_part(part)) tasks_.end();
  }
  for (const auto& [part, records] : parts) {
    for (const Record& record : records) {
      if (const auto* mail = std::get_if<MailDelivered>(&record)) ledger_.delivered(part, *mail);
    }
  }
  ledger_.check();
  tasks_.check_caps();
}

void Auditor::check_at_rest() {
  tasks_.check_at_rest();
  ledger_.check_at_rest();
  workers_.check_at_rest(tasks_.earned(), tasks_.gold());
  replies_.check_at_rest();
}

}  // namespace tally::sim
