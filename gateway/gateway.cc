#include "gateway/gateway.h"

#include <optional>
#include <utility>

#include "gateway/http/files.h"
#include "gateway/http/security_headers.h"

namespace tally::gateway {

namespace asio = boost::asio;
using asio::awaitable;

class Gateway::Impl {
 public:
  Impl(asio::io_context& io, const net::Network& network, const net::ConversationConfig& broker, GatewayConfig config)
      : broker_(io, network, broker),
        api_(broker_, config.api),
        events_(io, broker_, config.events),
        pages_(config.pages.empty() ? std::optional<http::Files>() : std::optional<http::Files>(config.pages)),
        server_(io, with_our_own(std::move(config)), [this](const http::Request& request) { return handle(request); }) {
  }

  void start() { server_.start(); }
  [[nodiscard]] int port() const { return server_.port(); }
  void stop(std::function<void()> on_stopped) { server_.stop(std::move(on_stopped)); }

 private:
  static http::Server::Config with_our_own(GatewayConfig config) {
    config.http.headers = http::security_headers(config.api.secure_cookies);
    config.http.error_response = [](int status, std::string_view why) {
      auto response = refusal_response({code_for(status), std::string(why), 0});
      response.status = status;
      return response;
    };
    return std::move(config.http);
  }
  static RefusalCode code_for(int status) {
    if (status == 413 || status == 414 || status == 431) return RefusalCode::too_large;
    if (status == 408) return RefusalCode::unavailable;  // It did not come whole: nothing is said of what it was.
    if (status == 503) return RefusalCode::busy;
    return status >= 500 ? RefusalCode::internal_error : RefusalCode::malformed;
  }

  awaitable<http::Response> handle(const http::Request& request) {
    if (request.path == "/api/events") co_return watch(request);
    const bool is_ours = request.path.starts_with("/api/") || request.path == "/health" || request.path == "/metrics";
    if (is_ours || !pages_) co_return co_await api_.handle(request);
    co_return pages_->answer(request);
  }

  http::Response watch(const http::Request& request) {
    const auto session = api_.session_of(request);
    if (!session) return refusal_response({RefusalCode::on_behalf_not_granted, "nobody is signed in", 0});
    if (!api_.is_from_our_pages(request)) {
      return refusal_response({RefusalCode::role_not_allowed, "this comes from another site", 0});
    }
    return events_.answer(request, *session);
  }

  BrokerLink broker_;
  Api api_;
  Events events_;
  std::optional<http::Files> pages_;
  http::Server server_;
};

Gateway::Gateway(asio::io_context& io, const net::Network& network, const net::ConversationConfig& broker,
                 GatewayConfig config)
    : impl_(std::make_unique<Impl>(io, network, broker, std::move(config))) {}
Gateway::~Gateway() = default;
void Gateway::start() { impl_->start(); }
int Gateway::port() const { return impl_->port(); }
void Gateway::stop(std::function<void()> on_stopped) { impl_->stop(std::move(on_stopped)); }

}  // namespace tally::gateway
