#pragma once

#include <string>
#include <string_view>

namespace tally::cli {

// What others wrote, made harmless for a terminal and still to be seen: no text of an item, an answer or a refusal can
// move the cursor, change colours, answer for the user, or turn the reading order around.
//   control characters (C0, DEL)       their picture: ESC is ␛, NUL is ␀
//   C1 (U+0080..9F), line separators   <U+009B>
//   reading order (U+202A..E, 2066..9, 200E, 200F, 061C), tags (U+E0000..7F)   <U+202E>
//   bytes that are not UTF-8           <FF>, one by one
// A tab becomes a space. With keep_newlines a line feed stays (and a carriage return before one goes); without, it is
// shown as ␊. The result is valid UTF-8, and safe again gives the same.
[[nodiscard]] std::string safe_for_terminal(std::string_view text, bool keep_newlines);

}  // namespace tally::cli
