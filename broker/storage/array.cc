#include "broker/storage/array.h"

#include <charconv>
#include <stdexcept>

namespace tally::storage {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_hex(std::string& to, std::string_view bytes) {
  const std::size_t start = to.size();
  to.resize(start + 2 * bytes.size());
  char* out = to.data() + start;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *out++ = hex_digits[byte >> 4U];
    *out++ = hex_digits[byte & 0xFU];
  }
}

unsigned nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  throw std::runtime_error("the database gave a bytea that is not hex");
}

}  // namespace

void ArrayText::next() {
  if (text_.size() > 1) text_ += ',';
}

void ArrayText::add(const std::optional<Blob>& blob) {
  if (blob) return add(*blob);
  next();
  text_ += "NULL";
}

void ArrayText::add_number(std::int64_t value) {
  next();
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text_.append(digits, end);
}

void ArrayText::add(std::string_view text) {
  next();
  text_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

void ArrayText::add_bool(bool value) {
  next();
  text_ += value ? 't' : 'f';
}

void ArrayText::add(Blob blob) {
  next();
  text_ += "\"\\\\x";
  append_hex(text_, blob.bytes);
  text_ += '"';
}

std::string bytea_text(std::string_view bytes) {
  std::string text = "\\x";
  append_hex(text, bytes);
  return text;
}

std::string bytes_from_bytea(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0)
    throw std::runtime_error("the database gave a bytea that is not hex");
  std::string bytes(text.size() / 2 - 1, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>((nibble(text[2 * i + 2]) << 4U) | nibble(text[2 * i + 3]));
  }
  return bytes;
}

}  // namespace tally::storage
