#pragma once

#include <string_view>

namespace tally::codec {

// Well-formed UTF-8 (no surrogates, no overlong forms) without NUL: what a text column can hold.
[[nodiscard]] bool is_plain_utf8(std::string_view text);

}  // namespace tally::codec
