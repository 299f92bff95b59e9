#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/refusals.h"

// The frames around a message's body: protocol, header, body. schemas/README.md is the grammar.
namespace tally::net {

inline constexpr std::size_t frames_per_message = 3;

struct Header {
  std::int64_t number = 0;       // Of the message.
  std::uint64_t request_id = 0;  // Chosen by the client; a reply repeats it. At most 2^63 - 1.
};

[[nodiscard]] std::string encode_header(const Header& header);

// What the first two frames say. Refusal: protocol_mismatch, naming both versions; malformed; on_behalf_not_granted for
// a header that names somebody to act for, which nobody may yet.
[[nodiscard]] Result<Header, Refusal> decode_header(std::string_view protocol, std::string_view header);

}  // namespace tally::net
