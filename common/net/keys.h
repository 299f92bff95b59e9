#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

// CURVE keys and invitations, as bytes and as text.
namespace tally::net {

inline constexpr std::size_t key_bytes = 32;

struct KeyPair {
  std::string public_key;  // 32 bytes each.
  std::string secret_key;
};

// A new pair, from the system's randomness.
[[nodiscard]] KeyPair make_key_pair();

// 64 hex digits, any case; nothing for anything else.
[[nodiscard]] std::optional<std::string> key_from_hex(std::string_view hex);

// What an admin hands to a person: where to enrol, which server key to trust, and the one-time code. One line without
// blanks or characters that a shell changes: tally://HOST:PORT/SERVERKEY/CODE, with an IPv6 host in brackets.
struct Invitation {
  std::string host;
  int port = 0;            // Of the enrolment socket.
  std::string server_key;  // 32 bytes.
  std::string code;
};
[[nodiscard]] std::string to_text(const Invitation& invitation);
// The error says what is wrong with the line, without repeating its secret.
[[nodiscard]] Result<Invitation, std::string> invitation_from(std::string_view line);

}  // namespace tally::net
