#include "gateway/http/message.h"

#include <catch2/catch.hpp>

#include "gateway/http/cookie.h"
#include "gateway/http/security_headers.h"

using namespace tally::gateway::http;

namespace {

int refusal_of(std::string_view target) {
  const auto read = read_target(target);
  return read ? 0 : read.error().status;
}

}  // namespace

TEST_CASE("a path and its query are decoded") {
  const auto read = read_target("/a%20b/%C3%BC?x=1&y=a+b%26c&empty=&alone&x=2&&");
  REQUIRE(read);
  CHECK(read->path == "/a b/ü");
  CHECK(read->query == std::map<std::string, std::string>{{"x", "1"}, {"y", "a b&c"}, {"empty", ""}, {"alone", ""}});
  CHECK(read_target("/a+b")->path == "/a+b");
  CHECK(read_target("/")->query.empty());
}

TEST_CASE("a path that could be read in two ways is refused") {
  for (const char* target :
       {"",      "a",       "*",   "http://a/b", "?a=1",   "/../a", "/a/..",     "/%2e%2e/a", "/a/%2E./b",
        "/a//b", "/a/%2fb", "//a", "/a\\b",      "/a%5cb", "/%00",  "/a%0d%0ab", "/a%7f",     "/./a",
        "/a/.",  "/%",      "/%1", "/%zz",       "/%1g",   "/% 1",  "/a#b"}) {
    INFO(target);
    CHECK(refusal_of(target) == 400);
  }
  CHECK(refusal_of("/a.b/.c/d.e") == 0);
  CHECK(read_target("/%252e%252e")->path == "/%2e%2e");  // Decoded once.
}

TEST_CASE("a query with a bad percent sign or a NUL is refused") {
  for (const char* target : {"/?a=%", "/?a=%1", "/?%zz=1", "/?a=%00", "/?%00"}) {
    INFO(target);
    CHECK(refusal_of(target) == 400);
  }
}

TEST_CASE("target, path and query have bounds") {
  CHECK(refusal_of("/" + std::string(path_bytes_max - 1, 'a')) == 0);
  CHECK(refusal_of("/" + std::string(path_bytes_max, 'a')) == 414);
  CHECK(refusal_of("/?a=" + std::string(target_bytes_max, 'a')) == 414);
  std::string query = "/?a0";
  for (std::size_t i = 1; i < query_fields_max; ++i) query += "&a" + std::to_string(i);
  CHECK(refusal_of(query) == 0);
  CHECK(refusal_of(query + "&b") == 400);
}

TEST_CASE("cookies are read, and what is none is passed over") {
  std::map<std::string, std::string> cookies;
  read_cookies("a=1; b=\"2\";c=x=y ; nonsense; =5;; a=3;d=", cookies);
  CHECK(cookies == std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}, {"c", "x=y"}, {"d", ""}});

  std::string many;
  for (std::size_t i = 0; i < cookies_max + 10; ++i) many += "n" + std::to_string(i) + "=1;";
  cookies.clear();
  read_cookies(many, cookies);
  CHECK(cookies.size() == cookies_max);
}

TEST_CASE("a header is found in any case, the first of its name") {
  Request request;
  request.headers = {{"X-One", "1"}, {"x-one", "2"}};
  CHECK(request.header("x-ONE") == "1");
  CHECK(!request.header("x-on"));
}

TEST_CASE("a cookie is not for scripts nor for other sites") {
  CHECK(set_cookie({.name = "tally", .value = "ab_c", .max_age = std::chrono::seconds(60), .is_secure = true}) ==
        "tally=ab_c; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
  CHECK(set_cookie({.name = "a", .value = "", .path = "/api"}) == "a=; Path=/api; HttpOnly; SameSite=Strict");
}

TEST_CASE("only where there is https browsers are told to stay there") {
  const auto has = [](const Headers& headers, const std::string& name) {
    Request found;
    found.headers = headers;
    return found.header(name).has_value();
  };
  CHECK(has(security_headers(true), "strict-transport-security"));
  CHECK(!has(security_headers(false), "strict-transport-security"));
  for (const char* name : {"content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy",
                           "cross-origin-opener-policy", "cross-origin-resource-policy"}) {
    INFO(name);
    CHECK(has(security_headers(false), name));
  }
}
