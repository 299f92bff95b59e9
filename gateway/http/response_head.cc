#include "gateway/http/response_head.h"

#include <algorithm>
#include <stdexcept>

#include <boost/beast/http/status.hpp>

namespace tally::gateway::http {
namespace {

namespace beast = boost::beast;

bool is_name(std::string_view text) {
  const auto is_token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token);
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

bool has(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [name](const auto& header) { return equal_in_any_case(header.first, name); });
}

void add(std::string& head, std::string_view name, std::string_view value) {
  if (!is_name(name) || !is_value(value)) throw std::invalid_argument("a header that is none: " + std::string(name));
  head.append(name).append(": ").append(value).append("\r\n");
}

// The server's own: how long the body is, and whether the connection goes on.
bool is_ours(std::string_view name) {
  return equal_in_any_case(name, "content-length") || equal_in_any_case(name, "connection") ||
         equal_in_any_case(name, "transfer-encoding");
}

std::string status_line(int status) {
  const auto known = beast::http::int_to_status(static_cast<unsigned>(status));
  const beast::string_view reason = beast::http::obsolete_reason(known);
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason.data(), reason.size()) + "\r\n";
}

}  // namespace

std::string head_of(const Response& response, const Headers& always, HeadShape shape) {
  if (response.status < 200 || response.status > 599) throw std::invalid_argument("a status that is none");
  std::string head = status_line(response.status);
  if (shape.is_stream) {
    add(head, "Content-Type", "text/event-stream");
    if (!has(response.headers, "cache-control")) add(head, "Cache-Control", "no-store");
  } else {
    if (!response.content_type.empty()) add(head, "Content-Type", response.content_type);
    const bool has_body = response.status != 204 && response.status != 304;
    if (has_body) add(head, "Content-Length", std::to_string(response.bytes().size()));
  }
  add(head, "Connection", shape.is_last || shape.is_stream ? "close" : "keep-alive");
  for (const auto& [name, value] : response.headers) {
    if (!is_ours(name)) add(head, name, value);
  }
  for (const auto& [name, value] : always) {
    if (!has(response.headers, name)) add(head, name, value);
  }
  return head += "\r\n";
}

}  // namespace tally::gateway::http
