#include "tools/sim/wire.h"

#include <utility>

#include "common/codec/messages_codec.h"
#include "common/net/frames.h"

namespace tally::sim {

Frame encode(std::uint64_t request_id, const Request& request) {
  return net::encode_frame({codec::number_of(request), request_id}, codec::encode_body(request));
}
Frame encode(std::uint64_t request_id, const Reply& reply) {
  return net::encode_frame({codec::number_of(reply), request_id}, codec::encode_body(reply));
}

Result<Numbered<Request>, Refusal> decode_request(const Frame& frame) {
  const auto read = net::decode_frame(frame);
  if (!read) return Unexpected{read.error()};
  auto message = codec::decode_request(read->header.number, read->body, {});
  if (!message) return Unexpected{message.error()};
  return Numbered<Request>{read->header.request_id, std::move(*message), read->body};
}

Result<Numbered<Reply>, Refusal> decode_reply(const Frame& frame) {
  const auto read = net::decode_frame(frame);
  if (!read) return Unexpected{read.error()};
  auto message = codec::decode_reply(read->header.number, read->body, codec::own_limits);
  if (!message) return Unexpected{message.error()};
  return Numbered<Reply>{read->header.request_id, std::move(*message), read->body};
}

}  // namespace tally::sim
