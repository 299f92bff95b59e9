#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"
#include "tools/sim/network.h"

// Messages to and from the bytes of the wire, by the codec that programs use.
namespace tally::sim {

template <class Message>
struct Numbered {
  std::uint64_t request_id = 0;
  Message message;
  std::string_view body;  // Its bytes, within the frame.
};

[[nodiscard]] Frame encode(std::uint64_t request_id, const Request& request);
[[nodiscard]] Frame encode(std::uint64_t request_id, const Reply& reply);
[[nodiscard]] Result<Numbered<Request>, Refusal> decode_request(const Frame& frame);
[[nodiscard]] Result<Numbered<Reply>, Refusal> decode_reply(const Frame& frame);

}  // namespace tally::sim
