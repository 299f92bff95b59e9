#include "requester/deadline.h"

namespace tally::requester {

std::optional<std::int64_t> deadline_from(std::string_view text, Time now) {
  if (text == "none") return 0;
  if (const auto moment = time_from(text)) return moment->ms > 0 ? std::optional(moment->ms) : std::nullopt;
  if (const auto from_now = duration_from(text)) return (now + *from_now).ms;
  return std::nullopt;
}

}  // namespace tally::requester
