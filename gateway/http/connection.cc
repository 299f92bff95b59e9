#include "gateway/http/connection.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/http/response_head.h"

namespace tally::gateway::http {

namespace asio = boost::asio;
using Outcome = Wire::Outcome;

// What one request's body takes of the memory for all of them, as long as the request is held.
class BodyShare {
 public:
  explicit BodyShare(Common& common) : common_(common) {}
  ~BodyShare() { common_.bodies_bytes -= held_; }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  // Whether there is room for that much. When there is not, the share stays as it was.
  bool grow_to(std::size_t bytes) {
    const std::size_t others = common_.bodies_bytes - held_;
    if (others + bytes > common_.config.bodies_bytes_max) return false;
    common_.bodies_bytes = others + bytes;
    held_ = bytes;
    return true;
  }

 private:
  Common& common_;
  std::size_t held_ = 0;
};

namespace {

constexpr std::size_t read_bytes = 16384;
constexpr std::size_t write_bytes = std::size_t{256} << 10U;
constexpr std::chrono::milliseconds goodbye_max{2000};
constexpr std::chrono::milliseconds goodbye_stopping_max{200};  // The process wants to end.
constexpr std::string_view comment = ": \n\n";

Moment in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

// A peer's text as a value of one log line.
std::string for_log(std::string_view text) {
  constexpr std::size_t bytes_max = 200;
  std::string safe(text.substr(0, bytes_max));
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
  return '"' + safe + '"';
}

}  // namespace

Connection::Connection(asio::io_context& context, std::shared_ptr<Common> common, std::unique_ptr<Wire> wire,
                       std::string peer)
    : context_(context), common_(std::move(common)), wire_(std::move(wire)), peer_(std::move(peer)), wake_(context) {}

asio::awaitable<void> Connection::run() {
  const Outcome opened = co_await wire_->open(in(common_->config.read_header_max));
  Next next = opened == Outcome::good ? Next::another_request : Next::close;
  while (next == Next::another_request) next = co_await exchange();
  const Moment until = in(common_->is_stopping ? goodbye_stopping_max : goodbye_max);
  if (next == Next::close_politely) co_await wire_->close_politely(until);
  wire_->close();
}

void Connection::stop() {
  if (is_idle_) abort();
  if (const auto events = events_) events->end();
}

asio::awaitable<Connection::Next> Connection::exchange() {
  RequestParser parser(
      {.header_bytes = common_->config.header_bytes_max, .body_bytes = common_->config.body_bytes_max});
  BodyShare share(*common_);
  const std::optional<Trouble> trouble = co_await read_request(parser, share);
  if (trouble && std::holds_alternative<Gone>(*trouble)) co_return Next::close;
  if (trouble) {
    const Next next = co_await refuse(std::get<ClientError>(*trouble));
    co_return next;
  }

  Request request = parser.finish();
  request.peer = peer_;
  Response response = co_await answer(request);
  // Asked only now: the server may have been told to stop meanwhile.
  const bool is_last = !parser.keeps_alive() || common_->is_stopping;
  const Next next = co_await give(request, std::move(response), is_last);
  co_return next;
}

asio::awaitable<std::optional<Connection::Trouble>> Connection::read_request(RequestParser& parser, BodyShare& share) {
  is_idle_ = buffer_.empty();
  if (is_idle_) {
    const auto& config = common_->config;
    const Outcome outcome =
        co_await read_more(in(std::exchange(is_first_, false) ? config.read_header_max : config.idle_max));
    if (outcome != Outcome::good) co_return Gone{};  // Nothing was asked, so nothing is answered.
    is_idle_ = false;
  }
  std::optional<Trouble> trouble = co_await read_header(parser, share);
  if (!trouble && !parser.is_done()) trouble = co_await feed(parser, share, in(common_->config.read_body_max));
  co_return trouble;
}

asio::awaitable<std::optional<Connection::Trouble>> Connection::read_header(RequestParser& parser, BodyShare& share) {
  std::optional<Trouble> trouble = co_await feed(parser, share, in(common_->config.read_header_max));
  if (trouble || !parser.expects_continue()) co_return trouble;
  const bool is_written = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
  if (!is_written) trouble = Gone{};
  co_return trouble;
}

// Until the header is there when it was not, and otherwise until the body is.
asio::awaitable<std::optional<Connection::Trouble>> Connection::feed(RequestParser& parser, BodyShare& share,
                                                                     Moment until) {
  const bool had_header = parser.has_header();
  while (true) {
    const auto taken = parser.take(buffer_);
    if (!taken) co_return taken.error();
    buffer_.erase(0, *taken);
    if (!had_header && parser.has_header()) co_return std::nullopt;
    if (had_header && !share.grow_to(parser.body_bytes())) co_return ClientError{503, "too much is sent at a time"};
    if (parser.is_done()) co_return std::nullopt;
    const Outcome outcome = co_await read_more(until);
    if (outcome == Outcome::late) co_return ClientError{408, "the request came too slowly"};
    if (outcome == Outcome::gone) co_return Gone{};
  }
}

asio::awaitable<Outcome> Connection::read_more(Moment until) {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + read_bytes);
  const Wire::Some some = co_await wire_->read_some(buffer_.data() + before, read_bytes, until);
  buffer_.resize(before + some.bytes);
  co_return some.outcome;
}

