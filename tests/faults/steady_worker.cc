#include "tests/faults/steady_worker.h"

#include <stdexcept>
#include <string>

#include "tools/stack/people.h"

namespace tally::faults {
namespace {

constexpr std::int64_t tasks_max = 4;
constexpr std::int64_t wait_ms = 500;
constexpr std::chrono::milliseconds pause_length{100};

// What ends with the fault that caused it: the message was not carried out, and may be sent again.
bool may_pass(const Refusal& refusal) {
  return refusal.retry_after_ms > 0 || refusal.code == RefusalCode::internal_error;
}

}  // namespace

void SteadyWorker::go_on(net::Conversation& conversation) {
  sent_ = std::chrono::steady_clock::now();
  const std::int64_t next = std::uniform_int_distribution<std::int64_t>(1, tasks_max)(dice_);
  if (in_hand_.empty()) {
    conversation.send(Pull{.project = config_.project, .count = next, .wait_ms = wait_ms});
    return;
  }
  Submit submit;
  for (const auto& [assignment, values] : in_hand_) submit.answers.push_back({assignment, values});
  submit.next = next;
  submit.project = config_.project;
  conversation.send(submit);
}

void SteadyWorker::wake(net::Conversation& conversation) {
  wake_at_ = stack::Moment::max();
  go_on(conversation);
}

void SteadyWorker::pause() { wake_at_ = std::chrono::steady_clock::now() + pause_length; }

void SteadyWorker::take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) {
  if (!arrived.reply) {
    if (!may_pass(arrived.reply.error())) stack::throw_refusal("a worker's request", arrived.reply.error());
    if (config_.heard != nullptr) ++config_.heard->refusals;
    return pause();
  }
  if (const auto* submitted = std::get_if<Submitted>(&arrived.reply.value())) {
    latencies_.push_back(std::chrono::duration_cast<stack::Latency>(std::chrono::steady_clock::now() - sent_));
    take_outcomes(*submitted);
    take_tasks(submitted->tasks);
  } else if (const auto* tasks = std::get_if<Tasks>(&arrived.reply.value())) {
    take_tasks(tasks->tasks);
  } else {
    throw std::runtime_error("the broker answered a worker with another message than was asked for");
  }
  if (in_hand_.empty()) {
    if (config_.heard != nullptr) ++config_.heard->without_tasks;
    return pause();
  }
  go_on(conversation);
}

void SteadyWorker::take_tasks(const std::vector<TaskOffer>& tasks) {
  for (const TaskOffer& task : tasks) {
    const bool is_wrong = std::uniform_int_distribution<int>(1, 8)(dice_) == 1;
    in_hand_.emplace(task.assignment, AnswerValues{{"bird", {is_wrong ? "wren" : "robin"}}});
  }
}

void SteadyWorker::take_outcomes(const Submitted& submitted) {
  for (const SubmitOutcome& outcome : submitted.outcomes) {
    if (in_hand_.erase(outcome.assignment) == 0) {
      throw std::runtime_error("the broker told of an answer that was not handed in");
    }
    if (outcome.accepted) {
      acknowledged_.push_back(outcome.assignment);
      if (config_.heard != nullptr) ++config_.heard->acknowledged;
      continue;
    }
    // Others settled the task, or it was given to another, while the broker was away.
    const bool is_late = outcome.refusal == RefusalCode::lease_expired || outcome.refusal == RefusalCode::task_closed;
    if (!is_late) {
      stack::throw_refusal("an answer", {outcome.refusal.value_or(RefusalCode::internal_error), outcome.detail, 0});
    }
  }
}

}  // namespace tally::faults
