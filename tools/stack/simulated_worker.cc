#include "tools/stack/simulated_worker.h"

#include <stdexcept>
#include <utility>

#include "tools/stack/people.h"

namespace tally::stack {
namespace {

constexpr std::int64_t wait_ms = 5000;  // At the broker, for work.
constexpr std::chrono::milliseconds pause_after_refusal{200};

}  // namespace

SimulatedWorker::SimulatedWorker(Config config) : config_(std::move(config)) {}

void SimulatedWorker::begin(net::Conversation& conversation) { pull(conversation); }

void SimulatedWorker::wake(net::Conversation& conversation) {
  wake_at_ = Moment::max();
  if (in_hand_) return submit(conversation);
  pull(conversation);
}

void SimulatedWorker::pull(net::Conversation& conversation) const {
  conversation.send(Pull{.project = config_.project, .count = 1, .wait_ms = wait_ms});
}

void SimulatedWorker::think(net::Conversation& conversation, const TaskOffer& offer) {
  in_hand_ = SubmittedAnswer{offer.assignment, config_.answer(offer)};
  if (!config_.thinks) return submit(conversation);
  wake_at_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(config_.thinks().ms);
}

void SimulatedWorker::submit(net::Conversation& conversation) const {
  conversation.send(Submit{{*in_hand_}, 1, config_.project});
}

void SimulatedWorker::take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) {
  if (!arrived.reply) {
    if (arrived.reply.error().retry_after_ms == 0) throw_refusal("a worker's request", arrived.reply.error());
    wake_at_ = std::chrono::steady_clock::now() + pause_after_refusal;
    return;
  }
  if (const auto* submitted = std::get_if<Submitted>(&arrived.reply.value())) {
    return take_outcome(conversation, *submitted);
  }
  const auto* tasks = std::get_if<Tasks>(&arrived.reply.value());
  if (tasks == nullptr) throw std::runtime_error("the broker answered a worker with another message than asked for");
  if (!tasks->tasks.empty()) return think(conversation, tasks->tasks.front());
  // It has waited at the broker, or there is nothing to wait for.
  wake_at_ = std::chrono::steady_clock::now() + pause_after_refusal;
}

void SimulatedWorker::take_outcome(net::Conversation& conversation, const Submitted& submitted) {
  for (const SubmitOutcome& outcome : submitted.outcomes) {
    if (outcome.accepted && config_.answers != nullptr) ++*config_.answers;
    const bool is_late = outcome.refusal == RefusalCode::lease_expired || outcome.refusal == RefusalCode::task_closed;
    if (!outcome.accepted && !is_late) {
      throw_refusal("an answer", {outcome.refusal.value_or(RefusalCode::internal_error), outcome.detail, 0});
    }
  }
  in_hand_.reset();
  if (!submitted.tasks.empty()) return think(conversation, submitted.tasks.front());
  pull(conversation);
}

}  // namespace tally::stack
