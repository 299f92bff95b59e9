#include "tools/stack/recorded_worker.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "schemas/messages.h"
#include "tools/stack/people.h"

namespace tally::stack {
namespace {

constexpr std::size_t items_per_pull_max = 100;
constexpr std::int64_t wait_ms = 1000;  // For a place, when every task that is left is in others' hands.
constexpr std::chrono::milliseconds pause_after_refusal{200};
constexpr std::chrono::milliseconds pause_before_turn{3};
constexpr int refusals_in_a_row_max = 300;  // A minute of them.

// What ends with the fault that caused it.
bool may_pass(const Refusal& refusal) {
  switch (refusal.code) {
    case RefusalCode::busy:
    case RefusalCode::unavailable:
    case RefusalCode::rate_exceeded:
    case RefusalCode::internal_error:
      return true;
    default:
      return refusal.retry_after_ms > 0;
  }
}

// Another worker's answers settled the task before.
bool is_too_late(RefusalCode code) { return code == RefusalCode::lease_expired || code == RefusalCode::task_closed; }

}  // namespace

RecordedWorker::RecordedWorker(Config config)
    : config_(std::move(config)), left_(config_.order.begin(), config_.order.end()) {
  for (std::size_t i = 0; i < config_.turn_of.size(); ++i) turns_[config_.order[i]] = config_.turn_of[i];
}

bool RecordedWorker::may_ask(std::int64_t item) const {
  return config_.turns == nullptr || config_.turns->may_go(turns_.at(item));
}

void RecordedWorker::passed(std::int64_t item) {
  if (config_.turns != nullptr) config_.turns->over(turns_.at(item));
}

void RecordedWorker::begin(net::Conversation& conversation) { go_on(conversation); }

void RecordedWorker::wake(net::Conversation& conversation) {
  wake_at_ = Moment::max();
  go_on(conversation);
}

// Answers come first: what is leased keeps others from their turn.
void RecordedWorker::go_on(net::Conversation& conversation) {
  if (!in_hand_.empty()) return submit(conversation);
  if (left_.empty()) std::swap(left_, again_);
  if (!left_.empty()) return pull(conversation);
  is_done_ = true;
}

void RecordedWorker::pull(net::Conversation& conversation) {
  const bool nothing_anywhere = fruitless_ >= left_.size() + again_.size();
  asked_.clear();
  while (!left_.empty() && asked_.size() < items_per_pull_max && may_ask(left_.front())) {
    asked_.push_back(left_.front());
    left_.pop_front();
  }
  if (asked_.empty()) {
    wake_at_ = std::chrono::steady_clock::now() + pause_before_turn;
    return;
  }
  conversation.send(Pull{config_.project, config_.tasks_in_hand_max, asked_, nothing_anywhere ? wait_ms : 0});
}

void RecordedWorker::submit(net::Conversation& conversation) {
  Submit message;
  for (const auto& [assignment, item] : in_hand_) {
    if (std::ssize(message.answers) >= config_.answers_per_message_max) break;
    message.answers.push_back({assignment, {{config_.field, {config_.labels.at(item)}}}});
  }
  conversation.send(std::move(message));
}

void RecordedWorker::take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) {
  if (!arrived.reply) return take_refusal(arrived.reply.error());
  refused_ = 0;
  if (const auto* tasks = std::get_if<Tasks>(&arrived.reply.value())) return take_tasks(conversation, *tasks);
  if (const auto* submitted = std::get_if<Submitted>(&arrived.reply.value())) {
    return take_outcomes(conversation, *submitted);
  }
  throw std::runtime_error("the broker answered a worker with another message than was asked for");
}

void RecordedWorker::take_tasks(net::Conversation& conversation, const Tasks& tasks) {
  for (const TaskOffer& offer : tasks.tasks) {
    const bool was_asked = offer.item_no && std::erase(asked_, *offer.item_no) > 0;
    if (!was_asked) throw std::runtime_error("the broker gave out an item that was not asked for");
    in_hand_.emplace(offer.assignment, *offer.item_no);
  }
  // States are told in the order of the items; a reply that is given again has none, and its items are asked for anew.
  fruitless_ = tasks.tasks.empty() ? fruitless_ + asked_.size() : 0;
  std::size_t at = 0;
  for (const ItemState state : tasks.items) {
    if (state == ItemState::leased) continue;
    if (at >= asked_.size()) throw std::runtime_error("the broker told of more items than were asked for");
    const std::int64_t item = asked_[at++];
    passed(item);
    if (state == ItemState::taken) {
      again_.push_back(item);
    } else {
      ++not_wanted_;
    }
  }
  for (; at < asked_.size(); ++at) again_.push_back(asked_[at]);
  asked_.clear();
  const bool is_over = tasks.no_work == NoWork::project_ended;
  if (is_over) {
    for (const std::int64_t item : left_) passed(item);
    left_.clear();
    again_.clear();
  }
  go_on(conversation);
}

void RecordedWorker::take_outcomes(net::Conversation& conversation, const Submitted& submitted) {
  for (const SubmitOutcome& outcome : submitted.outcomes) {
    const auto found = in_hand_.find(outcome.assignment);
    if (found == in_hand_.end()) throw std::runtime_error("the broker acknowledged an answer that was not handed in");
    if (outcome.accepted) {
      acknowledged_.push_back({outcome.assignment, found->second});
      if (config_.answers != nullptr) ++*config_.answers;
    } else if (outcome.refusal && is_too_late(*outcome.refusal)) {
      ++not_wanted_;
    } else {
      throw_refusal("an answer", {outcome.refusal.value_or(RefusalCode::internal_error), outcome.detail, 0});
    }
    passed(found->second);
    in_hand_.erase(found);
  }
  go_on(conversation);
}

void RecordedWorker::take_refusal(const Refusal& refusal) {
  if (!may_pass(refusal) || ++refused_ > refusals_in_a_row_max) throw_refusal("a worker's request", refusal);
  left_.insert(left_.begin(), asked_.begin(), asked_.end());
  asked_.clear();
  wake_at_ = std::chrono::steady_clock::now() + pause_after_refusal;
}

}  // namespace tally::stack
