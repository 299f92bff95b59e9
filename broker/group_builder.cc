#include "broker/group_builder.h"

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/codec/codec.h"
#include "common/codec/records_codec.h"

namespace tally::broker {
namespace {

std::string encoded_body(const std::variant<std::string, Item, AnswerValues>& body) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, Item>) {
          return codec::encode_item(held);
        } else if constexpr (std::is_same_v<Held, AnswerValues>) {
          return codec::encode_answer(held);
        } else {
          return held;
        }
      },
      body);
}

// What a snapshot of the part would hold, about.
std::int64_t facts_in(const core::Part& part) {
  const std::int64_t common = std::ssize(part.ledger.balances) + std::ssize(part.postbox.outbox);
  if (is_account_part(part.id)) {
    const core::AccountPart& accounts = part.accounts();
    return common + std::ssize(accounts.accounts) + std::ssize(accounts.kept) + std::ssize(accounts.deposits) +
           std::ssize(accounts.payout_runs);
  }
  if (is_control_part(part.id)) {
    const core::ControlPart& control = part.control();
    std::int64_t rows = 0;
    for (const auto& [field_no, workers] : control.skills.workers) rows += std::ssize(workers);
    return common + std::ssize(control.parts) + std::ssize(control.worker_tasks) + std::ssize(control.kept) +
           std::ssize(control.gold) + std::ssize(control.trainees) + rows;
  }
  constexpr std::size_t bytes_of_fact = 64;  // Of a model, which is mostly counts.
  std::size_t of_models = 0;
  for (const auto& [field_no, model] : part.tasks().models) of_models += model.bytes();
  return common + std::ssize(part.tasks().tasks) + std::ssize(part.tasks().assignments) +
         static_cast<std::int64_t>(of_models / bytes_of_fact);
}

}  // namespace

void GroupBuilder::add(core::Effects& effects) {
  for (core::PartRecord& made : effects.records) {
    parts_[made.part].push_back(std::move(made.record));
    ++records_;
  }
  for (const core::NewContent& content : effects.contents) {
    contents_.push_back({content.part, content.kind, content.no, encoded_body(content.body)});
    bytes_ += static_cast<std::int64_t>(contents_.back().body.size());
  }
  effects.records.clear();
  effects.contents.clear();
}

std::vector<PartId> GroupBuilder::parts() const {
  std::vector<PartId> ids;
  for (const auto& [id, records] : parts_) ids.push_back(id);
  return ids;
}

storage::Group GroupBuilder::close(const core::Core& core, Time now) {
  storage::Group group;
  for (auto& [id, records] : parts_) {
    const core::Part* part = core.find(id);
    TALLY_ASSERT(part != nullptr);
    Tail& tail = tails_[id];
    storage::PartBatch batch;
    batch.part = id;
    batch.created = tail.commit_seq == 0;
    batch.epoch = tail.epoch;
    batch.commit_seq = ++tail.commit_seq;
    batch.at = now;
    if (planted(Bug::wrong_record_order) && records.size() > 1) std::swap(records.front(), records.back());
    ++tail.batches;
    tail.records += std::ssize(records);
    batch.encoded = codec::encode_records(records);
    batch.records = std::move(records);
    batch.previous = tail.digest;
    batch.digest = storage::batch_digest(tail.digest, id, batch.commit_seq, batch.epoch, now, batch.encoded);
    tail.digest = batch.digest;
    batch.summary = summary_of(*part);
    if (wants_snapshot(tail, *part)) {
      core::PartImage image = core::image_of(*part);
      if (planted(Bug::snapshot_without_outbox)) image.postbox.outbox.clear();
      batch.snapshot = codec::encode(image, codec::Form::positional);
      tail.batches = 0;
      tail.records = 0;
    }
    group.parts.push_back(std::move(batch));
  }
  group.contents = std::move(contents_);
  clear();
  return group;
}

bool GroupBuilder::wants_snapshot(const Tail& tail, const core::Part& part) const {
  return tail.batches >= rule_.batches_min && tail.records >= rule_.growth_min * facts_in(part);
}

void GroupBuilder::clear() {
  parts_.clear();
  contents_.clear();
  records_ = 0;
  bytes_ = 0;
}

storage::PartSummary summary_of(const core::Part& part) {
  storage::PartSummary summary;
  summary.next_due_ms = core::wake_ms(part);
  if (is_control_part(part.id)) summary.state = static_cast<std::int16_t>(part.control().state);
  if (!is_task_part(part.id)) return summary;
  const core::TaskPart& tasks = part.tasks();
  summary.state = static_cast<std::int16_t>(tasks.state);
  summary.tasks = std::ssize(tasks.tasks);
  summary.settled = tasks.settled;
  summary.undecided = tasks.undecided;
  summary.best_guesses = tasks.best_guesses;
  summary.answers = tasks.answers;
  summary.leased = tasks.live;
  summary.under_review = tasks.under_review;
  summary.paid = tasks.paid;
  summary.fees = tasks.fees;
  return summary;
}

ReadPart read_part(storage::LoadedPart stored) {
  const auto damaged = [&](const Refusal& refusal) {
    return std::runtime_error("the journal of " + to_text(stored.part) + " is damaged: " + refusal.detail);
  };
  ReadPart read;
  read.loaded.part = stored.part;
  read.loaded.exists = stored.exists;
  if (!stored.exists) return read;
  if (stored.snapshot) {
    auto image = codec::decode<core::PartImage>(*stored.snapshot, codec::own_limits, codec::Form::positional);
    if (!image) throw damaged(image.error());
    read.loaded.image = std::move(*image);
  }
  for (const storage::LoadedBatch& batch : stored.batches) {
    auto records = codec::decode_records(batch.encoded);
    if (!records) throw damaged(records.error());
    read.tail.records += std::ssize(*records);
    read.loaded.batches.push_back(std::move(*records));
  }
  read.loaded.received = std::move(stored.received);
  read.loaded.arrived = std::move(stored.arrived);
  read.loaded.outage_ms = stored.outage_ms;
  read.tail.epoch = stored.epoch;
  read.tail.commit_seq = stored.commit_seq;
  read.tail.digest = stored.digest;
  read.tail.batches = std::ssize(stored.batches);
  return read;
}

}  // namespace tally::broker
