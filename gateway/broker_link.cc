#include "gateway/broker_link.h"

#include <cerrno>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tally::gateway {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds word_of_giving_up{5};  // From our own thread: it comes at once.
constexpr Duration look_up_every{1'000};

// One request, from both threads: the result is set and waited for in that of `io` alone.
struct Pending {
  explicit Pending(asio::io_context& io) : timer(io) {}
  asio::steady_timer timer;  // Ends the waiting: by its time, or because it is cancelled.
  std::optional<Result<Reply, Refusal>> result;
};
using PendingPtr = std::shared_ptr<Pending>;

struct Ask {
  Request request;
  std::string on_behalf;
  PendingPtr pending;
};
struct GiveUp {
  PendingPtr pending;
};
using Job = std::variant<Ask, GiveUp>;

}  // namespace

class BrokerLink::Impl {
 public:
  Impl(asio::io_context& io, const net::Network& network, const net::ConversationConfig& config)
      : io_(io), network_(network), config_(config), wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wakeup_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    thread_ = std::thread([this] { run(); });
  }
  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake();
    thread_.join();
    close(wakeup_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  asio::awaitable<Result<Reply, Refusal>> ask(Request request, std::string on_behalf,
                                              std::chrono::milliseconds patience) {
    const auto pending = std::make_shared<Pending>(io_);
    push(Ask{std::move(request), std::move(on_behalf), pending});
    co_await wait(pending, patience);
    if (!pending->result) {
      push(GiveUp{pending});
      co_await wait(pending, word_of_giving_up);
    }
    if (pending->result) co_return std::move(*pending->result);
    co_return Unexpected{Refusal{RefusalCode::unavailable, "the broker cannot be reached", 2'000}};
  }

  [[nodiscard]] Health health() const {
    const std::lock_guard lock(mutex_);
    return health_;
  }

 private:
  // ---- In the thread of io_ -----------------------------------------------------------------------------------------

  static asio::awaitable<void> wait(PendingPtr pending, std::chrono::milliseconds time) {
    if (pending->result) co_return;
    boost::system::error_code cancelled;
    pending->timer.expires_after(time);
    co_await pending->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }

  void push(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake();
  }
  void wake() const { eventfd_write(wakeup_, 1); }

  // ---- In the thread of our own -------------------------------------------------------------------------------------

  void run() {
    net::Conversation conversation(network_, config_);
    while (true) {
      if (const auto arrived = conversation.receive(look_up_every, {&wakeup_, 1})) take(*arrived);
      while (const auto more = conversation.take()) take(*more);
      eventfd_t count = 0;
      eventfd_read(wakeup_, &count);
      for (Job& job : next_jobs()) {
        std::visit([&](auto& held) { carry_out(conversation, held); }, job);
      }
      const std::lock_guard lock(mutex_);
      health_ = {conversation.is_connected(), conversation.trouble(), pending_.size()};
      if (stopping_) return;
    }
  }

  std::deque<Job> next_jobs() {
    const std::lock_guard lock(mutex_);
    return std::exchange(jobs_, {});
  }

  void carry_out(net::Conversation& conversation, Ask& ask) {
    pending_.emplace(conversation.send(ask.request, ask.on_behalf), std::move(ask.pending));
  }
  void carry_out(net::Conversation& conversation, const GiveUp& given_up) {
    for (auto it = pending_.begin(); it != pending_.end(); ++it) {
      if (it->second != given_up.pending) continue;
      auto refusal = conversation.put_off_for(it->first);
      if (!refusal) refusal = Refusal{RefusalCode::unavailable, why_none(conversation), 2'000};
      finish(it->second, Unexpected{*refusal});
      conversation.forget(it->first);
      pending_.erase(it);
      return;
    }
  }
  static std::string why_none(const net::Conversation& conversation) {
    if (conversation.is_connected()) return "the broker is slow to answer";
    return "the broker cannot be reached: " + conversation.trouble();
  }

  void take(const net::Conversation::Arrived& arrived) {
    const auto found = pending_.find(arrived.request_id);
    if (found == pending_.end()) return;
    finish(found->second, arrived.reply);
    pending_.erase(found);
  }

  void finish(const PendingPtr& pending, Result<Reply, Refusal> result) {
    asio::post(io_, [pending, result = std::move(result)]() mutable {
      pending->result.emplace(std::move(result));
      pending->timer.cancel();
    });
  }

  asio::io_context& io_;
  const net::Network& network_;
  net::ConversationConfig config_;
  int wakeup_;

  mutable std::mutex mutex_;  // Over the next three.
  std::deque<Job> jobs_;
  Health health_;
  bool stopping_ = false;

  std::map<std::uint64_t, PendingPtr> pending_;  // By request id; of our own thread.
  std::thread thread_;
};

BrokerLink::BrokerLink(asio::io_context& io, const net::Network& network, const net::ConversationConfig& config)
    : impl_(std::make_unique<Impl>(io, network, config)) {}
BrokerLink::~BrokerLink() = default;
asio::awaitable<Result<Reply, Refusal>> BrokerLink::ask(Request request, std::string on_behalf,
                                                        std::chrono::milliseconds patience) {
  return impl_->ask(std::move(request), std::move(on_behalf), patience);
}
BrokerLink::Health BrokerLink::health() const { return impl_->health(); }

}  // namespace tally::gateway
