#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/refusals.h"

// A message is one frame: the protocol's name and version as a line of text, then [number, request id, body] or
// [number, request id, on behalf, body] in MessagePack. One, because each frame has a cost of its own (it is encrypted
// by itself). schemas/README.md is the grammar.
namespace tally::net {

struct Header {
  std::int64_t number = 0;          // Of the message.
  std::uint64_t request_id = 0;     // Chosen by the client; a reply repeats it. At most 2^63 - 1.
  std::string_view on_behalf = {};  // Of a request by a gateway: the token of its grant (schemas/grant_token.h).
};

[[nodiscard]] std::string encode_frame(const Header& header, std::string_view body);

// `body` and `on_behalf` point into the frame.
struct Message {
  Header header;
  std::string_view body;
};
// Refusal: protocol_mismatch, naming both versions; malformed.
[[nodiscard]] Result<Message, Refusal> decode_frame(std::string_view frame);

// Of a frame that decode_frame() refuses with protocol_mismatch: what it speaks, and for which request as far as we can
// tell.
[[nodiscard]] std::string_view version_in(std::string_view frame);
[[nodiscard]] std::optional<std::uint64_t> request_id_in(std::string_view frame);

}  // namespace tally::net
