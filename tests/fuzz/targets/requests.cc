// The body of every request, up to where the core would get it: decoding, then the broker's own bounds.
// Input: the number of the message, the body.
#include <string>

#include <nlohmann/json.hpp>

#include "broker/admission.h"
#include "common/codec/messages_codec.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const broker::Config config;
  std::string_view body = fuzz::text_of(data, size);
  const unsigned number = fuzz::take_byte(body);
  const auto request = codec::decode_request(number, body, config.message);
  if (!request) return 0;
  // What was understood is said in one way, and understood again.
  const std::string said = codec::encode_body(*request);
  const auto again = codec::decode_request(number, said, config.message);
  fuzz::require(again && codec::encode_body(*again) == said);
  static_cast<void>(broker::objection_to(*request, config));
  static_cast<void>(codec::to_json(*request).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}
