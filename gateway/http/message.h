#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "gateway/http/event_stream.h"

// What comes in and what goes out, as values: nothing here knows a socket.
namespace tally::gateway::http {

using Headers = std::vector<std::pair<std::string, std::string>>;  // In their order; names in any case.

// Why a client's request is not taken, with the status to answer. The connection ends with it.
struct ClientError {
  int status = 400;
  std::string why;  // For people; without anything that the client sent.
};

// A request that was read whole and is well-formed. Texts are bytes: whether they are UTF-8 is for the handler to ask.
struct Request {
  std::string method;    // "GET" for a HEAD, too: a handler need not know the difference.
  bool is_head = false;  // The body of the answer is not sent.
  std::string path;      // Decoded; begins with '/'; without "..", "//", "/./", backslash and control characters.
  std::map<std::string, std::string> query;  // Decoded; of a name that comes twice, the first.
  Headers headers;
  std::map<std::string, std::string> cookies;  // As they came, without quotes around them.
  std::string body;
  std::string peer;  // Address, without port: of whoever holds the connection, which may be a proxy.

  // The first header of this name in any case. Valid as long as the request.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// An answer. The server adds Content-Length, Connection and Config::headers; a header here replaces one of those.
struct Response {
  int status = 200;
  std::string content_type = {};  // Empty: there is no such header.
  std::string body = {};
  Headers headers = {};
  // Instead of `body` when there is one: many answers may share it.
  std::shared_ptr<const std::string> shared_body = nullptr;
  // Instead of a body: the connection becomes a stream of server-sent events until the stream ends.
  std::shared_ptr<EventStream> events = nullptr;

  [[nodiscard]] std::string_view bytes() const { return shared_body != nullptr ? *shared_body : body; }
};

constexpr std::size_t target_bytes_max = 8192;  // Path and query as they came; more is 414.
constexpr std::size_t path_bytes_max = 1024;    // Decoded; more is 414.
constexpr std::size_t query_fields_max = 64;    // More is 400.
constexpr std::size_t cookies_max = 64;         // Those after are not seen.

struct Target {
  std::string path;
  std::map<std::string, std::string> query;
};

// Reads the target of a request line: a path with an optional query. Other forms (a whole URL, `*`) are refused.
[[nodiscard]] Result<Target, ClientError> read_target(std::string_view target);

// With '+' for a space where `is_query`. Nothing when a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, bool is_query);

// Adds the cookies of one Cookie header. What is not NAME=VALUE is passed over: another site on this host may have set
// it. Of a name that comes twice the first counts, which is the one with the longer path.
void read_cookies(std::string_view header, std::map<std::string, std::string>& cookies);

// Names of headers, methods' and codings' names: ASCII only.
[[nodiscard]] bool equal_in_any_case(std::string_view one, std::string_view other);
// Without the spaces and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace tally::gateway::http
