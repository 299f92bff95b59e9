#include "common/net/frames.h"

#include <algorithm>

#include "common/codec/codec.h"
#include "schemas/messages.h"

namespace tally::net {
namespace {

constexpr std::string_view family = "tally/";
constexpr std::size_t version_bytes_max = 20;
constexpr auto* not_a_list = "after its first line a message is a list: number, request id, body";
constexpr auto* no_token = "the third of four is a text: the token of a grant";

Unexpected<Refusal> malformed(const char* detail) { return {Refusal{RefusalCode::malformed, detail, 0}}; }

// A version as it may be shown: what a stranger sent, short and plain.
std::string shown(std::string_view protocol) {
  std::string text(protocol);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

// What stands after the first line.
std::string_view rest_of(std::string_view frame) {
  return frame.substr(std::min(version_in(frame).size() + 1, frame.size()));
}

unsigned char byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

// Takes a number that is not negative, in any of MessagePack's forms, off the front.
std::optional<std::uint64_t> take_number(std::string_view& bytes) {
  if (bytes.empty()) return std::nullopt;
  const unsigned char form = byte_at(bytes, 0);
  std::size_t size = 0;
  if (form >= 0xcc && form <= 0xcf) size = std::size_t{1} << (form - 0xccU);
  if (form >= 0xd0 && form <= 0xd3) size = std::size_t{1} << (form - 0xd0U);
  if ((form > 0x7f && size == 0) || bytes.size() < 1 + size) return std::nullopt;
  std::uint64_t value = size == 0 ? form : 0;
  for (std::size_t i = 1; i <= size; ++i) value = value << 8U | byte_at(bytes, i);
  const bool is_negative = form >= 0xd0 && (byte_at(bytes, 1) & 0x80U) != 0;
  bytes.remove_prefix(1 + size);
  if (is_negative || value > INT64_MAX) return std::nullopt;
  return value;
}

// Takes a text of up to 255 bytes, and of one at least, off the front.
std::optional<std::string_view> take_token(std::string_view& bytes) {
  constexpr unsigned char short_text = 0xa0, short_text_mask = 0xe0, text8 = 0xd9;
  if (bytes.empty()) return std::nullopt;
  const unsigned char form = byte_at(bytes, 0);
  std::size_t head = 1;
  std::size_t size = form & ~short_text_mask & 0xffU;
  if (form == text8 && bytes.size() > 1) {
    head = 2;
    size = byte_at(bytes, 1);
  } else if ((form & short_text_mask) != short_text) {
    return std::nullopt;
  }
  if (size == 0 || bytes.size() < head + size) return std::nullopt;
  const std::string_view token = bytes.substr(head, size);
  bytes.remove_prefix(head + size);
  return token;
}

Result<Message, Refusal> decode_list(std::string_view bytes) {
  constexpr unsigned char list_of_three = 0x93, list_of_four = 0x94;
  if (bytes.empty()) return malformed(not_a_list);
  const unsigned char list = byte_at(bytes, 0);
  if (list != list_of_three && list != list_of_four) return malformed(not_a_list);
  bytes.remove_prefix(1);
  const auto number = take_number(bytes);
  if (!number) return malformed("the message number is not one");
  const auto request_id = take_number(bytes);
  if (!request_id) return malformed("the request id is not one");
  Message message{{static_cast<std::int64_t>(*number), *request_id}, {}};
  if (list == list_of_four) {
    const auto token = take_token(bytes);
    if (!token) return malformed(no_token);
    message.header.on_behalf = *token;
  }
  message.body = bytes;
  return message;
}

}  // namespace

std::string encode_frame(const Header& header, std::string_view body) {
  codec::Buffer buffer;
  buffer.bytes.reserve(body.size() + header.on_behalf.size() + 32);
  buffer.bytes = protocol_name;
  buffer.bytes += '\n';
  codec::Packer out(buffer);
  out.pack_array(header.on_behalf.empty() ? 3 : 4);
  out.pack(header.number);
  out.pack(header.request_id);
  if (!header.on_behalf.empty()) out.pack(header.on_behalf);
  buffer.bytes += body;
  return std::move(buffer.bytes);
}

std::string_view version_in(std::string_view frame) {
  const std::string_view start = frame.substr(0, version_bytes_max + 1);
  return start.substr(0, std::min(start.find('\n'), version_bytes_max));
}

std::optional<std::uint64_t> request_id_in(std::string_view frame) {
  const auto message = decode_list(rest_of(frame));
  if (!message) return std::nullopt;
  return message->header.request_id;
}

Result<Message, Refusal> decode_frame(std::string_view frame) {
  const std::string_view version = version_in(frame);
  if (version == protocol_name) return decode_list(rest_of(frame));
  if (!version.starts_with(family)) return malformed("a message begins with the name of this protocol, on a line");
  return Unexpected{
      Refusal{RefusalCode::protocol_mismatch,
              "you speak " + shown(version) + ", this is " + protocol_name + ": use programs of one version", 0}};
}

}  // namespace tally::net
