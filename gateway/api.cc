#include "gateway/api.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "common/base/digest.h"
#include "common/codec/messages_codec.h"
#include "common/codec/messages_json.h"
#include "gateway/http/cookie.h"
#include "gateway/sign_in_gate.h"

namespace tally::gateway {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::string_view prefix = "/api/";
constexpr std::chrono::seconds cookie_age{30LL * 86'400};
constexpr codec::Limits body_limits;
constexpr std::size_t nonce_bytes_min = 16;

int status_of(RefusalCode code) {
  switch (code) {
    case RefusalCode::protocol_mismatch:
    case RefusalCode::malformed:
    case RefusalCode::spec_invalid:
    case RefusalCode::items_invalid:
    case RefusalCode::answer_invalid:
      return 400;
    case RefusalCode::too_large:
      return 413;
    case RefusalCode::unknown_message:
    case RefusalCode::account_not_found:
    case RefusalCode::project_not_found:
    case RefusalCode::task_not_found:
    case RefusalCode::assignment_not_found:
    case RefusalCode::transfer_not_found:
      return 404;
    case RefusalCode::rate_exceeded:
      return 429;
    case RefusalCode::busy:
    case RefusalCode::unavailable:
      return 503;
    case RefusalCode::not_enrolled:
      return 503;  // The gateway itself: nothing that the browser could mend.
    case RefusalCode::on_behalf_not_granted:
      return 401;
    case RefusalCode::account_suspended:
    case RefusalCode::role_not_allowed:
    case RefusalCode::not_yours:
      return 403;
    case RefusalCode::internal_error:
      return 500;
    default:
      return 409;
  }
}

http::Response json_response(int status, const json& body) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

http::Response failure(int status, std::string_view code, std::string_view detail) {
  return json_response(status, {{"code", code}, {"detail", detail}, {"retry_after_ms", 0}});
}

http::Response method_not_allowed(std::string_view allowed) {
  auto response = failure(405, "malformed", "this address takes " + std::string(allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

bool is_json(const http::Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  return type.substr(0, type.find(';')) == "application/json";
}

// Of the body of a request of our own.
json object_in(const http::Request& request) {
  json body = json::parse(request.body, nullptr, false);
  return body.is_object() ? body : json::object();
}

std::string random_text() {
  std::array<char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return hex_of(std::string_view(bytes.data(), bytes.size()));
}

// Whoever asks, as far as can be known: what a proxy of ours has seen, or our own peer.
std::string address_of(const http::Request& request, bool is_behind_proxy) {
  std::string_view list;
  // Of several lines the last is the proxy's: whoever asks may have sent one too.
  for (const auto& [name, value] : request.headers) {
    if (http::equal_in_any_case(name, "x-forwarded-for")) list = value;
  }
  if (!is_behind_proxy || list.empty()) return request.peer;
  return std::string(http::trimmed(list.substr(list.rfind(',') + 1)));
}

std::string text_in(const json& body, const char* name) {
  const auto found = body.find(name);
  return found == body.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

// ACCOUNT-SECRET, or the whole line of an invitation, whose last segment that is.
std::string code_in(const json& body) {
  const std::string text = text_in(body, "code");
  return text.substr(text.rfind('/') + 1);
}

// As long as the person waits, and what the broker may wait besides.
milliseconds patience_for(const Request& request, milliseconds patience) {
  const auto* pull = std::get_if<Pull>(&request);
  return pull == nullptr ? patience : patience + milliseconds(std::clamp<std::int64_t>(pull->wait_ms, 0, 60'000));
}

}  // namespace

bool is_for_pages(std::string_view request_name) {
  return request_name != Join::name && request_name != OpenGrant::name && request_name != RenewGrant::name;
}

http::Response refusal_response(const Refusal& refusal) {
  auto response = json_response(
      status_of(refusal.code),
      {{"code", name_of(refusal.code)}, {"detail", refusal.detail}, {"retry_after_ms", refusal.retry_after_ms}});
  if (refusal.retry_after_ms > 0) {
    response.headers.emplace_back("Retry-After", std::to_string((refusal.retry_after_ms + 999) / 1000));
  }
  return response;
}

// In here a message is a variable before it is awaited: GCC 12 destroys twice what braces make within a co_await (GCC
// bug 104031).
class Api::Impl {
 public:
  Impl(BrokerLink& broker, ApiConfig config)
      : broker_(broker), config_(std::move(config)), gate_(config_.sign_ins_per_minute) {}

  awaitable<http::Response> handle(const http::Request& request) {
    if (request.path == "/health") co_return health(request);
    if (request.path == "/metrics") co_return metrics(request);
    const std::string name = request.path.substr(std::min(prefix.size(), request.path.size()));
    if (name == "openapi.json") co_return openapi(request);
    if (name == "session") co_return co_await session(request);
    if (request.method != "POST") co_return method_not_allowed("POST");
    // A form of another site cannot send this, nor may its script.
    if (!is_json(request)) co_return failure(415, "malformed", "send JSON: content-type application/json");
    if (!is_from_our_pages(request)) co_return failure(403, "role_not_allowed", "this comes from another site");
    if (name == "sign-in") co_return co_await sign_in(request);
    co_return co_await as_somebody(request, name);
  }

  [[nodiscard]] std::optional<Session> session_of(const http::Request& request) const {
    const auto found = request.cookies.find(session_cookie(config_.secure_cookies));
    return found == request.cookies.end() ? std::nullopt : session_from(found->second);
  }

  [[nodiscard]] bool is_from_our_pages(const http::Request& request) const {
    const std::string_view site = request.header("sec-fetch-site").value_or("same-origin");
    if (site != "same-origin" && site != "none") return false;
    const auto origin = request.header("origin");
    if (!origin) return true;
    if (!config_.public_url.empty()) return *origin == config_.public_url;
    const std::string host(request.header("host").value_or(""));
    return *origin == "http://" + host || *origin == "https://" + host;
  }

 private:
  // ---- Without a session --------------------------------------------------------------------------------------------

  http::Response health(const http::Request& request) const {
    if (request.method != "GET") return method_not_allowed("GET");
    const auto broker = broker_.health();
    return json_response(broker.is_connected ? 200 : 503,
                         {{"broker", broker.is_connected ? "connected" : "not connected"}, {"detail", broker.trouble}});
  }
  http::Response metrics(const http::Request& request) const {
    if (request.method != "GET") return method_not_allowed("GET");
    const auto broker = broker_.health();
    http::Response response;
    response.content_type = "text/plain; version=0.0.4";
    response.body = "# TYPE tally_gateway_broker_connected gauge\ntally_gateway_broker_connected " +
                    std::to_string(broker.is_connected ? 1 : 0) +
                    "\n# TYPE tally_gateway_requests_waiting gauge\ntally_gateway_requests_waiting " +
                    std::to_string(broker.waiting) +
                    "\n# TYPE tally_gateway_requests_total counter\ntally_gateway_requests_total " +
                    std::to_string(requests_) + "\n";
    return response;
  }
  static http::Response openapi(const http::Request& request) {
    if (request.method != "GET") return method_not_allowed("GET");
    http::Response response;
    response.content_type = "application/json";
    response.body = openapi_json();
    return response;
  }

  awaitable<http::Response> sign_in(const http::Request& request) {
    if (const auto wait = gate_.ask(address_of(request, config_.is_behind_proxy))) {
      co_return refusal_response({RefusalCode::rate_exceeded, "too many tries to sign in from here", wait->count()});
    }
    const json body = object_in(request);
    const std::string code = code_in(body);
    if (code.empty()) co_return failure(400, "malformed", "code is missing: the last part of the invitation");
    // Whoever tries again with the nonce they had gets the session they would have had; without one it is made up.
    std::string nonce = text_in(body, "nonce");
    if (nonce.size() < nonce_bytes_min) nonce = random_text();
    GrantToken token;
    token.secret = secret_from(code + ' ' + nonce, config_.gateway_key);
    OpenGrant open;
    open.code = code;
    open.secret_digest.value = bytes_of(secret_digest_of(token.secret));
    const auto granted = co_await broker_.ask_for(std::move(open), "", config_.patience);
    if (!granted) co_return refusal_response(granted.error());
    token.account = granted->account;
    token.grant = granted->grant;
    // The invitation is used up: whatever becomes of the rest, the browser has the session.
    auto response = co_await welcome(token);
    keep(response, {token, system_clock::now()});
    co_return response;
  }

  // ---- With one -----------------------------------------------------------------------------------------------------

  awaitable<http::Response> session(const http::Request& request) {
    if (request.method != "GET") co_return method_not_allowed("GET");
    auto found = session_of(request);
    if (!found) co_return json_response(200, nullptr);
    const bool is_renewed = co_await renew_if_due(*found);
    auto response = co_await welcome(found->token);
    if (is_renewed) keep(response, *found);
    if (response.status == 401) {
      response = json_response(200, nullptr);
      forget(response);
    }
    co_return response;
  }

  awaitable<http::Response> as_somebody(const http::Request& request, const std::string& name) {
    auto found = session_of(request);
    if (!found) co_return signed_out();
    if (!is_csrf_token(request.header("x-csrf-token").value_or(""), found->token, config_.gateway_key)) {
      co_return failure(403, "session_changed", "the header X-CSRF-Token is missing or is not this session's");
    }
    if (name == "sign-out") co_return co_await sign_out(request, *found);
    const bool is_renewed = co_await renew_if_due(*found);
    auto response = co_await ask(request, name, found->token);
    if (is_renewed) keep(response, *found);
    if (response.status == 401) forget(response);
    co_return response;
  }

  awaitable<http::Response> ask(const http::Request& request, const std::string& name, const GrantToken& token) {
    if (!is_for_pages(name)) co_return failure(404, "unknown_message", "there is no such request here");
    auto message = codec::request_from_json(name, request.body, body_limits);
    if (!message) co_return refusal_response(message.error());
    ++requests_;
    const milliseconds patience = patience_for(*message, config_.patience);
    const auto reply = co_await broker_.ask(std::move(message).value(), to_text(token), patience);
    if (!reply) co_return refusal_response(reply.error());
    co_return json_response(200, codec::to_json(reply.value()));
  }

  awaitable<http::Response> sign_out(const http::Request& request, const Session& session) {
    const json body = object_in(request);
    const auto everywhere = body.find("everywhere");
    EndGrants end;
    if (everywhere == body.end() || !everywhere->is_boolean() || !everywhere->get<bool>()) {
      end.grant = session.token.grant;
    }
    const auto ended = co_await broker_.ask_for(end, to_text(session.token), config_.patience);
    const bool is_over = ended || ended.error().code == RefusalCode::on_behalf_not_granted;
    auto response = is_over ? json_response(200, json::object()) : refusal_response(ended.error());
    if (is_over) forget(response);
    co_return response;
  }

  // What a page begins with.
  awaitable<http::Response> welcome(const GrantToken& token) {
    Hello hello;
    hello.client = "tally-gateway " TALLY_VERSION;
    const auto reply = co_await broker_.ask_for(std::move(hello), to_text(token), config_.patience);
    if (!reply) co_return refusal_response(reply.error());
    json body = codec::to_json(Reply{*reply});
    body["csrf"] = csrf_token(token, config_.gateway_key);
    co_return json_response(200, body);
  }

  // True: the session has another secret from now on. A page that was first keeps the one it made.
  awaitable<bool> renew_if_due(Session& session) {
    if (!session.is_due(system_clock::now())) co_return false;
    const std::string secret = secret_from(session.token.secret, config_.gateway_key);
    RenewGrant renew;
    renew.secret_digest.value = bytes_of(secret_digest_of(secret));
    const auto renewed = co_await broker_.ask_for(std::move(renew), to_text(session.token), config_.patience);
    if (!renewed || !renewed->is_current) co_return false;
    session = {{session.token.account, session.token.grant, secret}, system_clock::now()};
    co_return true;
  }

  static http::Response signed_out() { return failure(401, "on_behalf_not_granted", "nobody is signed in"); }

  void keep(http::Response& response, const Session& session) const {
    set_cookie(response, to_cookie(session), cookie_age);
  }
  void forget(http::Response& response) const { set_cookie(response, "", std::chrono::seconds{0}); }
  void set_cookie(http::Response& response, const std::string& value, std::chrono::seconds age) const {
    http::Cookie cookie;
    cookie.name = session_cookie(config_.secure_cookies);
    cookie.value = value;
    cookie.max_age = age;
    cookie.is_secure = config_.secure_cookies;
    response.headers.emplace_back("Set-Cookie", http::set_cookie(cookie));
  }

  BrokerLink& broker_;
  ApiConfig config_;
  SignInGate gate_;
  std::int64_t requests_ = 0;
};

Api::Api(BrokerLink& broker, ApiConfig config) : impl_(std::make_unique<Impl>(broker, std::move(config))) {}
Api::~Api() = default;
awaitable<http::Response> Api::handle(const http::Request& request) { return impl_->handle(request); }
bool Api::is_from_our_pages(const http::Request& request) const { return impl_->is_from_our_pages(request); }

std::optional<Session> Api::session_of(const http::Request& request) const { return impl_->session_of(request); }

}  // namespace tally::gateway
