#include "tools/stack/open_loop_worker.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "tools/stack/people.h"

namespace tally::stack {
namespace {

Latency since(Moment began) { return std::chrono::duration_cast<Latency>(std::chrono::steady_clock::now() - began); }

}  // namespace

OpenLoopWorker::OpenLoopWorker(Config config) : config_(std::move(config)) {}

// The connection is made before the first planned moment.
void OpenLoopWorker::begin(net::Conversation& conversation) { conversation.send(Hello{"open loop"}); }

Moment OpenLoopWorker::wake_at() const {
  return is_busy_ || config_.plan.empty() ? Moment::max() : config_.plan.front();
}

void OpenLoopWorker::wake(net::Conversation& conversation) {
  began_ = config_.plan.front();
  config_.plan.pop_front();
  is_busy_ = true;
  conversation.send(Pull{.project = config_.project, .count = 1});
}

void OpenLoopWorker::take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) {
  if (!arrived.reply) throw_refusal("a worker's request", arrived.reply.error());
  if (std::holds_alternative<Welcome>(arrived.reply.value())) return;
  if (const auto* tasks = std::get_if<Tasks>(&arrived.reply.value())) return take_tasks(conversation, *tasks);
  const auto* submitted = std::get_if<Submitted>(&arrived.reply.value());
  if (submitted == nullptr || submitted->outcomes.size() != 1 || !submitted->outcomes.front().accepted) {
    throw std::runtime_error("the broker did not accept an answer");
  }
  submits_.push_back(since(began_));
  is_busy_ = false;
}

void OpenLoopWorker::take_tasks(net::Conversation& conversation, const Tasks& tasks) {
  if (tasks.tasks.empty()) throw std::runtime_error("the broker had no task; post more of them");
  pulls_.push_back(since(began_));
  began_ = std::chrono::steady_clock::now();
  const TaskOffer& offer = tasks.tasks.front();
  conversation.send(Submit{{{offer.assignment, config_.answer(offer)}}});
}

Latency percentile(std::vector<Latency>& latencies, double share) {
  if (latencies.empty()) return Latency{0};
  std::sort(latencies.begin(), latencies.end());
  const auto place = std::ceil(share * static_cast<double>(latencies.size()));
  const auto index = static_cast<std::size_t>(std::clamp(place, 1.0, static_cast<double>(latencies.size()))) - 1;
  return latencies[index];
}

}  // namespace tally::stack
