// A message as the broker and the clients take it from a socket: the line of the protocol, the numbers, the body.
#include "common/net/frames.h"

#include <string>

#include "common/codec/messages_codec.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view frame = fuzz::text_of(data, size);
  const auto message = net::decode_frame(frame);
  if (!message) {
    fuzz::require(message.error().detail.size() < 300);  // What a stranger sent is not sent back at length.
    static_cast<void>(net::version_in(frame));
    static_cast<void>(net::request_id_in(frame));
    return 0;
  }
  const std::string said = net::encode_frame(message->header, message->body);
  const auto again = net::decode_frame(said);
  fuzz::require(again && again->header.number == message->header.number &&
                again->header.request_id == message->header.request_id && again->body == message->body);
  static_cast<void>(codec::decode_request(message->header.number, message->body, {}));
  static_cast<void>(codec::decode_reply(message->header.number, message->body, {}));
  return 0;
}