asio::awaitable<Response> Connection::answer(const Request& request) {
  std::string why = "something that is no exception";
  try {
    Response response = co_await common_->handler(request);
    co_return response;
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {  // Whatever it was, the others are still served.
  }
  log_failure(request, why);
  co_return error_response(500, "this went wrong here; it is noted");
}

asio::awaitable<Connection::Next> Connection::give(const Request& request, Response response, bool is_last) {
  const std::string head = head_or_failure(request, response, is_last);
  if (response.events != nullptr && !request.is_head) {
    co_await stream(response.events, head);
    co_return Next::close;
  }
  if (response.events != nullptr) response.events->abandon();

  const bool is_stream = response.events != nullptr;
  const bool has_body = !request.is_head && response.status != 204 && response.status != 304;
  const std::string_view body = has_body ? response.bytes() : std::string_view();
  const std::size_t first = std::min(body.size(), write_bytes);
  bool is_written = co_await write(head, body.substr(0, first));
  if (is_written && first < body.size()) is_written = co_await write_body(body.substr(first));
  if (!is_written) co_return Next::close;
  // It may have been told to stop while it wrote.
  co_return is_last || is_stream || common_->is_stopping ? Next::close_politely : Next::another_request;
}

asio::awaitable<bool> Connection::write_body(std::string_view body) {
  bool is_written = true;
  while (is_written && !body.empty()) {
    is_written = co_await write(body.substr(0, write_bytes));
    body.remove_prefix(std::min(body.size(), write_bytes));
  }
  co_return is_written;
}

asio::awaitable<Connection::Next> Connection::refuse(ClientError error) {
  const Request nothing;
  Response response = error_response(error.status, error.why);
  const Next next = co_await give(nothing, std::move(response), true);
  co_return next;
}

asio::awaitable<bool> Connection::write(std::string_view one, std::string_view other) {
  std::vector<std::string_view> pieces = {one, other};
  const Outcome outcome = co_await wire_->write(std::move(pieces), in(common_->config.write_max));
  co_return outcome == Outcome::good;
}

asio::awaitable<void> Connection::stream(std::shared_ptr<EventStream> events, std::string head) {
  // Thousands of these live for hours: they hold no more than they must.
  wire_->bound_send_buffer(common_->config.stream_send_buffer_bytes);
  std::string().swap(buffer_);
  events_ = events;
  events->on_change([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_events_changed();
  });
  if (common_->is_stopping) events->end();
  asio::co_spawn(
      context_, [self = shared_from_this()] { return self->watch_listener(); }, asio::detached);

  bool is_written = co_await write(head);
  while (is_written && !events->is_abandoned()) {
    std::vector<EventBytes> batch = events->take();
    if (!batch.empty()) {
      is_written = co_await write_events(std::move(batch));
    } else if (!events->is_open()) {
      break;
    } else {
      is_written = co_await wait_for_events();
    }
  }
  events_ = nullptr;
  events->on_change(nullptr);
  events->abandon();
}

asio::awaitable<bool> Connection::write_events(std::vector<EventBytes> events) {
  std::vector<std::string_view> pieces;
  pieces.reserve(events.size());
  for (const EventBytes& event : events) pieces.emplace_back(*event);
  const Outcome outcome = co_await wire_->write(std::move(pieces), in(common_->config.write_max));
  co_return outcome == Outcome::good;
}

// REQUIRES: nothing is queued. Until that changes; a comment is written every so often.
asio::awaitable<bool> Connection::wait_for_events() {
  boost::system::error_code cancelled;
  wake_.expires_after(common_->config.comment_every);
  co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (cancelled || events_->queued_bytes() > 0 || !events_->is_open()) co_return true;
  const bool is_written = co_await write(comment);
  co_return is_written;
}

// A listener has nothing more to say: whatever comes, the end of the connection or some bytes, is the end.
asio::awaitable<void> Connection::watch_listener() {
  std::array<char, 64> unread{};
  co_await wire_->read_some(unread.data(), unread.size());
  if (const auto events = events_) events->abandon();
}

void Connection::on_events_changed() {
  // A write to somebody who does not read would go on.
  if (events_->is_abandoned()) wire_->close();
  wake_.cancel();
}

Response Connection::error_response(int status, std::string_view why) const {
  if (common_->config.error_response) return common_->config.error_response(status, why);
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::string(why) + "\n"};
}

std::string Connection::head_or_failure(const Request& request, Response& response, bool is_last) const {
  const auto& always = common_->config.headers;
  try {
    return head_of(response, always, {.is_last = is_last, .is_stream = response.events != nullptr});
  } catch (const std::exception& error) {
    log_failure(request, error.what());
  }
  if (response.events != nullptr) response.events->abandon();
  response = Response{.status = 500};
  return head_of(response, {}, {.is_last = is_last});
}

void Connection::log_failure(const Request& request, std::string_view why) const {
  common_->log("event=request_failed method=" + for_log(request.method) + " path=" + for_log(request.path) +
               " why=" + for_log(why));
}

}  // namespace tally::gateway::http
