#include "tools/stack/load_worker.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "tools/stack/bench_project.h"
#include "tools/stack/people.h"

namespace tally::stack {
namespace {

constexpr std::int64_t wait_ms = 5000;  // At the broker, for work.
constexpr std::chrono::milliseconds pause_without_work{100};

}  // namespace

LoadWorker::LoadWorker(Config config) : config_(std::move(config)), turn_(config_.first) {}

ProjectId LoadWorker::next_project() { return config_.projects[turn_++ % config_.projects.size()]; }

void LoadWorker::begin(net::Conversation& conversation) { pull(conversation); }

void LoadWorker::pull(net::Conversation& conversation) {
  conversation.send(Pull{.project = next_project(), .count = config_.batch, .wait_ms = wait_ms});
}

void LoadWorker::wake(net::Conversation& conversation) {
  wake_at_ = Moment::max();
  if (in_hand_.empty()) return pull(conversation);
  submit(conversation);
}

void LoadWorker::take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) {
  if (!arrived.reply) throw_refusal("a worker's request", arrived.reply.error());
  if (const auto* tasks = std::get_if<Tasks>(&arrived.reply.value())) {
    return take_tasks(conversation, tasks->tasks, tasks->no_work);
  }
  const auto* submitted = std::get_if<Submitted>(&arrived.reply.value());
  if (submitted == nullptr) throw std::runtime_error("the broker answered with another message than asked for");
  const Moment now = std::chrono::steady_clock::now();
  measured_.push_back({now, std::chrono::duration_cast<Latency>(now - began_)});
  for (const SubmitOutcome& outcome : submitted->outcomes) {
    if (!outcome.accepted) throw std::runtime_error("the broker did not accept an answer: " + outcome.detail);
  }
  if (config_.answers != nullptr) *config_.answers += std::ssize(submitted->outcomes);
  in_hand_.clear();
  take_tasks(conversation, submitted->tasks, submitted->no_work);
}

void LoadWorker::take_tasks(net::Conversation& conversation, const std::vector<TaskOffer>& tasks,
                            std::optional<NoWork> why_none) {
  if (tasks.empty()) {
    if (why_none == NoWork::tasks_loading) return pull(conversation);
    ran_dry_ = why_none;
    wake_at_ = std::chrono::steady_clock::now() + pause_without_work;
    return;
  }
  for (const TaskOffer& offer : tasks) in_hand_.push_back({offer.assignment, bench_answer()});
  if (!plan_) {
    began_ = std::chrono::steady_clock::now();
    return submit(conversation);
  }
  began_ = plan_->first;
  plan_->first += plan_->every;
  if (began_ <= std::chrono::steady_clock::now()) return submit(conversation);
  wake_at_ = began_;
}

void LoadWorker::submit(net::Conversation& conversation) {
  conversation.send(Submit{in_hand_, config_.batch, next_project()});
}

Latency percentile(std::vector<Latency>& latencies, double share) {
  if (latencies.empty()) return Latency{0};
  std::sort(latencies.begin(), latencies.end());
  const auto place = std::ceil(share * static_cast<double>(latencies.size()));
  const auto index = static_cast<std::size_t>(std::clamp(place, 1.0, static_cast<double>(latencies.size()))) - 1;
  return latencies[index];
}

}  // namespace tally::stack
