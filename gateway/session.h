#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/grant_token.h"

// What a browser keeps: the token of its grant, and when its secret was made. The gateway itself keeps nothing.
namespace tally::gateway {

inline constexpr const char* session_cookie = "tally";

struct Session {
  GrantToken token;
  std::chrono::system_clock::time_point renewed;  // In whole seconds.

  // Its secret is old enough to be replaced.
  [[nodiscard]] bool is_due(std::chrono::system_clock::time_point now) const;
};

// The cookie's value, and back; nothing: it is none of ours.
[[nodiscard]] std::string to_cookie(const Session& session);
[[nodiscard]] std::optional<Session> session_from(std::string_view cookie);

// 64 hex digits by chance: a grant's secret.
[[nodiscard]] std::string new_secret();

// Which the pages send back with whatever changes something, so that no other site can make a browser do it. It belongs
// to the grant, so that it holds while secrets change; nobody can make it without `gateway_key` (HMAC-SHA-512-256).
[[nodiscard]] std::string csrf_token(const GrantToken& token, std::string_view gateway_key);
[[nodiscard]] bool is_csrf_token(std::string_view text, const GrantToken& token, std::string_view gateway_key);

}  // namespace tally::gateway
