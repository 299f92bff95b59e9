#include "common/net/frames.h"

#include <algorithm>
#include <exception>

#include <msgpack.hpp>

#include "common/codec/codec.h"
#include "schemas/messages.h"

namespace tally::net {
namespace {

constexpr std::size_t header_bytes_max = 256;
constexpr std::string_view family = "tally/";

Unexpected<Refusal> malformed(const char* detail) { return {Refusal{RefusalCode::malformed, detail, 0}}; }

// A version as it may be shown: what a stranger sent, short and plain.
std::string shown(std::string_view protocol) {
  std::string text(protocol.substr(0, 20));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

}  // namespace

std::string encode_header(const Header& header) {
  codec::Buffer buffer;
  codec::Packer out(buffer);
  out.pack_array(2);
  out.pack(header.number);
  out.pack(header.request_id);
  return std::move(buffer.bytes);
}

Result<Header, Refusal> decode_header(std::string_view protocol, std::string_view header) {
  if (protocol != protocol_frame) {
    if (!protocol.starts_with(family)) return malformed("the first frame is not the name of this protocol");
    return Unexpected{
        Refusal{RefusalCode::protocol_mismatch,
                "you speak " + shown(protocol) + ", this is " + protocol_frame + ": use programs of one version", 0}};
  }
  codec::Limits limits;
  limits.bytes = header_bytes_max;
  limits.depth = 2;
  limits.list = 4;
  limits.map = 0;
  limits.text = header_bytes_max;
  msgpack::object_handle handle;
  if (codec::unpack(header, limits, handle)) return malformed("the header is not a list [number, request id]");
  const msgpack::object& list = handle.get();
  if (list.type != msgpack::type::ARRAY || list.via.array.size < 2) {
    return malformed("the header is not a list [number, request id]");
  }
  const msgpack::object& number = list.via.array.ptr[0];
  const msgpack::object& request = list.via.array.ptr[1];
  constexpr std::uint64_t most = INT64_MAX;
  if (number.type != msgpack::type::POSITIVE_INTEGER || number.via.u64 > most)
    return malformed("the message number is not one");
  if (request.type != msgpack::type::POSITIVE_INTEGER || request.via.u64 > most)
    return malformed("the request id is not one");
  if (list.via.array.size > 2) {
    return Unexpected{Refusal{RefusalCode::on_behalf_not_granted, "nobody may act for another account", 0}};
  }
  return Header{static_cast<std::int64_t>(number.via.u64), request.via.u64};
}

}  // namespace tally::net
