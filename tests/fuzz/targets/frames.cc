// The three frames of a message, as the broker and the clients take them from a socket.
// Input: the length of the protocol frame, that frame; the length of the header, that frame; the body.
#include "common/net/frames.h"

#include <string>

#include "common/codec/messages_codec.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = fuzz::text_of(data, size);
  const std::string_view protocol = fuzz::take_front(rest, fuzz::take_byte(rest));
  const std::string_view header_frame = fuzz::take_front(rest, fuzz::take_byte(rest));
  const auto header = net::decode_header(protocol, header_frame);
  if (!header) {
    fuzz::require(header.error().detail.size() < 300);  // What a stranger sent is not sent back at length.
    return 0;
  }
  const auto again = net::decode_header(protocol, net::encode_header(*header));
  fuzz::require(again && again->number == header->number && again->request_id == header->request_id);
  static_cast<void>(codec::decode_request(header->number, rest, {}));
  static_cast<void>(codec::decode_reply(header->number, rest, {}));
  return 0;
}
