#include "common/cli/safe_text.h"

#include <array>

#include "common/forms/unicode.h"

namespace tally::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Shown by number: what steers a terminal or the order of reading, or hides text in plain sight.
constexpr std::array<Range, 8> shown_by_number{{{0x80, 0x9f},
                                                {0x061c, 0x061c},
                                                {0x200e, 0x200f},
                                                {0x2028, 0x202e},
                                                {0x2066, 0x2069},
                                                {0xfff9, 0xfffb},
                                                {0xe0000, 0xe007f},
                                                {0xfeff, 0xfeff}}};

bool is_shown_by_number(char32_t c) {
  for (const Range& range : shown_by_number) {
    if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

std::string hex_of_number(char32_t c, std::size_t digits_min) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string hex;
  for (; c != 0 || hex.size() < digits_min; c >>= 4U) hex.insert(hex.begin(), digits[c & 15U]);
  return hex;
}

// U+2400 and on: the pictures of the control characters.
std::string picture_of(char32_t control) {
  const char32_t picture = control == 0x7f ? 0x2421 : 0x2400 + control;
  return {static_cast<char>(0xe2), static_cast<char>(0x80U | (picture >> 6U & 0x3fU)),
          static_cast<char>(0x80U | (picture & 0x3fU))};
}

}  // namespace

std::string safe_for_terminal(std::string_view text, bool keep_newlines) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const auto next = forms::first_code_point(text);
    if (!next) {
      safe += "<" + hex_of_number(static_cast<unsigned char>(text.front()), 2) + ">";
      text.remove_prefix(1);
      continue;
    }
    const char32_t c = next->value;
    const std::string_view bytes = text.substr(0, next->size);
    text.remove_prefix(next->size);
    if (c == '\t') {
      safe += ' ';
    } else if (c == '\n' && keep_newlines) {
      safe += '\n';
    } else if (c == '\r' && keep_newlines && text.starts_with('\n')) {
      continue;
    } else if (c < 0x20 || c == 0x7f) {
      safe += picture_of(c);
    } else if (is_shown_by_number(c)) {
      safe += "<U+" + hex_of_number(c, 4) + ">";
    } else {
      safe += bytes;
    }
  }
  return safe;
}

}  // namespace tally::cli
