#include "tests/gateway/http/raw_client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/http/message.h"

namespace tally::gateway::http {
namespace {

constexpr int patience_ms = 10'000;

void wait_for(int fd, short what) {
  pollfd look{fd, what, 0};
  if (poll(&look, 1, patience_ms) <= 0) throw std::runtime_error("the server takes too long");
}

std::string lower(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

Answer head_from(const std::string& text) {
  Answer answer;
  if (!text.starts_with("HTTP/1.1 ")) throw std::runtime_error("no answer: " + text);
  answer.status = std::stoi(text.substr(9, 3));
  for (std::size_t at = text.find("\r\n") + 2; at + 2 < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    const std::string line = text.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) throw std::runtime_error("no header: " + line);
    answer.headers.emplace(lower(line.substr(0, colon)), trimmed(std::string_view(line).substr(colon + 1)));
    at = end + 2;
  }
  return answer;
}

}  // namespace

RawClient::RawClient(int port, int receive_bytes) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) throw std::runtime_error("no socket");
  if (receive_bytes > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {  // NOLINT
    close(fd_);
    throw std::runtime_error("nobody listens");
  }
}

RawClient::~RawClient() { close(fd_); }

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    wait_for(fd_, POLLOUT);
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::close_sending() { shutdown(fd_, SHUT_WR); }

bool RawClient::read_some() {
  wait_for(fd_, POLLIN);
  std::array<char, 65536> piece{};
  const ssize_t got = recv(fd_, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::read_until(std::string_view end) {
  while (buffer_.find(end) == std::string::npos) {
    if (!read_some()) throw std::runtime_error("the connection ended with: " + buffer_);
  }
  const std::size_t bytes = buffer_.find(end) + end.size();
  return read_bytes(bytes);
}

std::string RawClient::read_bytes(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!read_some()) throw std::runtime_error("the connection ended with: " + buffer_.substr(0, 200));
  }
  std::string read = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return read;
}

Answer RawClient::read_answer(bool has_body) {
  Answer answer = head_from(read_until("\r\n\r\n"));
  const auto length = answer.headers.find("content-length");
  if (has_body && length != answer.headers.end()) answer.body = read_bytes(std::stoul(length->second));
  return answer;
}

std::string RawClient::read_to_end() {
  while (read_some()) {
  }
  return std::exchange(buffer_, {});
}

}  // namespace tally::gateway::http
