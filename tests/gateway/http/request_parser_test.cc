#include "gateway/http/request_parser.h"

#include <optional>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace tally::gateway::http;

namespace {

constexpr RequestParser::Limits limits = {.header_bytes = 1024, .body_bytes = 100, .headers = 10};

struct Parsed {
  int status = 0;  // Of the refusal; 0 when there is none.
  std::optional<Request> request;
  std::string rest;
  bool expects_continue = false;
};

// Hands in so many bytes at a time.
Parsed parse(std::string_view bytes, std::size_t at_a_time) {
  RequestParser parser(limits);
  Parsed parsed;
  while (!parser.is_done() && !(bytes.empty() && parsed.rest.empty())) {
    const std::size_t before = parsed.rest.size();
    parsed.rest += bytes.substr(0, at_a_time);
    bytes.remove_prefix(parsed.rest.size() - before);
    const bool had_header = parser.has_header();
    const auto taken = parser.take(parsed.rest);
    if (!taken) return {taken.error().status, {}, {}};
    parsed.rest.erase(0, *taken);
    if (*taken == 0 && bytes.empty() && had_header == parser.has_header()) return parsed;  // It wants more.
  }
  if (!parser.is_done()) return parsed;
  parsed.expects_continue = parser.expects_continue();
  parsed.request = parser.finish();
  parsed.rest += bytes;
  return parsed;
}

int refusal_of(std::string_view bytes) {
  const int whole = parse(bytes, bytes.size()).status;
  const int in_pieces = parse(bytes, 1).status;
  CHECK((in_pieces == whole || in_pieces == 0));  // 0: it waits for more, which will be a time-out.
  return whole;
}

std::string get(std::string_view headers) { return "GET / HTTP/1.1\r\n" + std::string(headers) + "\r\n"; }
std::string post(std::string_view headers, std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("a request is the same however its bytes are cut") {
  const std::string bytes =
      "POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nCookie: e=f\r\nX-One:  two \r\nCookie: g=h\r\nContent-Length: "
      "5\r\n\r\nhello"
      "GET /next";
  for (const std::size_t at_a_time : {bytes.size(), std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{50}}) {
    INFO(at_a_time);
    const Parsed parsed = parse(bytes, at_a_time);
    REQUIRE(parsed.request);
    CHECK(parsed.request->method == "POST");
    CHECK(parsed.request->path == "/a b");
    CHECK(parsed.request->query.at("c") == "d");
    CHECK(parsed.request->header("x-one") == "two");
    CHECK(parsed.request->cookies == std::map<std::string, std::string>{{"e", "f"}, {"g", "h"}});
    CHECK(parsed.request->body == "hello");
    CHECK(parsed.rest == "GET /next");
  }
}

TEST_CASE("a body comes in chunks, and what follows them is no header") {
  const std::string bytes = post("Transfer-Encoding: chunked\r\n",
                                 "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-CSRF-Token: a\r\nCookie: a=b\r\n\r\nrest");
  for (const std::size_t at_a_time : {bytes.size(), std::size_t{1}, std::size_t{3}}) {
    const Parsed parsed = parse(bytes, at_a_time);
    REQUIRE(parsed.request);
    CHECK(parsed.request->body == "abcde");
    CHECK(!parsed.request->header("x-csrf-token"));
    CHECK(parsed.request->cookies.empty());
    CHECK(parsed.rest == "rest");
  }
}

TEST_CASE("a HEAD is a GET whose answer has no body") {
  const Parsed parsed = parse("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", 100);
  REQUIRE(parsed.request);
  CHECK(parsed.request->method == "GET");
  CHECK(parsed.request->is_head);
}

TEST_CASE("what is no HTTP is refused") {
  for (const char* bytes :
       {"\r\n\r\n", "GET\r\n\r\n", "GET / \r\n\r\n", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / FTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x02"}) {
    INFO(bytes);
    CHECK(refusal_of(bytes) == 400);
  }
}

TEST_CASE("a header that is none is refused") {
  for (const char* headers : {"Host: a\r\nno colon\r\n", "Host: a\r\nA B: c\r\n", "Host: a\r\nA : b\r\n",
                              "Host: a\r\n: b\r\n", "Host: a\r\nA: b\nC: d\r\n", "Host: a\r\nA: \x01\r\n",
                              "Host: a\r\nA: b\r\n c\r\n", "Host: a\r\nA:\r\n\tb\r\nC: d\r\n"}) {
    INFO(headers);
    CHECK(refusal_of(get(headers)) == 400);
  }
}

TEST_CASE("a request has one host, unless it is of HTTP/1.0") {
  CHECK(refusal_of(get("")) == 400);
  CHECK(refusal_of(get("Host: a\r\nHost: b\r\n")) == 400);
  CHECK(refusal_of("GET / HTTP/1.0\r\n\r\n") == 0);
}

TEST_CASE("other versions are told which one is spoken") {
  for (const char* version : {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9"}) {
    INFO(version);
    CHECK(refusal_of("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n") == 505);
  }
  CHECK(parse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 100).status == 505);
}

TEST_CASE("a body whose end could be disputed is refused") {
  for (const char* headers :
       {"Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 2\r\n", "Content-Length: -1\r\n", "Content-Length: +1\r\n", "Content-Length: 0x1\r\n",
        "Content-Length: \r\n", "Content-Length: 99999999999999999999999\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: \r\n"}) {
    INFO(headers);
    CHECK(refusal_of(post(headers, "")) == 400);
  }
  CHECK(refusal_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

TEST_CASE("a chunk that is none is refused") {
  for (const char* body : {"x\r\n", "-1\r\na\r\n", "1\r\nab\r\n0\r\n\r\n", "1\na\n0\n\n", " 1\r\na\r\n",
                           "1\r\na\r\n0\r\nno colon\r\n\r\n", "1 \r\na\r\n", "1;\x01\r\na\r\n", "\r\n"}) {
    INFO(body);
    const std::string bytes = post("Transfer-Encoding: chunked\r\n", body);
    CHECK(parse(bytes, bytes.size()).status == 400);
    CHECK(parse(bytes, 1).status == 400);
  }
}

TEST_CASE("a body has a bound") {
  CHECK(refusal_of(post("Content-Length: 100\r\n", std::string(100, 'a'))) == 0);
  CHECK(refusal_of(post("Content-Length: 101\r\n", "")) == 413);
  CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n", "65\r\n")) == 413);
  CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n")) == 413);
  CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n", "60\r\n" + std::string(0x60, 'a') + "\r\n5\r\n")) == 413);
}

TEST_CASE("request line, headers and what is around chunks have bounds") {
  CHECK(refusal_of("GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") == 414);
  CHECK(refusal_of(get("Host: a\r\nA: " + std::string(2000, 'a') + "\r\n")) == 431);
  std::string many = "Host: a\r\n";
  for (int i = 0; i < 10; ++i) many += "A: b\r\n";
  CHECK(refusal_of(get(many)) == 431);
  const std::string extension = "1;" + std::string(2000, 'a');
  CHECK(parse(post("Transfer-Encoding: chunked\r\n", extension), 1).status == 431);
  const std::string trailer = "0\r\nA: " + std::string(2000, 'a');
  CHECK(parse(post("Transfer-Encoding: chunked\r\n", trailer), 1).status == 431);
}

TEST_CASE("only a 100-continue can be expected, and only when there is a body") {
  CHECK(parse(post("Content-Length: 1\r\nExpect: 100-Continue\r\n", "a"), 1000).expects_continue);
  CHECK(!parse(post("Content-Length: 0\r\nExpect: 100-continue\r\n", ""), 1000).expects_continue);
  CHECK(refusal_of(post("Content-Length: 1\r\nExpect: coffee\r\n", "a")) == 417);
}

TEST_CASE("a last chunk may come byte by byte") {
  const std::string bytes = post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n");
  for (const std::size_t at_a_time : {std::size_t{1}, std::size_t{3}, bytes.size() - 2, bytes.size()}) {
    INFO(at_a_time);
    CHECK(parse(bytes, at_a_time).request);
  }
}

TEST_CASE("whatever bytes come, in whatever pieces, a request is read or refused or waited for") {
  std::mt19937 random(7);
  const std::vector<std::string> seeds = {
      post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nA: b\r\n\r\n"), post("Content-Length: 5\r\n", "hello"),
      get("Host: a\r\nCookie: a=b; c\r\nExpect: 100-continue\r\n"), "GET /a%20?b=%41 HTTP/1.0\r\n\r\n"};
  const std::string spice = "\r\n:; %\t\x01/0aZ,=\xff";
  int read = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes = seeds[random() % seeds.size()];
    for (auto changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      const char c = spice[random() % spice.size()];
      if (random() % 2 == 0) {
        bytes[at] = c;
      } else {
        bytes.insert(at, 1, c);
      }
    }
    const Parsed whole = parse(bytes, bytes.size());
    const Parsed pieces = parse(bytes, 1 + random() % 9);
    INFO(bytes);
    if (pieces.status == 0 && !pieces.request) continue;
    REQUIRE(whole.request.has_value() == pieces.request.has_value());
    if (!whole.request) continue;
    ++read;
    REQUIRE(whole.request->body == pieces.request->body);
    REQUIRE(whole.request->path == pieces.request->path);
    REQUIRE(whole.request->headers == pieces.request->headers);
    REQUIRE(whole.rest == pieces.rest);
  }
  CHECK(read > 1000);
}
