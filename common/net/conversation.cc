#include <algorithm>
#include <cerrno>
#include <deque>
#include <poll.h>

#include <sodium.h>

#include "common/codec/messages_codec.h"
#include "common/net/chance.h"
#include "common/net/client.h"
#include "common/net/connection.h"
#include "common/net/frames.h"
#include "common/net/outstanding.h"

namespace tally::net {
namespace {

constexpr std::size_t read_at_once_max = 256;  // Replies, before the timers are looked at again.
constexpr Duration put_off_max{300'000};       // However long the broker asks for.
constexpr std::string_view family = "tally/";

std::string_view bytes_of(const zmq::message_t& part) { return {part.data<char>(), part.size()}; }

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

// What a poll() from now on may wait; at least a millisecond for what is not due yet, so that nobody spins.
int poll_ms(Time now, Time until) {
  constexpr std::int64_t most = 60'000;
  return static_cast<int>(until <= now ? 0 : std::min((until - now).ms, most));
}

}  // namespace

class Conversation::Impl {
 public:
  Impl(const Network& network, ConversationConfig config)
      : config_(std::move(config)),
        limits_(reply_limits(config_)),
        connection_(network.impl(), config_),
        outstanding_(config_.resend_after),
        last_id_(random_start()) {}

  std::uint64_t send(const Request& request) {
    const std::uint64_t request_id = ++last_id_;
    outstanding_.add(request_id, {encode_header({codec::number_of(request), request_id}), codec::encode_body(request)},
                     wait_of(request));
    flush(steady_now());
    is_settled_ = false;  // libzmq may have taken notice of something else meanwhile.
    return request_id;
  }

  void forget(std::uint64_t request_id) {
    outstanding_.erase(request_id);
    std::erase_if(arrived_, [&](const Arrived& one) { return one.request_id == request_id; });
  }

  // Does whatever can be done without waiting. Afterwards what happens next shows at descriptors() or is due at
  // next_due(), unless there is something to take().
  void run() {
    do {
      const Time now = steady_now();
      read(now);
      if (connection_.follow(now)) outstanding_.send_all_again();
      outstanding_.run(now);
      flush(now);
    } while (arrived_.size() < read_at_once_max && connection_.is_ready(outstanding_.first_unsent().has_value()));
    is_settled_ = arrived_.size() < read_at_once_max;
  }

  [[nodiscard]] bool has_arrived() const { return !arrived_.empty(); }
  [[nodiscard]] std::optional<Arrived> take() {
    if (arrived_.empty()) return std::nullopt;
    Arrived first = std::move(arrived_.front());
    arrived_.pop_front();
    return first;
  }
  // Since the last run() nothing was done that could hide something from the descriptors.
  [[nodiscard]] bool is_settled() const { return is_settled_; }

  [[nodiscard]] std::array<int, 2> descriptors() const { return connection_.descriptors(); }
  [[nodiscard]] Time next_due() const { return std::min(connection_.next_due(), outstanding_.next_due()); }
  [[nodiscard]] const Outstanding& outstanding() const { return outstanding_; }
  [[nodiscard]] const Connection& connection() const { return connection_; }
  [[nodiscard]] const ConversationConfig& config() const { return config_; }

 private:
  void read(Time now) {
    Incoming incoming;
    for (std::size_t i = 0; i < read_at_once_max && connection_.receive(incoming); ++i) take_in(incoming, now);
  }

  void flush(Time now) {
    while (connection_.is_connected()) {
      const auto request_id = outstanding_.first_unsent();
      if (!request_id) return;
      const Outstanding::Encoded& encoded = outstanding_.encoded(*request_id);
      if (!connection_.send(encoded.header, encoded.body)) return;
      outstanding_.sent(*request_id, now);
    }
  }

  // A reply is heard once: what belongs to no request (any more) is the second reply to one that was sent twice.
  void take_in(const Incoming& incoming, Time now) {
    if (incoming.frames != frames_per_message) return;
    const std::string_view protocol = bytes_of(incoming.parts[0]);
    const bool is_ours = protocol == protocol_frame;
    if (!is_ours && !protocol.starts_with(family)) return;
    const auto header = decode_header(protocol_frame, bytes_of(incoming.parts[1]));
    if (!is_ours) return take_in_other_version(protocol, header);
    if (!header || !outstanding_.contains(header->request_id)) return;
    auto reply = codec::decode_reply(header->number, bytes_of(incoming.parts[2]), limits_);
    if (!reply) {
      return hand_over(
          header->request_id,
          Unexpected{Refusal{reply.error().code, "the broker's reply cannot be read: " + reply.error().detail, 0}});
    }
    if (const auto* refused = std::get_if<Refused>(&*reply)) {
      return take_in_refusal(header->request_id, {refused->code, refused->detail, refused->retry_after_ms}, now);
    }
    hand_over(header->request_id, std::move(*reply));
  }

