#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "gateway/http/message.h"

namespace tally::gateway::http {

// Bytes of a connection to one request. Strict: what could be read in two ways (RFC 9112: two lengths, a length and
// chunks, codings, bare line feeds, folded lines, two hosts) is refused, so that no proxy before us sees other requests
// than we do.
class RequestParser {
 public:
  struct Limits {
    std::size_t header_bytes = 0;  // Request line and headers; beyond is 414 or 431. Also of a chunk's header.
    std::size_t body_bytes = 0;    // 413.
    std::size_t headers = 100;     // 431.
  };

  explicit RequestParser(Limits limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Takes what it can from the front of `bytes`; gives how many. Stops behind the header, and behind the body. What it
  // left must come again with more after it, unless is_done(). After an error it is of no use.
  [[nodiscard]] Result<std::size_t, ClientError> take(std::string_view bytes);

  [[nodiscard]] bool has_header() const;
  [[nodiscard]] bool is_done() const;
  // Of what follows: valid once has_header().
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] bool keeps_alive() const;        // The client would send more after the answer.
  [[nodiscard]] std::size_t body_bytes() const;  // So far.

  // REQUIRES: is_done(). Once. The peer is not set.
  [[nodiscard]] Request finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway::http
