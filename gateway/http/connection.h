#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>  // Also for awaitable.hpp, which forgets it (Boost 1.74).
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/result.h"
#include "gateway/http/event_stream.h"
#include "gateway/http/message.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/server.h"
#include "gateway/http/wire.h"

namespace tally::gateway::http {

// What the connections of a server have in common. They keep it, so that one whose handler has not come back may
// outlive the server.
struct Common {
  Server::Config config;
  Server::Handler handler;
  bool is_stopping = false;
  std::size_t bodies_bytes = 0;  // Of the requests that are being read or answered.

  void log(const std::string& line) const {
    if (config.log) config.log(line);
  }
};

class BodyShare;

// One client's connection, from the first byte to the last. One thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::io_context& context, std::shared_ptr<Common> common, std::unique_ptr<Wire> wire,
             std::string peer);

  // Everything: it ends when the connection has.
  boost::asio::awaitable<void> run();

  // Common::is_stopping has just become true: ends now when there is no request, after the answer when there is.
  void stop();
  // Ends now.
  void abort() { wire_->close(); }

 private:
  enum class Next { another_request, close_politely, close };
  struct Gone {};
  using Trouble = std::variant<Gone, ClientError>;  // Why there is no request.

  boost::asio::awaitable<Next> exchange();
  boost::asio::awaitable<std::optional<Trouble>> read_request(RequestParser& parser, BodyShare& share);
  boost::asio::awaitable<std::optional<Trouble>> read_header(RequestParser& parser, BodyShare& share);
  boost::asio::awaitable<std::optional<Trouble>> feed(RequestParser& parser, BodyShare& share, Moment until);
  boost::asio::awaitable<Wire::Outcome> read_more(Moment until);

  boost::asio::awaitable<Response> answer(const Request& request);
  boost::asio::awaitable<Next> give(const Request& request, Response response, bool is_last);
  boost::asio::awaitable<Next> refuse(ClientError error);
  boost::asio::awaitable<bool> write_body(std::string_view body);
  boost::asio::awaitable<bool> write(std::string_view one, std::string_view other = {});

  boost::asio::awaitable<void> stream(std::shared_ptr<EventStream> events, std::string head);
  boost::asio::awaitable<bool> write_events(std::vector<EventBytes> events);
  boost::asio::awaitable<bool> wait_for_events();
  boost::asio::awaitable<void> watch_listener();
  void on_events_changed();

  [[nodiscard]] Response error_response(int status, std::string_view why) const;
  [[nodiscard]] std::string head_or_failure(const Request& request, Response& response, bool is_last) const;
  void log_failure(const Request& request, std::string_view why) const;

  boost::asio::io_context& context_;
  std::shared_ptr<Common> common_;
  std::unique_ptr<Wire> wire_;
  std::string peer_;
  std::string buffer_;  // Came, and is not read yet.
  bool is_idle_ = true;
  bool is_first_ = true;
  std::shared_ptr<EventStream> events_;  // While it is a stream.
  boost::asio::steady_timer wake_;       // The stream's writer waits for it.
};

}  // namespace tally::gateway::http
