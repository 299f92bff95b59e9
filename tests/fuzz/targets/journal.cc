// What the broker reads back from its database: records, mail, contents and snapshots. A damaged row is a refusal.
// Input: which of them, the bytes.
#include <string>

#include "broker/core/fold.h"
#include "common/codec/codec.h"
#include "common/codec/records_codec.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

namespace {

template <class Decode, class Encode>
void there_and_back(std::string_view bytes, const Decode& decode, const Encode& encode) {
  const auto value = decode(bytes);
  if (!value) return;
  const std::string said = encode(*value);
  const auto again = decode(said);
  fuzz::require(again && encode(*again) == said);
}

Result<core::PartImage, Refusal> decode_image(std::string_view bytes) {
  return codec::decode<core::PartImage>(bytes, codec::own_limits, codec::Form::positional);
}
std::string encode_image(const core::PartImage& image) { return codec::encode(image, codec::Form::positional); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  switch (fuzz::take_byte(bytes)) {
    case 'r':
      there_and_back(bytes, codec::decode_records, codec::encode_records);
      break;
    case 'm':
      there_and_back(bytes, codec::decode_mail, codec::encode_mail);
      break;
    case 'i':
      there_and_back(bytes, codec::decode_item, codec::encode_item);
      break;
    case 'a':
      there_and_back(bytes, codec::decode_answer, codec::encode_answer);
      break;
    case 's':
      there_and_back(bytes, codec::decode_spec, codec::encode_spec);
      break;
    case 'j':
      there_and_back(bytes, codec::decode_judged, codec::encode_judged);
      break;
    case 'b':
      there_and_back(bytes, codec::decode_ballots, codec::encode_ballots);
      break;
    case 'w':
      there_and_back(bytes, codec::decode_weighed, codec::encode_weighed);
      break;
    case 'p':
      there_and_back(bytes, decode_image, encode_image);
      break;
    default:
      break;
  }
  return 0;
}
