#include <algorithm>
#include <poll.h>

#include <sodium.h>

#include "common/codec/messages_codec.h"
#include "common/net/chance.h"
#include "common/net/conversation_impl.h"
#include "common/net/waiting.h"

namespace tally::net {
namespace {

constexpr std::size_t read_at_once_max = 256;  // Replies, before the timers are looked at again.
constexpr Duration put_off_max{300'000};       // However long the broker asks for.

codec::Limits reply_limits(const ConversationConfig& config) {
  codec::Limits limits;
  limits.bytes = static_cast<std::size_t>(config.reply_bytes_max);
  limits.text = limits.bytes;
  limits.list = 200'000;
  return limits;
}

// Below 2^62, so that counting from it never leaves what a header can hold.
std::uint64_t random_start() {
  std::uint64_t start = 0;
  randombytes_buf(&start, sizeof start);
  return start >> 2U;
}

Duration wait_of(const Request& request) {
  const Pull* pull = std::get_if<Pull>(&request);
  return Duration{pull == nullptr ? 0 : std::max<std::int64_t>(pull->wait_ms, 0)};
}

bool says_when_to_try_again(const Refusal& refusal) {
  const bool may_pass = refusal.code == RefusalCode::busy || refusal.code == RefusalCode::unavailable ||
                        refusal.code == RefusalCode::rate_exceeded;
  return may_pass && refusal.retry_after_ms > 0;
}

}  // namespace

// ---- What is inside -------------------------------------------------------------------------------------------------

Conversation::Impl::Impl(const Network& network, ConversationConfig config)
    : config_(std::move(config)),
      limits_(reply_limits(config_)),
      connection_(network.impl(), config_),
      outstanding_(config_.resend_after),
      last_id_(random_start()) {}

std::uint64_t Conversation::Impl::send(const Request& request, std::string_view on_behalf) {
  const std::uint64_t request_id = ++last_id_;
  outstanding_.add(request_id,
                   encode_frame({codec::number_of(request), request_id, on_behalf}, codec::encode_body(request)),
                   wait_of(request));
  flush(steady_now());
  touch();  // libzmq may have taken notice of something else meanwhile.
  return request_id;
}

void Conversation::Impl::forget(std::uint64_t request_id) {
  outstanding_.erase(request_id);
  std::erase_if(arrived_, [&](const Arrived& one) { return one.request_id == request_id; });
  touch();
}

void Conversation::Impl::touch() {
  if (watch.touched == nullptr || watch.is_told) return;
  watch.is_told = true;
  watch.touched->push_back(watch.key);
}

void Conversation::Impl::run() {
  do {
    const Time now = steady_now();
    read(now);
    if (connection_.follow(now)) outstanding_.send_all_again();
    outstanding_.run(now);
    flush(now);
  } while (arrived_.empty() && connection_.is_ready(outstanding_.first_unsent().has_value()));
  // More may be here than was read, and no descriptor will tell of it.
  if (!arrived_.empty()) touch();
}

void Conversation::Impl::settle() {
  if (connection_.is_ready(outstanding_.first_unsent().has_value()) || next_due() <= steady_now()) run();
}

std::optional<Conversation::Arrived> Conversation::Impl::take() {
  if (arrived_.empty()) return std::nullopt;
  Arrived first = std::move(arrived_.front());
  arrived_.pop_front();
  return first;
}

Time Conversation::Impl::next_due() const { return std::min(connection_.next_due(), outstanding_.next_due()); }

void Conversation::Impl::read(Time now) {
  Incoming incoming;
  for (std::size_t i = 0; i < read_at_once_max && connection_.receive(incoming); ++i) {
    take_in(incoming, now);
    if (outstanding_.size() == 0) return;  // Nothing more is to come.
  }
}

void Conversation::Impl::flush(Time now) {
  while (connection_.is_connected()) {
    const auto request_id = outstanding_.first_unsent();
    if (!request_id || !connection_.send(outstanding_.frame(*request_id))) return;
    outstanding_.sent(*request_id, now);
  }
}

// A reply is heard once: what belongs to no request (any more) is the second reply to one that was sent twice.
void Conversation::Impl::take_in(const Incoming& incoming, Time now) {
  if (incoming.frames != 1) return;
  const std::string_view frame = incoming.frame.to_string_view();
  const auto message = decode_frame(frame);
  if (!message) {
    if (message.error().code == RefusalCode::protocol_mismatch) take_in_other_version(frame);
    return;
  }
  const std::uint64_t request_id = message->header.request_id;
  if (!outstanding_.contains(request_id)) return;
  auto reply = codec::decode_reply(message->header.number, message->body, limits_);
  if (!reply) {
    return hand_over(request_id, Unexpected{Refusal{reply.error().code,
                                                    "the broker's reply cannot be read: " + reply.error().detail, 0}});
  }
  if (const auto* refused = std::get_if<Refused>(&*reply)) {
    return take_in_refusal(request_id, {refused->code, refused->detail, refused->retry_after_ms}, now);
  }
  hand_over(request_id, std::move(*reply));
}

void Conversation::Impl::take_in_refusal(std::uint64_t request_id, Refusal refusal, Time now) {
  if (!says_when_to_try_again(refusal)) return hand_over(request_id, Unexpected{std::move(refusal)});
  const Duration pause{std::min(refusal.retry_after_ms, put_off_max.ms)};
  outstanding_.put_off(request_id, now + pause + random_up_to(Duration{pause.ms / 2 + 1}), std::move(refusal));
}

// Another version may have another header: then nobody knows which request was meant, and none will be answered.
void Conversation::Impl::take_in_other_version(std::string_view frame) {
  std::vector<std::uint64_t> meant = outstanding_.ids();
  if (const auto request_id = request_id_in(frame)) {
    std::erase_if(meant, [&](std::uint64_t one) { return one != *request_id; });
  }
  const std::string detail = "the broker speaks " + std::string(version_in(frame)) + ", this program " + protocol_name +
                             ": use programs of one version";
  for (const std::uint64_t one : meant) {
    hand_over(one, Unexpected{Refusal{RefusalCode::protocol_mismatch, detail, 0}});
  }
}

void Conversation::Impl::hand_over(std::uint64_t request_id, Result<Reply, Refusal> reply) {
  outstanding_.erase(request_id);
  arrived_.push_back({request_id, std::move(reply)});
}

// ---- What is outside ------------------------------------------------------------------------------------------------

Conversation::Conversation(const Network& network, ConversationConfig config)
    : impl_(std::make_unique<Impl>(network, std::move(config))) {
  impl_->run();  // The connection is on its way while the caller prepares what to say.
}
Conversation::~Conversation() = default;
Conversation::Conversation(Conversation&&) noexcept = default;

std::uint64_t Conversation::send(const Request& request, std::string_view on_behalf) {
  return impl_->send(request, on_behalf);
}
void Conversation::forget(std::uint64_t request_id) { impl_->forget(request_id); }
std::size_t Conversation::waiting() const { return impl_->outstanding().size(); }
bool Conversation::is_connected() const { return impl_->connection().is_connected(); }
bool Conversation::is_key_refused() const { return impl_->connection().is_key_refused(); }
std::string Conversation::trouble() const { return impl_->connection().trouble(); }
std::optional<Refusal> Conversation::put_off_for(std::uint64_t request_id) const {
  return impl_->outstanding().put_off_for(request_id);
}
std::string Conversation::address() const {
  const ConversationConfig& config = impl_->config();
  const bool is_ipv6 = config.host.find(':') != std::string::npos;
  return (is_ipv6 ? '[' + config.host + ']' : config.host) + ':' + std::to_string(config.port);
}

std::optional<Conversation::Arrived> Conversation::take() { return impl_->take(); }

std::optional<Conversation::Arrived> Conversation::receive(Duration timeout, std::span<const int> also) {
  const Time until = steady_now() + timeout;
  std::vector<pollfd> polled;
  impl_->touch();
  while (true) {
    impl_->run();
    if (auto arrived = impl_->take()) return arrived;
    const Time now = steady_now();
    polled.clear();
    for (const int descriptor : impl_->descriptors()) polled.push_back({descriptor, POLLIN, 0});
    for (const int descriptor : also) polled.push_back({descriptor, POLLIN, 0});
    const int ready = poll_for(polled, time_to_wait(now, std::min(until, impl_->next_due())));
    if (ready < 0) return std::nullopt;  // A signal: the caller may want to look why.
    for (std::size_t i = 0; i < impl_->descriptors().size(); ++i) {
      if (polled[i].revents != 0) impl_->woken(i);
    }
    const auto first_of_also = polled.end() - static_cast<std::ptrdiff_t>(also.size());
    if (std::any_of(first_of_also, polled.end(), [](const pollfd& one) { return one.revents != 0; })) {
      return std::nullopt;
    }
    if (ready == 0 && now >= until) return std::nullopt;
  }
}

}  // namespace tally::net
