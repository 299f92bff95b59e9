#include "tools/sim/wire.h"

#include <utility>

#include "common/codec/messages_codec.h"
#include "common/net/frames.h"

namespace tally::sim {

Frames encode(std::uint64_t request_id, const Request& request) {
  return {protocol_frame, net::encode_header({codec::number_of(request), request_id}), codec::encode_body(request)};
}
Frames encode(std::uint64_t request_id, const Reply& reply) {
  return {protocol_frame, net::encode_header({codec::number_of(reply), request_id}), codec::encode_body(reply)};
}

Result<Numbered<Request>, Refusal> decode_request(const Frames& frames) {
  const auto header = net::decode_header(frames.protocol, frames.header);
  if (!header) return Unexpected{header.error()};
  auto message = codec::decode_request(header->number, frames.body, {});
  if (!message) return Unexpected{message.error()};
  return Numbered<Request>{header->request_id, std::move(*message)};
}

Result<Numbered<Reply>, Refusal> decode_reply(const Frames& frames) {
  const auto header = net::decode_header(frames.protocol, frames.header);
  if (!header) return Unexpected{header.error()};
  auto message = codec::decode_reply(header->number, frames.body, codec::own_limits);
  if (!message) return Unexpected{message.error()};
  return Numbered<Reply>{header->request_id, std::move(*message)};
}

}  // namespace tally::sim
