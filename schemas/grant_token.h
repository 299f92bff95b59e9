#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/digest.h"
#include "schemas/ids.h"

namespace tally {

// With what a gateway acts for a person: which grant of whose account, and the secret that proves that it was given it.
// The broker keeps the secret's digest alone. In a frame and in a cookie it is text, ACCOUNT-GRANT-SECRET.
struct GrantToken {
  AccountId account;
  std::int64_t grant = 0;  // From 1.
  std::string secret;      // 64 hex digits, lower-case.
};

inline constexpr std::size_t grant_token_bytes_max = 120;

[[nodiscard]] std::string to_text(const GrantToken& token);
// Nothing: the text is none.
[[nodiscard]] std::optional<GrantToken> grant_token_from(std::string_view text);

[[nodiscard]] Digest secret_digest_of(std::string_view secret);

}  // namespace tally
