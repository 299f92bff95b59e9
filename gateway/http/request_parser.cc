#include "gateway/http/request_parser.h"

#include <optional>
#include <utility>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/base/assert.h"

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

ClientError error_of(const beast::error_code& error, std::string_view bytes, bool has_request_line) {
  const ClientError too_long_line = {414, "the request line is too long"};
  const ClientError too_long = {431, "the headers are too long"};
  if (error == Error::body_limit || error == Error::buffer_overflow) return {413, "the body is too long"};
  if (error == Error::header_limit) return has_request_line ? too_long : too_long_line;
  if (error == Error::bad_version && ends_in_version(bytes)) return {505, "this server speaks HTTP/1.1"};
  return {400, "this is no HTTP request: " + error.message()};
}

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(Limits limits) : limits_(limits) {
    parser_.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser_.body_limit(limits.body_bytes);
    parser_.eager(false);
  }

  Result<std::size_t, ClientError> take(std::string_view bytes) {
    std::size_t taken = 0;
    while (!parser_.is_done() && taken < bytes.size()) {
      const std::string_view rest = bytes.substr(taken);
      const bool had_header = parser_.is_header_done();
      beast::error_code error;
      const std::size_t now = parser_.put(const_buffer(rest.data(), rest.size()), error);
      taken += now;
      if (!had_header) header_bytes_ += now;
      if (error && error != Error::need_more) return Unexpected{error_of(error, rest, has_request_line(bytes))};
      if (const auto found = objection(bytes, error ? bytes.size() - taken : 0)) return Unexpected{*found};
      if (error || (!had_header && parser_.is_header_done())) break;
    }
    return taken;
  }

  [[nodiscard]] const auto& parser() const { return parser_; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }

  Request finish() {
    TALLY_ASSERT(parser_.is_done());
    request_.body = std::move(parser_.get().body());
    return std::move(request_);
  }

 private:
  [[nodiscard]] bool has_request_line(std::string_view bytes) const {
    return header_bytes_ > 0 || bytes.find('\n') != std::string_view::npos;
  }

  // After each step. `left`: how many bytes are the beginning of something that must become whole first: the header, or
  // that of a chunk.
  std::optional<ClientError> objection(std::string_view bytes, std::size_t left) {
    if (!parser_.is_header_done()) {
      if (header_bytes_ + left < limits_.header_bytes) return std::nullopt;
      return error_of(beast::error_code(Error::header_limit), bytes, has_request_line(bytes));
    }
    if (header_bytes_ > limits_.header_bytes) return ClientError{431, "the headers are too long"};
    if (left >= limits_.header_bytes) return ClientError{431, "the header of a chunk is too long"};
    if (is_header_read_) return std::nullopt;
    is_header_read_ = true;
    return read_header();
  }

  // Right behind the headers: what comes after the chunks is added to the same fields, and shall not count.
  std::optional<ClientError> read_header() {
    const auto& message = parser_.get();
    request_.method = text_of(message.method_string());
    request_.is_head = request_.method == "HEAD";
    if (request_.is_head) request_.method = "GET";
    for (const auto& field : message) {
      if (request_.headers.size() == limits_.headers) return ClientError{431, "there are too many headers"};
      request_.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
    }
    if (auto found = objection_to_framing()) return found;
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

  [[nodiscard]] std::size_t count(std::string_view name) const {
    std::size_t found = 0;
    for (const auto& header : request_.headers) found += equal_in_any_case(header.first, name) ? 1 : 0;
    return found;
  }

  // Where a body ends must be plain to every reader of these bytes.
  [[nodiscard]] std::optional<ClientError> objection_to_framing() const {
    if (count("content-length") > 1) return ClientError{400, "there are two lengths"};
    const auto coding = request_.header("transfer-encoding");
    if (!coding) return std::nullopt;
    if (count("transfer-encoding") > 1 || count("content-length") > 0 || parser_.get().version() < 11 ||
        !equal_in_any_case(trimmed(*coding), "chunked")) {
      return ClientError{400, "a body comes with its length, or in chunks and nothing else"};
    }
    return std::nullopt;
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
    expects_continue_ = !parser_.is_done();
    return std::nullopt;
  }

  Limits limits_;
  beast::http::request_parser<beast::http::string_body> parser_;
  std::size_t header_bytes_ = 0;
  bool is_header_read_ = false;
  bool expects_continue_ = false;
  Request request_;
};

RequestParser::RequestParser(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

Result<std::size_t, ClientError> RequestParser::take(std::string_view bytes) { return impl_->take(bytes); }
bool RequestParser::has_header() const { return impl_->parser().is_header_done(); }
bool RequestParser::is_done() const { return impl_->parser().is_done(); }
bool RequestParser::expects_continue() const { return impl_->expects_continue(); }
bool RequestParser::keeps_alive() const { return impl_->parser().keep_alive(); }
std::size_t RequestParser::body_bytes() const { return impl_->parser().get().body().size(); }
Request RequestParser::finish() { return impl_->finish(); }

}  // namespace tally::gateway::http
