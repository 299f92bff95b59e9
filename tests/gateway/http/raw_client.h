#pragma once

#include <map>
#include <string>
#include <string_view>

// A client that sends whatever bytes a test wants, and does not wait forever.
namespace tally::gateway::http {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

class RawClient {
 public:
  // `receive_bytes`: of the system's buffer; 0 leaves it as it is.
  explicit RawClient(int port, int receive_bytes = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Whether the server took it all; false when it has closed.
  bool send(std::string_view bytes);
  // No more will be sent.
  void close_sending();

  // All of these throw std::runtime_error when it takes more than ten seconds, or the connection ends before.

  // Up to and with `end`.
  std::string read_until(std::string_view end);
  std::string read_bytes(std::size_t bytes);
  // `has_body`: false for the answer to a HEAD.
  Answer read_answer(bool has_body = true);
  // Everything until the server closes.
  std::string read_to_end();

  // Whether the server closes without another byte.
  bool is_closed() { return read_to_end().empty(); }

 private:
  bool read_some();

  int fd_ = -1;
  std::string buffer_;
};

}  // namespace tally::gateway::http
