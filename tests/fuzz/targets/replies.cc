// The body of every reply, as a client takes it from a broker that it has no reason to trust.
// Input: the number of the message, the body.
#include <string>

#include <nlohmann/json.hpp>

#include "common/codec/messages_codec.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = fuzz::text_of(data, size);
  const unsigned number = fuzz::take_byte(body);
  const auto reply = codec::decode_reply(number, body, {});
  if (!reply) return 0;
  const std::string said = codec::encode_body(*reply);
  const auto again = codec::decode_reply(number, said, {});
  fuzz::require(again && codec::encode_body(*again) == said);
  static_cast<void>(codec::to_json(*reply).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}
