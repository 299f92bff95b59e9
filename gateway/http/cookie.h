#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/assert.h"

namespace tally::gateway::http {

// A cookie that no script reads and no other site's page sends.
struct Cookie {
  std::string name;
  std::string value;  // Letters, digits and "-_.~=" are safe; no space, quote, comma, semicolon, backslash.
  std::string path = "/";
  std::optional<std::chrono::seconds> max_age = {};  // None: until the browser is closed. 0 takes the cookie away.
  bool is_secure = false;                            // Only over https. To be set where the address is https.
};

// The value of a Set-Cookie header. REQUIRES: name, value and path are as above, so that no attribute can be slipped
// in.
[[nodiscard]] inline std::string set_cookie(const Cookie& cookie) {
  const auto is_plain = [](std::string_view text) {
    for (const char c : text) {
      if (c <= ' ' || c > '~' || std::string_view("\",;\\").find(c) != std::string_view::npos) return false;
    }
    return true;
  };
  TALLY_ASSERT(!cookie.name.empty());
  TALLY_ASSERT(is_plain(cookie.name));
  TALLY_ASSERT(cookie.name.find('=') == std::string::npos);
  TALLY_ASSERT(is_plain(cookie.value));
  TALLY_ASSERT(is_plain(cookie.path));

  std::string text = cookie.name + "=" + cookie.value + "; Path=" + cookie.path;
  if (cookie.max_age) text += "; Max-Age=" + std::to_string(cookie.max_age->count());
  text += "; HttpOnly; SameSite=Strict";
  if (cookie.is_secure) text += "; Secure";
  return text;
}

}  // namespace tally::gateway::http
