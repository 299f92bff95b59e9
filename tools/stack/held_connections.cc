#include "tools/stack/held_connections.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "schemas/messages.h"
#include "tools/stack/bench_project.h"
#include "tools/stack/people.h"

namespace tally::stack {
namespace {

constexpr std::chrono::milliseconds look_every{250};  // For what is wanted.

}  // namespace

class HeldConnections::Holder : public Member {
 public:
  // `share` (0 to 1): its place among all, so that they do not all come at once.
  Holder(Wanted& wanted, double share) : wanted_(wanted), share_(share) {}

  void begin(net::Conversation& conversation) override { wake(conversation); }
  void wake(net::Conversation& conversation) override {
    const Moment now = std::chrono::steady_clock::now();
    if (greeting_ != wanted_.greeting) {
      greeting_ = wanted_.greeting;
      conversation.send(Hello{"holder"});
    }
    work(conversation, now);
    wake_at_ = now + look_every;
    if (works_at_ != Moment::max()) wake_at_ = std::min(wake_at_, works_at_);
  }
  [[nodiscard]] Moment wake_at() const override { return wake_at_; }
  [[nodiscard]] bool is_done() const override { return false; }

  void take(net::Conversation& /*conversation*/, const net::Conversation::Arrived& arrived) override {
    if (!arrived.reply) throw_refusal("a held connection's request", arrived.reply.error());
    if (std::holds_alternative<Welcome>(arrived.reply.value())) {
      ++wanted_.greeted;
      return;
    }
    is_asking_ = false;
    if (const auto* tasks = std::get_if<Tasks>(&arrived.reply.value())) return take_tasks(tasks->tasks);
    const auto& submitted = std::get<Submitted>(arrived.reply.value());
    for (const SubmitOutcome& outcome : submitted.outcomes) wanted_.answers += outcome.accepted ? 1 : 0;
    take_tasks(submitted.tasks);
  }

 private:
  void work(net::Conversation& conversation, Moment now) {
    const std::chrono::milliseconds pace(wanted_.pace_ms);
    if (pace.count() == 0) {
      works_at_ = Moment::max();
      return;
    }
    if (works_at_ == Moment::max()) {
      works_at_ =
          now + std::chrono::milliseconds(static_cast<std::int64_t>(share_ * static_cast<double>(pace.count())));
    }
    if (works_at_ > now) return;
    works_at_ = now + pace;
    if (is_asking_) return;
    is_asking_ = true;
    if (in_hand_) {
      conversation.send(Submit{{{*std::exchange(in_hand_, std::nullopt), bench_answer()}}, 1, {}});
    } else {
      conversation.send(Pull{.count = 1});
    }
  }
  void take_tasks(const std::vector<TaskOffer>& tasks) {
    if (!tasks.empty()) in_hand_ = tasks.front().assignment;
  }

  Wanted& wanted_;
  double share_;
  int greeting_ = 0;
  bool is_asking_ = false;
  std::optional<AssignmentId> in_hand_;
  Moment wake_at_ = Moment::max();
  Moment works_at_ = Moment::max();
};

HeldConnections::HeldConnections(const net::Network& network, const std::vector<net::ConversationConfig>& configs) {
  std::vector<Crowd::Place> places;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(configs.size());
    holders_.push_back(std::make_unique<Holder>(wanted_, share));
    places.push_back({holders_.back().get(), configs[i]});
  }
  crowd_ = std::make_unique<Crowd>(network, places, 1);
}

HeldConnections::~HeldConnections() = default;

void HeldConnections::wait_until_greeted() {
  while (wanted_.greeted < holders_.size()) {
    if (crowd_->is_over()) crowd_->stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void HeldConnections::greet() {
  wanted_.greeted = 0;
  ++wanted_.greeting;
}

void HeldConnections::work_every(Duration pace) { wanted_.pace_ms = pace.ms; }

}  // namespace tally::stack
