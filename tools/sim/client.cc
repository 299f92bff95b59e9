#include "tools/sim/client.h"

#include <algorithm>
#include <utility>

namespace tally::sim {
namespace {

constexpr Duration resend_after{10'000};
constexpr std::size_t old_max = 20;
constexpr std::int64_t ids_max = std::int64_t{1} << 62;

}  // namespace

Client::Client(Environment& environment, Network& network, std::string key)
    : random(environment.random.fork()),
      environment_(environment),
      network_(network),
      key_(std::move(key)),
      next_id_(static_cast<std::uint64_t>(random.between(1, ids_max))) {}

Client::~Client() {
  if (channel_ != 0) network_.close(channel_);
}

void Client::ask(Request request, Heard heard) {
  const std::uint64_t id = next_id_++;
  Waiting& waiting = waiting_[id];
  waiting.frame = encode(id, request);
  waiting.is_enrolment = std::holds_alternative<Join>(request);
  if (const auto* pull = std::get_if<Pull>(&request)) waiting.wait = Duration{pull->wait_ms};
  waiting.heard = std::move(heard);
  if (!waiting.is_enrolment) {
    old_.push_back(waiting.frame);
    if (old_.size() > old_max) old_.pop_front();
  }
  send(id);
}

void Client::connect() {
  if (channel_ != 0) network_.close(channel_);
  const auto broker = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(network_.brokers()) - 1));
  channel_ =
      network_.connect(broker, key_, [this](std::uint64_t channel, const Frame& frame) { receive(channel, frame); });
}

void Client::send(std::uint64_t request_id) {
  Waiting& waiting = waiting_.at(request_id);
  // Without a reply for a while the connection is made anew, perhaps to another broker.
  if (channel_ == 0 || waiting.times_sent > 0) connect();
  network_.to_broker(channel_, waiting.is_enrolment, waiting.frame);
  const Duration patience{resend_after.ms << std::min(waiting.times_sent++, 3)};
  send_at(request_id, Duration{waiting.wait.ms + random.between(patience.ms, patience.ms * 5 / 4)});
}

void Client::send_at(std::uint64_t request_id, Duration delay) {
  const std::uint64_t due = ++waiting_.at(request_id).due;
  after(delay, [this, request_id, due] {
    const auto waiting = waiting_.find(request_id);
    if (waiting != waiting_.end() && waiting->second.due == due) send(request_id);
  });
}

void Client::receive(std::uint64_t channel, const Frame& frame) {
  if (channel != channel_) return;
  auto reply = decode_reply(frame);
  if (!reply) return;
  const auto found = waiting_.find(reply->request_id);
  if (found == waiting_.end()) return;
  const auto* refused = std::get_if<Refused>(&reply->message);
  if (refused != nullptr && refused->retry_after_ms > 0) {
    found->second.times_sent = 0;
    return send_at(reply->request_id, Duration{refused->retry_after_ms + random.between(0, refused->retry_after_ms)});
  }
  const Heard heard = std::move(found->second.heard);
  waiting_.erase(found);
  if (refused != nullptr) return heard(Unexpected{Refusal{refused->code, refused->detail, 0}});
  heard(std::move(reply->message));
}

void Client::after(Duration delay, std::function<void()> what) {
  environment_.schedule.after(delay, [life = std::weak_ptr<int>(life_), what = std::move(what)] {
    if (!life.expired()) what();
  });
}

void Client::forget_all() {
  life_ = std::make_shared<int>(0);
  waiting_.clear();
  if (channel_ != 0) network_.close(channel_);
  channel_ = 0;
}

void Client::send_something_again() {
  if (old_.empty() || channel_ == 0) return;
  const std::int64_t which = random.between(0, std::ssize(old_) - 1);
  network_.to_broker(channel_, false, old_[static_cast<std::size_t>(which)]);
}

}  // namespace tally::sim
