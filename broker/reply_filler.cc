#include "broker/reply_filler.h"

#include <algorithm>
#include <utility>

#include "common/base/assert.h"
#include "common/codec/records_codec.h"

namespace tally::broker {
namespace {

std::vector<TaskOffer>* offers_in(Reply& reply) {
  if (auto* tasks = std::get_if<Tasks>(&reply)) return &tasks->tasks;
  if (auto* submitted = std::get_if<Submitted>(&reply)) return &submitted->tasks;
  return nullptr;
}

ItemCache::Values values_of(const std::optional<std::string>& body) {
  if (!body) return {};
  auto item = codec::decode_item(*body);
  return item ? std::move(item->values) : ItemCache::Values{};
}

// Which tasks they are, where workers are not to know.
void keep_to_ourselves(std::vector<TaskOffer>& offers) {
  for (TaskOffer& offer : offers) {
    if (!offer.item_no) offer.task.reset();
  }
}

}  // namespace

ReplyFiller::ReplyFiller(ContentHand& reader, Facts facts, std::int64_t cache_bytes, std::size_t waiting_max)
    : reader_(reader), facts_(std::move(facts)), waiting_max_(waiting_max), cache_(cache_bytes) {}

void ReplyFiller::want(const ItemRun& run) {
  if (!wanted_.insert(run).second) return;
  ContentJob job{run.part, ContentKind::item, {}, 0, run.no};
  for (std::int64_t i = 0; i < items_per_run; ++i) job.numbers.push_back(run.no * items_per_run + i);
  reader_.push(std::move(job));
}

// Tasks leave in order: else whoever gets the first one of a run would wait for the database. At one place in a run and
// not all along, so that a cache without room does not read the next run again and again.
void ReplyFiller::want_ahead(TaskId task) {
  if (task.no % items_per_run != items_per_run / 2) return;
  const ItemRun next{task.part, run_of(task).no + 1};
  if (!cache_.has(next)) want(next);
}

bool ReplyFiller::fill_items(std::vector<TaskOffer>& tasks) {
  bool complete = true;
  for (TaskOffer& task : tasks) {
    if (!task.values.empty()) continue;
    TALLY_ASSERT(task.task.has_value());
    if (const auto* values = cache_.find(*task.task)) {
      task.values = *values;
    } else {
      want(run_of(*task.task));
      complete = false;
    }
  }
  return complete;
}

bool ReplyFiller::fill_items(Reply& reply) {
  auto* offers = offers_in(reply);
  return offers == nullptr || fill_items(*offers);
}

void ReplyFiller::prefetch(const Reply& reply) {
  const auto look = [&](const std::vector<TaskOffer>& tasks) {
    for (const TaskOffer& task : tasks) {
      if (cache_.find(*task.task) == nullptr) want(run_of(*task.task));
      want_ahead(*task.task);
    }
  };
  if (const auto* tasks = std::get_if<Tasks>(&reply)) look(tasks->tasks);
  if (const auto* submitted = std::get_if<Submitted>(&reply)) look(submitted->tasks);
}

void ReplyFiller::push(core::OutgoingReply reply) {
  if (auto* invited = std::get_if<Invited>(&reply.reply)) invited->line = facts_.invitation(invited->line);
  if (auto* joined = std::get_if<Joined>(&reply.reply)) joined->port = facts_.port;
  if (auto* welcome = std::get_if<Welcome>(&reply.reply)) {
    welcome->broker_version = facts_.welcome.broker_version;
    welcome->currency = facts_.welcome.currency;
    welcome->items_per_post_max = facts_.welcome.items_per_post_max;
    welcome->submits_per_message_max = facts_.welcome.submits_per_message_max;
  }
  const auto* payouts = std::get_if<PayoutFile>(&reply.reply);
  const bool has_names = std::holds_alternative<Welcome>(reply.reply) || std::holds_alternative<Joined>(reply.reply) ||
                         (payouts != nullptr && !payouts->rows.empty());
  if (!has_names && fill_items(reply.reply)) {
    ready_.push_back(std::move(reply));
  } else if (waiting() >= waiting_max_) {
    // The client sends again: the same leases and outcomes are given again.
    ++dropped_;
  } else if (has_names) {
    ask_names(std::move(reply));
  } else {
    waiting_.push_back(std::move(reply));
  }
}

void ReplyFiller::ask_names(core::OutgoingReply reply) {
  ContentJob job;
  job.kind = ContentKind::display_name;
  job.ticket = next_ticket_++;
  if (const auto* payouts = std::get_if<PayoutFile>(&reply.reply)) {
    // All of one account part. The addresses follow the names.
    for (const PayoutRow& row : payouts->rows) job.numbers.push_back(row.account.value);
    if (!payouts->rows.front().display_name.empty()) job.kind = ContentKind::payout_address;
  } else if (const auto* welcome = std::get_if<Welcome>(&reply.reply)) {
    job.numbers = {welcome->account.value};
  } else {
    job.numbers = {std::get<Joined>(reply.reply).account.value};
  }
  job.part = account_part_of(AccountId{job.numbers.front()});
  unnamed_.emplace(job.ticket, std::move(reply));
  reader_.push(std::move(job));
}

void ReplyFiller::take_names(ContentRead read) {
  auto waiting = unnamed_.extract(read.job.ticket);
  if (waiting.empty()) return;
  core::OutgoingReply reply = std::move(waiting.mapped());
  auto* payouts = std::get_if<PayoutFile>(&reply.reply);
  for (std::size_t i = 0; payouts != nullptr && i < payouts->rows.size(); ++i) {
    PayoutRow& row = payouts->rows[i];
    const std::string text = read.bodies->at(i).value_or("");
    if (read.job.kind == ContentKind::payout_address) {
      row.address = text;
    } else {
      row.display_name = text.empty() ? "(no name)" : text;
    }
  }
  if (payouts != nullptr && read.job.kind == ContentKind::display_name) return ask_names(std::move(reply));
  if (auto* welcome = std::get_if<Welcome>(&reply.reply)) welcome->display_name = read.bodies->at(0).value_or("");
  if (auto* joined = std::get_if<Joined>(&reply.reply)) joined->display_name = read.bodies->at(0).value_or("");
  ready_.push_back(std::move(reply));
}

// What cannot be read: the replies that need it are dropped, and their clients send again.
void ReplyFiller::give_up(const ContentJob& job) {
  if (job.ticket != 0) {
    dropped_ += static_cast<std::int64_t>(unnamed_.erase(job.ticket));
    return;
  }
  const ItemRun run{job.part, job.run};
  wanted_.erase(run);
  dropped_ += static_cast<std::int64_t>(std::erase_if(waiting_, [&](core::OutgoingReply& reply) {
    const std::vector<TaskOffer>& offers = *offers_in(reply.reply);
    return std::any_of(offers.begin(), offers.end(), [&](const TaskOffer& task) { return run_of(*task.task) == run; });
  }));
}

void ReplyFiller::take_results() {
  while (auto read = reader_.pop()) {
    if (!read->bodies) {
      give_up(read->job);
      continue;
    }
    if (read->job.ticket != 0) {
      take_names(std::move(*read));
      continue;
    }
    const ItemRun run{read->job.part, read->job.run};
    std::vector<ItemCache::Values> items;
    for (const auto& body : *read->bodies) items.push_back(values_of(body));
    wanted_.erase(run);
    cache_.add(run, std::move(items));
    // At once, before another run takes its place.
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if (!fill_items(it->reply)) {
        ++it;
        continue;
      }
      ready_.push_back(std::move(*it));
      it = waiting_.erase(it);
    }
  }
}

std::optional<core::OutgoingReply> ReplyFiller::pop() {
  if (ready_.empty()) return std::nullopt;
  std::optional<core::OutgoingReply> reply(std::move(ready_.front()));
  ready_.pop_front();
  if (auto* offers = offers_in(reply->reply)) keep_to_ourselves(*offers);
  return reply;
}

}  // namespace tally::broker