  void take_in_refusal(std::uint64_t request_id, Refusal refusal, Time now) {
    if (!says_when_to_try_again(refusal)) return hand_over(request_id, Unexpected{std::move(refusal)});
    const Duration pause{std::min(refusal.retry_after_ms, put_off_max.ms)};
    outstanding_.put_off(request_id, now + pause + random_up_to(Duration{pause.ms / 2 + 1}), std::move(refusal));
  }

  // Another version may have another header: then nobody knows which request was meant, and none will be answered.
  void take_in_other_version(std::string_view protocol, const Result<Header, Refusal>& header) {
    std::vector<std::uint64_t> meant = outstanding_.ids();
    if (header) std::erase_if(meant, [&](std::uint64_t request_id) { return request_id != header->request_id; });
    const std::string detail = "the broker speaks " + std::string(protocol.substr(0, 20)) + ", this program " +
                               protocol_frame + ": use programs of one version";
    for (const std::uint64_t request_id : meant) {
      hand_over(request_id, Unexpected{Refusal{RefusalCode::protocol_mismatch, detail, 0}});
    }
  }

  void hand_over(std::uint64_t request_id, Result<Reply, Refusal> reply) {
    outstanding_.erase(request_id);
    arrived_.push_back({request_id, std::move(reply)});
  }

  ConversationConfig config_;
  codec::Limits limits_;
  Connection connection_;
  Outstanding outstanding_;
  std::deque<Arrived> arrived_;  // Never more than there were requests.
  std::uint64_t last_id_;
  bool is_settled_ = false;
};

Conversation::Conversation(const Network& network, ConversationConfig config)
    : impl_(std::make_unique<Impl>(network, std::move(config))) {
  impl_->run();  // The connection is on its way while the caller prepares what to say.
}
Conversation::~Conversation() = default;
Conversation::Conversation(Conversation&&) noexcept = default;

std::uint64_t Conversation::send(const Request& request) { return impl_->send(request); }
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

std::optional<Conversation::Arrived> Conversation::receive(Duration timeout, std::span<const int> also) {
  const Time until = steady_now() + timeout;
  std::vector<pollfd> polled;
  while (true) {
    impl_->run();
    if (auto arrived = impl_->take()) return arrived;
    const Time now = steady_now();
    polled.clear();
    for (const int descriptor : impl_->descriptors()) polled.push_back({descriptor, POLLIN, 0});
    for (const int descriptor : also) polled.push_back({descriptor, POLLIN, 0});
    const int ready = poll(polled.data(), polled.size(), poll_ms(now, std::min(until, impl_->next_due())));
    if (ready < 0) return std::nullopt;  // A signal: the caller may want to look why.
    const auto first_of_also = polled.end() - static_cast<std::ptrdiff_t>(also.size());
    if (std::any_of(first_of_also, polled.end(), [](const pollfd& one) { return one.revents != 0; })) {
      return std::nullopt;
    }
    if (ready == 0 && now >= until) return std::nullopt;
  }
}

std::vector<std::size_t> Conversation::wait_any(std::span<Conversation* const> conversations, Duration timeout) {
  const Time until = steady_now() + timeout;
  std::vector<pollfd> polled(2 * conversations.size());
  std::vector<std::size_t> ready;
  const auto take_note = [&](std::size_t i) {
    if (conversations[i]->impl_->has_arrived()) ready.push_back(i);
  };
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    if (!conversations[i]->impl_->is_settled()) conversations[i]->impl_->run();
  }
  while (true) {
    // One look at each for one call, however many replies came meanwhile.
    Time due = until;
    for (std::size_t i = 0; i < conversations.size(); ++i) {
      const Impl& impl = *conversations[i]->impl_;
      if (impl.has_arrived()) due = Time{0};
      due = std::min(due, impl.next_due());
      const auto descriptors = impl.descriptors();
      polled[2 * i] = {descriptors[0], POLLIN, 0};
      polled[2 * i + 1] = {descriptors[1], POLLIN, 0};
    }
    const int count = poll(polled.data(), polled.size(), poll_ms(steady_now(), due));
    const Time now = steady_now();
    for (std::size_t i = 0; i < conversations.size(); ++i) {
      const bool is_woken = count > 0 && (polled[2 * i].revents | polled[2 * i + 1].revents) != 0;
      if (is_woken || conversations[i]->impl_->next_due() <= now) conversations[i]->impl_->run();
      take_note(i);
    }
    if (!ready.empty() || count < 0 || now >= until) return ready;
  }
}

}  // namespace tally::net
