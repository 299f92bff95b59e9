#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// What forms, item files and terminals need to know of Unicode, by libutf8proc.
namespace tally::forms {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // In bytes of UTF-8.
};

// The first code point of a text that is not empty; nothing when its first bytes are not valid UTF-8 (overlong forms
// and surrogates are not).
[[nodiscard]] std::optional<CodePoint> first_code_point(std::string_view text);

// Valid UTF-8 without NUL: what a database can hold.
[[nodiscard]] bool is_storable(std::string_view text);
// Storable, and without control characters (C0, DEL, C1) besides line feed and tab: what people write in a form.
[[nodiscard]] bool is_prose(std::string_view text);
// The same without line feed and tab: a name, a title, an option.
[[nodiscard]] bool is_one_line(std::string_view text);

// The functions below REQUIRE a storable text.

// Nothing that can be seen: empty, or white space and invisible characters (joiners, marks of direction) only.
[[nodiscard]] bool is_blank(std::string_view text);
[[nodiscard]] std::size_t code_points_in(std::string_view text);

// The form in which texts are compared: case folded, in NFC, runs of white space as one space, none at the ends.
// Punctuation stays. Applied again it changes nothing. Letters that Unicode adds later fold only once the library
// knows them.
[[nodiscard]] std::string normalised(std::string_view text);

// How many columns of a terminal it takes: 0 (combining), 1, or 2 (East Asian wide, emoji).
[[nodiscard]] std::size_t width_of(char32_t code_point);

}  // namespace tally::forms
