#pragma once

#include <string>

#include "gateway/http/message.h"

namespace tally::gateway::http {

struct HeadShape {
  bool is_last = false;    // The connection ends with this answer.
  bool is_stream = false;  // No length: events come until the connection ends. Implies is_last.
};

// Status line and headers with the empty line behind them. `always`: headers that are added unless the response has one
// of the name. Throws std::invalid_argument for a header that would not stay one.
[[nodiscard]] std::string head_of(const Response& response, const Headers& always, HeadShape shape);

}  // namespace tally::gateway::http
