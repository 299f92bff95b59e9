#include "gateway/events.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include "common/codec/messages_codec.h"
#include "gateway/api.h"

namespace tally::gateway {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using StreamPtr = std::shared_ptr<http::EventStream>;

constexpr std::int64_t rows_told = 50;  // Of a list: its beginning.
constexpr std::string_view refused_event = "refused";
constexpr std::size_t queued_bytes_max = std::size_t{256} << 10U;  // The first of each topic come at once.

std::optional<Request> request_about(std::string_view topic) {
  constexpr std::string_view status = "status:";
  if (topic.starts_with(status)) {
    const auto project = whole_number_from(topic.substr(status.size()));
    if (!project || *project < 0 || *project > project_max) return std::nullopt;
    return Request{GetStatus{ProjectId{*project}}};
  }
  if (topic == "projects") return Request{ListProjects{{}, rows_told}};
  if (topic == "earnings") return Request{Earnings{false, {}, rows_told}};
  if (topic == "standing") return Request{GetStanding{}};
  if (topic == "balance") return Request{GetBalance{}};
  if (topic == "accounts") return Request{ListAccounts{{}, {}, rows_told}};
  return std::nullopt;
}

std::string text_of(const nlohmann::json& body) {
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The broker's time is another with every reply, though nothing has changed.
std::string without_time(nlohmann::json body) {
  body.erase("now_ms");
  return text_of(body);
}

// Each once.
std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string part(list.substr(0, comma));
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

}  // namespace

class Events::Impl : public std::enable_shared_from_this<Events::Impl> {
 public:
  Impl(asio::io_context& io, BrokerLink& broker, EventsConfig config)
      : io_(io), broker_(broker), config_(config), timer_(io) {}

  http::Response answer(const http::Request& request, const Session& session) {
    const auto watch = request.query.find("watch");
    const auto names = split(watch == request.query.end() ? "" : watch->second);
    if (names.empty() || names.size() > config_.topics_per_listener_max) {
      return refusal_response({RefusalCode::malformed,
                               "watch names what to listen to: up to " +
                                   std::to_string(config_.topics_per_listener_max) + " topics, with commas between",
                               0});
    }
    for (const std::string& name : names) {
      if (!request_about(name)) return refusal_response({RefusalCode::malformed, "there is no topic of this name", 0});
    }
    http::Response response;
    response.events = std::make_shared<http::EventStream>(queued_bytes_max);
    for (const std::string& name : names) listen(name, session, response.events);
    ask_those_due();
    return response;
  }

  void stop() {
    is_stopping_ = true;
    timer_.cancel();
    for (auto& [key, topic] : topics_) {
      for (const StreamPtr& stream : topic.listeners) stream->end();
    }
    topics_.clear();
  }

  [[nodiscard]] std::size_t topics() const { return topics_.size(); }
  [[nodiscard]] std::size_t listeners() const {
    std::size_t count = 0;
    for (const auto& [key, topic] : topics_) count += topic.listeners.size();
    return count;
  }

 private:
  // As a session sees it: who listens may be anybody until the broker has answered for this very token.
  struct Key {
    std::string token;
    std::string name;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Topic {
    std::vector<StreamPtr> listeners;
    std::string last;      // What they were told; empty: nothing yet.
    std::string compared;  // The same, as far as it can be the same again.
    Clock::time_point due;
    bool is_asked = false;
  };

  void listen(const std::string& name, const Session& session, const StreamPtr& stream) {
    Topic& topic = topics_[{to_text(session.token), name}];
    topic.listeners.push_back(stream);
    if (!topic.last.empty()) stream->push(name, topic.last);
  }

  // As many at a time as may be, those first that have waited longest; then it waits for the next.
  void ask_those_due() {
    if (is_stopping_) return;
    forget_those_without_listeners();
    std::vector<std::pair<Clock::time_point, const Key*>> waiting;
    for (const auto& [key, topic] : topics_) {
      if (!topic.is_asked) waiting.emplace_back(topic.due, &key);
    }
    std::sort(waiting.begin(), waiting.end());
    const auto now = Clock::now();
    for (const auto& [due, key] : waiting) {
      // Who is due already waits until one of those that are asked is done.
      if (asked_ >= config_.asked_at_once_max) return;
      if (due > now) return wake_at(due);
      ask(*key, topics_.at(*key));
    }
  }

  void forget_those_without_listeners() {
    for (auto& [key, topic] : topics_) {
      std::erase_if(topic.listeners, [](const StreamPtr& stream) { return !stream->is_open(); });
    }
    std::erase_if(topics_, [](const auto& one) { return one.second.listeners.empty() && !one.second.is_asked; });
  }

  void wake_at(Clock::time_point time) {
    timer_.expires_at(time);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->ask_those_due();
    });
  }

  void ask(const Key& key, Topic& topic) {
    topic.is_asked = true;
    ++asked_;
    asio::co_spawn(io_, asking(shared_from_this(), key), asio::detached);
  }

  static asio::awaitable<void> asking(std::shared_ptr<Impl> self, Key key) {
    Request request = *request_about(key.name);
    const auto reply = co_await self->broker_.ask(std::move(request), key.token, self->config_.patience);
    self->tell(key, reply);
  }

  void tell(const Key& key, const Result<Reply, Refusal>& reply) {
    --asked_;
    const auto found = topics_.find(key);
    if (found == topics_.end()) return ask_those_due();
    Topic& topic = found->second;
    topic.is_asked = false;
    topic.due = Clock::now() + config_.ask_every;
    if (reply) {
      tell_if_changed(key, topic, *reply);
    } else if (!may_pass(reply.error())) {
      end(key, topic, reply.error());
    }
    ask_those_due();
  }

  static bool may_pass(const Refusal& refusal) {
    return refusal.code == RefusalCode::unavailable || refusal.code == RefusalCode::busy ||
           refusal.code == RefusalCode::rate_exceeded;
  }

  static void tell_if_changed(const Key& key, Topic& topic, const Reply& reply) {
    const nlohmann::json body = codec::to_json(reply);
    std::string compared = without_time(body);
    if (compared == topic.compared) return;
    topic.compared = std::move(compared);
    topic.last = text_of(body);
    const auto bytes = http::event_bytes(key.name, topic.last);
    for (const StreamPtr& stream : topic.listeners) stream->push(bytes);
  }

  static void end(const Key& key, Topic& topic, const Refusal& refusal) {
    const nlohmann::json body{{"topic", key.name}, {"code", name_of(refusal.code)}, {"detail", refusal.detail}};
    const auto bytes = http::event_bytes(refused_event, body.dump());
    for (const StreamPtr& stream : topic.listeners) {
      stream->push(bytes);
      stream->end();
    }
    topic.listeners.clear();
  }

  asio::io_context& io_;
  BrokerLink& broker_;
  EventsConfig config_;
  asio::steady_timer timer_;
  std::map<Key, Topic> topics_;
  std::size_t asked_ = 0;
  bool is_stopping_ = false;
};

Events::Events(asio::io_context& io, BrokerLink& broker, EventsConfig config)
    : impl_(std::make_shared<Impl>(io, broker, config)) {}
Events::~Events() { impl_->stop(); }
http::Response Events::answer(const http::Request& request, const Session& session) {
  return impl_->answer(request, session);
}
std::size_t Events::topics() const { return impl_->topics(); }
std::size_t Events::listeners() const { return impl_->listeners(); }

}  // namespace tally::gateway
