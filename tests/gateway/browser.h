#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

// What a browser does, as far as an API sees it: keeps a cookie, sends a token, reads answers. Nothing of it is the
// gateway's own code.
namespace tally::gateway::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case; of a name that comes twice, the last.
  std::string body;
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
  [[nodiscard]] std::string code() const { return json().value("code", ""); }
};

// One connection to the gateway.
class Wire {
 public:
  explicit Wire(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
  }
  ~Wire() { close(socket_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error(std::string("send: ") + std::strerror(errno));
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Up to and with `end`; what is there when the other side closes, or has been silent for too long.
  std::string until(std::string_view end) {
    while (true) {
      const auto at = read_.find(end);
      if (at != std::string::npos) {
        std::string taken = read_.substr(0, at + end.size());
        read_.erase(0, at + end.size());
        return taken;
      }
      if (!more()) return std::exchange(read_, {});
    }
  }
  std::string bytes(std::size_t count) {
    while (read_.size() < count && more()) {
    }
    std::string taken = read_.substr(0, count);
    read_.erase(0, count);
    return taken;
  }

 private:
  bool more() {
    char buffer[16'384];
    const auto got = recv(socket_, buffer, sizeof buffer, 0);
    if (got > 0) read_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }
  int socket_;
  std::string read_;
};

inline Answer read_answer(Wire& wire) {
  Answer answer;
  const std::string head = wire.until("\r\n\r\n");
  if (head.size() < 12) throw std::runtime_error("no answer");
  answer.status = std::stoi(head.substr(9, 3));
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = head.find("\r\n", at);
    const std::string line = head.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      std::string name = line.substr(0, colon);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      answer.headers[name] = line.substr(line.find_first_not_of(' ', colon + 1));
    }
    at = end + 2;
  }
  if (answer.headers.contains("content-length")) answer.body = wire.bytes(std::stoul(answer.headers["content-length"]));
  return answer;
}

class Browser {
 public:
  explicit Browser(int port) : port_(port) {}

  Answer get(const std::string& path, const Headers& more = {}) { return ask("GET", path, "", more); }
  // With whatever a page of the gateway sends along.
  Answer post(const std::string& path, const nlohmann::json& body, const Headers& more = {}) {
    return post_text(path, body.dump(), more);
  }
  Answer post_text(const std::string& path, const std::string& body, Headers more = {}) {
    more.emplace_back("Content-Type", "application/json");
    if (!csrf.empty()) more.emplace_back("X-CSRF-Token", csrf);
    return ask("POST", path, body, more);
  }
  Answer sign_in(const std::string& code) {
    Answer answer = post("/api/sign-in", {{"code", code}});
    if (answer.status == 200) csrf = answer.json().at("csrf");
    return answer;
  }
  Answer ask(const std::string& method, const std::string& path, const std::string& body, const Headers& more) {
    Wire wire(port_);
    wire.send(head(method, path, body.size(), more) + body);
    Answer answer = read_answer(wire);
    const auto set = answer.headers.find("set-cookie");
    if (set != answer.headers.end()) {
      cookie = set->second.substr(0, set->second.find(';'));
      if (cookie == "tally=") cookie.clear();
    }
    return answer;
  }
  [[nodiscard]] std::string head(const std::string& method, const std::string& path, std::size_t body_bytes,
                                 const Headers& more) const {
    std::string text = method + ' ' + path + " HTTP/1.1\r\nHost: localhost:" + std::to_string(port_) + "\r\n";
    if (!cookie.empty()) text += "Cookie: " + cookie + "\r\n";
    for (const auto& [name, value] : more) text += name + ": " + value + "\r\n";
    if (body_bytes > 0) text += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
    return text + "\r\n";
  }

  std::string cookie;  // As it is sent: tally=…
  std::string csrf;

 private:
  int port_;
};

}  // namespace tally::gateway::testing
