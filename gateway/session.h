#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/grant_token.h"

// What a browser keeps: the token of its grant, and when its secret was made. The gateway itself keeps nothing.
namespace tally::gateway {

// Under https a browser lets no other host, and no path of this one, set it.
[[nodiscard]] constexpr const char* session_cookie(bool is_secure) { return is_secure ? "__Host-tally" : "tally"; }

struct Session {
  GrantToken token;
  std::chrono::system_clock::time_point renewed;  // In whole seconds.

  // Its secret is old enough to be replaced.
  [[nodiscard]] bool is_due(std::chrono::system_clock::time_point now) const;
};

// The cookie's value, and back; nothing: it is none of ours.
[[nodiscard]] std::string to_cookie(const Session& session);
[[nodiscard]] std::optional<Session> session_from(std::string_view cookie);

// A grant's secret, 64 hex digits that nobody can make without `gateway_key`: the same for the same `made_from`, so
// that signing in or renewing again, because the answer was lost, is the same command.
[[nodiscard]] std::string secret_from(std::string_view made_from, std::string_view gateway_key);

// Which the pages send back with whatever changes something, so that no other site can make a browser do it. It belongs
// to the grant, so that it holds while secrets change; nobody can make it without `gateway_key` (HMAC-SHA-512-256).
[[nodiscard]] std::string csrf_token(const GrantToken& token, std::string_view gateway_key);
[[nodiscard]] bool is_csrf_token(std::string_view text, const GrantToken& token, std::string_view gateway_key);

}  // namespace tally::gateway
