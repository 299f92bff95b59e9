#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "gateway/http/message.h"

namespace tally::gateway::http {

// The body of a request: so many bytes, or chunks (RFC 9112, 7.1). Strict: lines end with CR LF, and only so. What
// chunks say besides their length, and what comes after the last, is passed over.
class BodyReader {
 public:
  // `framing_bytes_max`: of the line before a chunk, and of all that comes after the last.
  BodyReader(std::size_t bytes_max, std::size_t framing_bytes_max)
      : bytes_max_(bytes_max), framing_bytes_max_(framing_bytes_max) {}

  // One of these, once. REQUIRES: not more than `bytes_max`.
  void expect(std::size_t bytes);
  void expect_chunks() { step_ = Step::size; }

  // Takes what it can from the front of `bytes`; gives how many. What it left must come again with more after it,
  // unless is_done(). A body that is too long is 413, framing that is 431, all else 400.
  [[nodiscard]] Result<std::size_t, ClientError> take(std::string_view bytes);

  [[nodiscard]] bool is_done() const { return step_ == Step::done; }
  [[nodiscard]] std::string& body() { return body_; }
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  enum class Step { all, size, chunk, chunk_end, after, done };
  using Taken = Result<std::size_t, ClientError>;

  Taken take_step(std::string_view bytes);
  Taken take_content(std::string_view bytes);
  Taken take_chunk_end(std::string_view bytes);
  Taken take_line(std::string_view bytes);
  [[nodiscard]] Result<Done, ClientError> read_size(std::string_view line);
  [[nodiscard]] Result<Done, ClientError> read_after(std::string_view line);

  std::size_t bytes_max_, framing_bytes_max_;
  Step step_ = Step::done;
  std::size_t left_ = 0;         // Of the body, or of the chunk.
  std::size_t after_bytes_ = 0;  // After the last chunk.
  std::string body_;
};

}  // namespace tally::gateway::http
