#include "common/forms/unicode.h"

#include <cstdlib>
#include <memory>
#include <new>

#include <utf8proc.h>

#include "common/base/assert.h"

namespace tally::forms {
namespace {

const utf8proc_uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

// Calls visit(code point) while it gives true; false when it gave false or the text is not valid UTF-8.
template <class Visit>
bool every(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto next = first_code_point(text);
    if (!next || !visit(next->value)) return false;
    text.remove_prefix(next->size);
  }
  return true;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// The property White_Space of Unicode.
bool is_space(char32_t c) {
  if (c >= 0x09 && c <= 0x0d) return true;
  if (c == 0x85) return true;
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

bool is_invisible(char32_t c) {
  return is_space(c) || is_control(c) || utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->ignorable != 0;
}

std::string with_single_spaces(std::string_view text) {
  std::string collapsed;
  bool space_due = false;
  while (!text.empty()) {
    const auto next = first_code_point(text);
    TALLY_ASSERT(next.has_value());
    if (is_space(next->value)) {
      space_due = !collapsed.empty();
    } else {
      if (space_due) collapsed += ' ';
      space_due = false;
      collapsed += text.substr(0, next->size);
    }
    text.remove_prefix(next->size);
  }
  return collapsed;
}

std::string folded(std::string_view text) {
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(as_bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  TALLY_ASSERT(size >= 0);
  return {owner.get(), owner.get() + size};
}

}  // namespace

std::optional<CodePoint> first_code_point(std::string_view text) {
  TALLY_ASSERT(!text.empty());
  utf8proc_int32_t value = 0;
  const auto size = utf8proc_iterate(as_bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &value);
  if (size <= 0) return std::nullopt;
  return CodePoint{static_cast<char32_t>(value), static_cast<std::size_t>(size)};
}

bool is_storable(std::string_view text) {
  return every(text, [](char32_t c) { return c != 0; });
}

bool is_prose(std::string_view text) {
  return every(text, [](char32_t c) { return c == '\n' || c == '\t' || !is_control(c); });
}

bool is_one_line(std::string_view text) {
  // U+2028 and U+2029 end a line wherever they are shown.
  return every(text, [](char32_t c) { return !is_control(c) && c != 0x2028 && c != 0x2029; });
}

bool is_blank(std::string_view text) { return every(text, is_invisible); }

std::size_t code_points_in(std::string_view text) {
  std::size_t count = 0;
  const bool is_valid = every(text, [&count](char32_t) {
    ++count;
    return true;
  });
  TALLY_ASSERT(is_valid);
  return count;
}

std::string normalised(std::string_view text) {
  if (text.empty()) return {};
  // Composing what was folded can give a letter that folds once more (capital with a mark below, U+0345); twice is
  // enough for every string (Unicode 3.13, D145 to D147).
  return with_single_spaces(folded(folded(text)));
}

std::size_t width_of(char32_t code_point) {
  const int width = utf8proc_charwidth(static_cast<utf8proc_int32_t>(code_point));
  return width < 0 ? 0 : static_cast<std::size_t>(width);
}

}  // namespace tally::forms
