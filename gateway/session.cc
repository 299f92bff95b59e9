#include "gateway/session.h"

#include <array>

#include <sodium.h>

#include "common/base/digest.h"

namespace tally::gateway {
namespace {

constexpr std::chrono::hours renew_every{1};
constexpr std::int64_t last_second = 253'402'300'799;  // Of the year 9999.

std::string mac_of(const std::string& text, std::string_view gateway_key) {
  std::array<unsigned char, crypto_auth_BYTES> mac{};
  const Digest key = sha256(gateway_key);
  static_assert(std::tuple_size_v<Digest> == crypto_auth_KEYBYTES);
  crypto_auth(mac.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
              reinterpret_cast<const unsigned char*>(key.data()));
  return hex_of(std::string_view(reinterpret_cast<const char*>(mac.data()), mac.size()));
}

}  // namespace

bool Session::is_due(std::chrono::system_clock::time_point now) const { return now - renewed >= renew_every; }

std::string to_cookie(const Session& session) {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(session.renewed.time_since_epoch());
  return to_text(session.token) + '.' + std::to_string(since.count());
}

std::optional<Session> session_from(std::string_view cookie) {
  const std::size_t dot = cookie.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  auto token = grant_token_from(cookie.substr(0, dot));
  const auto seconds = whole_number_from(cookie.substr(dot + 1));
  if (!token || !seconds || *seconds < 0 || *seconds > last_second) return std::nullopt;
  return Session{std::move(*token), std::chrono::system_clock::time_point(std::chrono::seconds(*seconds))};
}

std::string secret_from(std::string_view made_from, std::string_view gateway_key) {
  return mac_of("secret " + std::string(made_from), gateway_key);
}

std::string csrf_token(const GrantToken& token, std::string_view gateway_key) {
  return mac_of("csrf " + std::to_string(token.account.value) + ' ' + std::to_string(token.grant), gateway_key);
}

bool is_csrf_token(std::string_view text, const GrantToken& token, std::string_view gateway_key) {
  const std::string right = csrf_token(token, gateway_key);
  return text.size() == right.size() && sodium_memcmp(text.data(), right.data(), right.size()) == 0;
}

}  // namespace tally::gateway
