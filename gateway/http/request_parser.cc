#include "gateway/http/request_parser.h"

#include <optional>
#include <utility>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "common/base/assert.h"
#include "gateway/http/body_reader.h"

namespace tally::gateway::http {
namespace {

namespace beast = boost::beast;
using boost::asio::const_buffer;
using Error = beast::http::error;

std::string text_of(beast::string_view text) { return {text.data(), text.size()}; }

// "HTTP/" and two numbers: somebody who speaks another version, not another language.
bool ends_in_version(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
  const std::string_view last = line.substr(line.rfind(' ') + 1);
  return last.starts_with("HTTP/") && last.size() > 5 &&
         last.find_first_not_of("0123456789.", 5) == std::string_view::npos;
}

// A header that goes on in the next line: long given up, and read by some as another header.
bool is_folded(std::string_view bytes) {
  return bytes.find("\r\n ") != std::string_view::npos || bytes.find("\r\n\t") != std::string_view::npos;
}

ClientError error_of(const beast::error_code& error, std::string_view bytes, bool has_request_line) {
  const ClientError too_long_line = {414, "the request line is too long"};
  const ClientError too_long = {431, "the headers are too long"};
  if (error == Error::body_limit) return {413, "the body is too long"};
  if (error == Error::header_limit) return has_request_line ? too_long : too_long_line;
  if (error == Error::bad_version && ends_in_version(bytes)) return {505, "this server speaks HTTP/1.1"};
  return {400, "this is no HTTP request: " + error.message()};
}

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(Limits limits) : limits_(limits), body_(limits.body_bytes, limits.header_bytes) {
    parser_.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser_.body_limit(limits.body_bytes);
  }

  Result<std::size_t, ClientError> take(std::string_view bytes) {
    if (has_header()) return body_.take(bytes);
    if (bytes.empty()) return std::size_t{0};
    beast::error_code error;
    const std::size_t taken = parser_.put(const_buffer(bytes.data(), bytes.size()), error);
    const bool had_line = header_bytes_ > 0;
    header_bytes_ += taken;
    if (is_folded(bytes.substr(0, taken))) return Unexpected{ClientError{400, "a header of several lines"}};
    if (error && error != Error::need_more) return Unexpected{error_of(error, bytes, has_line(had_line, bytes))};
    if (!has_header()) {
      if (const auto found = objection_to_rest(bytes.substr(taken))) return Unexpected{*found};
      return taken;
    }
    if (header_bytes_ > limits_.header_bytes) return Unexpected{ClientError{431, "the headers are too long"}};
    if (const auto found = read_header()) return Unexpected{*found};
    return taken;
  }

  [[nodiscard]] bool has_header() const { return parser_.is_header_done(); }
  [[nodiscard]] bool is_done() const { return has_header() && body_.is_done(); }
  [[nodiscard]] bool keeps_alive() const { return parser_.keep_alive(); }
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  [[nodiscard]] std::size_t body_bytes() const { return body_.body().size(); }

  Request finish() {
    TALLY_ASSERT(is_done());
    request_.body = std::move(body_.body());
    return std::move(request_);
  }

 private:
  // Whether the request line ends within what a header may take.
  [[nodiscard]] bool has_line(bool had_line, std::string_view bytes) const {
    return had_line || bytes.substr(0, limits_.header_bytes).find('\n') != std::string_view::npos;
  }

  // What is left over is the beginning of a header that is not whole yet.
  [[nodiscard]] std::optional<ClientError> objection_to_rest(std::string_view rest) const {
    if (header_bytes_ + rest.size() >= limits_.header_bytes) {
      return error_of(Error::header_limit, rest, has_line(header_bytes_ > 0, rest));
    }
    // It has ended, though the parser waits for the rest of a line that it took to be longer.
    if (rest.find("\r\n\r\n") != std::string_view::npos) return ClientError{400, "this is no HTTP request"};
    return std::nullopt;
  }

  std::optional<ClientError> read_header() {
    const auto& message = parser_.get();
    request_.method = text_of(message.method_string());
    request_.is_head = request_.method == "HEAD";
    if (request_.is_head) request_.method = "GET";
    for (const auto& field : message) {
      if (request_.headers.size() == limits_.headers) return ClientError{431, "there are too many headers"};
      request_.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
    }
    if (auto found = read_framing()) return found;
    if (auto found = objection_to_host()) return found;
    if (auto found = read_expectation()) return found;

    auto target = read_target(text_of(message.target()));
    if (!target) return target.error();
    request_.path = std::move(target->path);
    request_.query = std::move(target->query);
    for (const auto& [name, value] : request_.headers) {
      if (equal_in_any_case(name, "cookie")) read_cookies(value, request_.cookies);
    }
    return std::nullopt;
  }

  // Where a body ends must be plain to every reader of these bytes.
  std::optional<ClientError> read_framing() {
    const auto length = request_.header("content-length");
    const auto coding = request_.header("transfer-encoding");
    if (count("content-length") > 1 || (length && length->find(',') != std::string_view::npos)) {
      return ClientError{400, "there are two lengths"};
    }
    if (!coding) {
      body_.expect(static_cast<std::size_t>(parser_.content_length().value_or(0)));
      return std::nullopt;
    }
    if (count("transfer-encoding") > 1 || length || parser_.get().version() < 11 ||
        !equal_in_any_case(trimmed(*coding), "chunked")) {
      return ClientError{400, "a body comes with its length, or in chunks and nothing else"};
    }
    body_.expect_chunks();
    return std::nullopt;
  }

  [[nodiscard]] std::size_t count(std::string_view name) const {
    std::size_t found = 0;
    for (const auto& header : request_.headers) found += equal_in_any_case(header.first, name) ? 1 : 0;
    return found;
  }

  [[nodiscard]] std::optional<ClientError> objection_to_host() const {
    const std::size_t hosts = count("host");
    if (hosts > 1) return ClientError{400, "there are two hosts"};
    if (hosts == 0 && parser_.get().version() >= 11) return ClientError{400, "the host is missing"};
    return std::nullopt;
  }

  std::optional<ClientError> read_expectation() {
    const auto expected = request_.header("expect");
    if (!expected || parser_.get().version() < 11) return std::nullopt;
    if (!equal_in_any_case(trimmed(*expected), "100-continue")) return ClientError{417, "this cannot be expected"};
    expects_continue_ = !body_.is_done();
    return std::nullopt;
  }

  Limits limits_;
  // For the header only: at a last chunk that comes in pieces it has an assertion that does not hold (Boost 1.74).
  beast::http::request_parser<beast::http::empty_body> parser_;
  BodyReader body_;
  std::size_t header_bytes_ = 0;
  bool expects_continue_ = false;
  Request request_;
};

RequestParser::RequestParser(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

Result<std::size_t, ClientError> RequestParser::take(std::string_view bytes) { return impl_->take(bytes); }
bool RequestParser::has_header() const { return impl_->has_header(); }
bool RequestParser::is_done() const { return impl_->is_done(); }
bool RequestParser::expects_continue() const { return impl_->expects_continue(); }
bool RequestParser::keeps_alive() const { return impl_->keeps_alive(); }
std::size_t RequestParser::body_bytes() const { return impl_->body_bytes(); }
Request RequestParser::finish() { return impl_->finish(); }

}  // namespace tally::gateway::http
