#include "gateway/http/server.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "tests/gateway/http/raw_client.h"
#include "tests/gateway/http/running_server.h"
#include "tests/support/comes_true.h"

using namespace tally;
using namespace tally::gateway::http;
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds soon{50};

std::string get(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}
std::string post(const std::string& path, const std::string& body, const std::string& headers = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// Answers when it is let go.
class Gate {
 public:
  [[nodiscard]] Server::Handler handler() {
    return [this](const Request& request) -> asio::awaitable<Response> {
      asio::steady_timer timer(co_await asio::this_coro::executor);
      ++waiting_;
      while (!is_open_) {
        timer.expires_after(std::chrono::milliseconds(1));
        co_await timer.async_wait(asio::use_awaitable);
      }
      Response response;
      response.body = request.path;
      co_return response;
    };
  }
  void open() { is_open_ = true; }
  [[nodiscard]] bool is_reached(int times = 1) const {
    return test::comes_true([&] { return waiting_ >= times; });
  }

 private:
  std::atomic<bool> is_open_{false};
  std::atomic<int> waiting_{0};
};

bool is_ready(const std::future<void>& future) {
  return future.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
}

// Sends, and gives the status of the answer, behind which the server must have closed the connection.
int refusal_of(const RunningServer& server, const std::string& bytes) {
  RawClient client(server.port());
  client.send(bytes);
  const Answer answer = client.read_answer();
  CHECK(answer.headers.at("connection") == "close");
  CHECK(client.is_closed());
  return answer.status;
}

}  // namespace

TEST_CASE("a request is answered, and the connection is kept for the next") {
  RunningServer server(echo());
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(post("/a%20b?c=d", "hello"));
    const Answer answer = client.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.body == "POST /a b hello");
    CHECK(answer.headers.at("content-type") == "text/plain");
    CHECK(answer.headers.at("content-length") == "15");
    CHECK(answer.headers.at("connection") == "keep-alive");
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("requests that come together are answered one after the other") {
  std::atomic<int> running{0};
  std::atomic<int> running_most{0};
  RunningServer server([&](const Request& request) -> asio::awaitable<Response> {
    running_most = std::max<int>(running_most, ++running);
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
    --running;
    Response response;
    response.body = request.path + request.body;
    co_return response;
  });
  RawClient client(server.port());
  client.send(get("/1") + post("/2", "x") + get("/3") + post("/4", std::string(100'000, 'y')) + get("/5"));
  CHECK(client.read_answer().body == "/1");
  CHECK(client.read_answer().body == "/2x");
  CHECK(client.read_answer().body == "/3");
  CHECK(client.read_answer().body.size() == 100'002);
  CHECK(client.read_answer().body == "/5");
  CHECK(running_most == 1);
}

TEST_CASE("a client that wants to close is obeyed, and one of HTTP/1.0 that does not say") {
  RunningServer server(echo());
  for (const std::string& bytes : {get("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
    RawClient client(server.port());
    client.send(bytes);
    CHECK(client.read_answer().headers.at("connection") == "close");
    CHECK(client.is_closed());
  }
  RawClient client(server.port());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.read_answer().headers.at("connection") == "keep-alive");
}

TEST_CASE("the answer to a HEAD has the length of the body and not the body") {
  RunningServer server(echo());
  RawClient client(server.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"));
  CHECK(client.read_answer(false).headers.at("content-length") == "7");
  CHECK(client.read_answer().body == "GET /b ");
}

TEST_CASE("an answer without content has no length") {
  RunningServer server(answers([](const Request& request) {
    return Response{.status = request.path == "/none" ? 204 : 304, .body = "never sent"};
  }));
  RawClient client(server.port());
  client.send(get("/none") + get("/same"));
  for (const int status : {204, 304}) {
    const Answer answer = client.read_answer();
    CHECK(answer.status == status);
    CHECK(answer.headers.count("content-length") == 0);
  }
}

TEST_CASE("a long answer comes whole") {
  const auto body = std::make_shared<const std::string>(std::size_t{3} << 20U, 'a');
  RunningServer server(answers([&](const Request&) { return Response{.shared_body = body}; }));
  RawClient client(server.port(), 4096);
  client.send(get("/") + get("/"));
  CHECK(client.read_answer().body == *body);
  CHECK(client.read_answer().body == *body);
}

TEST_CASE("who asks first whether a body is welcome is told so") {
  RunningServer server(echo());
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  CHECK(client.read_answer().body == "POST /a hello");
  client.send("POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("2\r\nhi\r\n0\r\n\r\n");
  CHECK(client.read_answer().body == "POST /b hi");
}

TEST_CASE("a client's mistake is answered, and the connection ends") {
  RunningServer server(echo(), {.header_bytes_max = 2000, .body_bytes_max = 1000});
  CHECK(refusal_of(server, "nonsense\r\n\r\n") == 400);
  CHECK(refusal_of(server, get("/../etc/passwd")) == 400);
  CHECK(refusal_of(server, get("/%00")) == 400);
  CHECK(refusal_of(server, post("/", std::string(1001, 'a'))) == 413);
  CHECK(refusal_of(server, post("/", std::string(1'000'000, 'a'))) == 413);
  CHECK(refusal_of(server, get("/" + std::string(3000, 'a'))) == 414);
  CHECK(refusal_of(server, get("/" + std::string(1500, 'a'))) == 414);
  CHECK(refusal_of(server, get("/", "A: " + std::string(3000, 'a') + "\r\n")) == 431);
  CHECK(refusal_of(server, post("/", "a", "Expect: coffee\r\n")) == 417);
  CHECK(refusal_of(server, "GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
  CHECK(refusal_of(server, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n") == 400);
  // A body that would not be taken is not asked for.
  CHECK(refusal_of(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n") ==
        413);
  // What came before the mistake has its answer.
  RawClient client(server.port());
  client.send(get("/a") + "nonsense\r\n\r\n" + get("/b"));
  CHECK(client.read_answer().body == "GET /a ");
  CHECK(client.read_answer().status == 400);
  CHECK(client.is_closed());
}

TEST_CASE("a refusal has the form that the owner wants") {
  Server::Config config;
  config.error_response = [](int status, std::string_view) {
    return Response{.status = status, .content_type = "application/json", .body = "{}"};
  };
  config.headers = {{"X-Frame-Options", "DENY"}};
  RunningServer server(echo(), config);
  RawClient client(server.port());
  client.send("nonsense\r\n\r\n");
  const Answer answer = client.read_answer();
  CHECK(answer.status == 400);
  CHECK(answer.body == "{}");
  CHECK(answer.headers.at("x-frame-options") == "DENY");
}

TEST_CASE("a header that comes too slowly is cut off") {
  RunningServer server(echo(), {.read_header_max = soon});
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHo");
  CHECK(client.read_answer().status == 408);
  CHECK(client.is_closed());
}

TEST_CASE("a header that comes byte by byte has no more time") {
  RunningServer server(echo(), {.read_header_max = std::chrono::milliseconds(200)});
  RawClient client(server.port());
  const auto begun = std::chrono::steady_clock::now();
  std::string sent = "GET / HTTP/1.1\r\nA: ";
  CHECK(test::comes_true([&] { return !client.send(std::exchange(sent, "a")); }));
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(8));
}

TEST_CASE("a body that comes too slowly is cut off") {
  RunningServer server(echo(), {.read_body_max = soon});
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhell");
  CHECK(client.read_answer().status == 408);
  CHECK(client.is_closed());
  RawClient chunks(server.port());
  chunks.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  CHECK(chunks.read_answer().status == 408);
}

TEST_CASE("a connection without a request is closed without a word") {
  RunningServer server(echo(), {.read_header_max = soon, .idle_max = soon});
  RawClient silent(server.port());
  CHECK(silent.is_closed());
  RawClient idle(server.port());
  idle.send(get("/"));
  CHECK(idle.read_answer().status == 200);
  CHECK(idle.is_closed());
  CHECK(test::comes_true([&] { return server.connections() == 0; }));
}

TEST_CASE("a client that does not read its answer is cut off") {
  const auto body = std::make_shared<const std::string>(std::size_t{32} << 20U, 'a');
  RunningServer server(answers([&](const Request&) { return Response{.shared_body = body}; }), {.write_max = soon});
  RawClient client(server.port(), 4096);
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  CHECK(test::comes_true([&] { return server.connections() == 0; }));
}

TEST_CASE("a client that goes in the middle of anything leaves nothing behind") {
  RunningServer server(echo());
  for (const char* bytes :
       {"", "GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"}) {
    RawClient client(server.port());
    client.send(bytes);
  }
  RawClient last(server.port());  // Taken in after the others.
  last.send(get("/"));
  CHECK(last.read_answer().status == 200);
  CHECK(test::comes_true([&] { return server.connections() == 1; }));
}

TEST_CASE("a client that has sent all may close its half and gets its answer") {
  RunningServer server(echo());
  RawClient client(server.port());
  client.send(get("/a"));
  client.close_sending();
  CHECK(client.read_answer().body == "GET /a ");
  CHECK(client.is_closed());
}

TEST_CASE("a full server says so") {
  RunningServer server(echo(), {.connections_max = 2});
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  REQUIRE(test::comes_true([&] { return server.connections() == 2; }));
  RawClient third(server.port());
  third.send(get("/"));
  CHECK(third.read_answer().status == 503);
  CHECK(third.is_closed());
  second.send(get("/"));
  CHECK(second.read_answer().status == 200);

  first.reset();
  REQUIRE(test::comes_true([&] { return server.connections() == 1; }));
  RawClient fourth(server.port());
  fourth.send(get("/"));
  CHECK(fourth.read_answer().status == 200);
}

TEST_CASE("one address does not take all connections") {
  RunningServer server(echo(), {.connections_per_address_max = 1});
  RawClient first(server.port());
  REQUIRE(test::comes_true([&] { return server.connections() == 1; }));
  RawClient second(server.port());
  CHECK(second.read_answer().status == 503);
}

TEST_CASE("bodies have a bound together") {
  RunningServer server(echo(), {.bodies_bytes_max = 100'000});
  RawClient first(server.port());
  first.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 90001\r\n\r\n" + std::string(90'000, 'a'));
  REQUIRE(test::comes_true([&] { return server.bodies_bytes() == 90'000; }));
  RawClient second(server.port());
  second.send("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 20001\r\n\r\n" + std::string(20'000, 'b'));
  CHECK(second.read_answer().status == 503);

  REQUIRE(test::comes_true([&] { return server.bodies_bytes() == 90'000; }));
  first.send("a");
  CHECK(first.read_answer().status == 200);
  REQUIRE(test::comes_true([&] { return server.bodies_bytes() == 0; }));
  RawClient third(server.port());
  third.send(post("/3", std::string(90'000, 'c')));
  CHECK(third.read_answer().status == 200);
}

TEST_CASE("what a handler throws is a 500 that tells nothing, and a line of the log") {
  RunningServer server([](const Request& request) -> asio::awaitable<Response> {
    if (request.path == "/now") throw std::runtime_error("secret \"1\"\n");
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
    if (request.path == "/later") throw std::runtime_error("secret 2");
    if (request.path == "/odd") throw 3;
    co_return Response{};
  });
  RawClient client(server.port());
  for (const char* path : {"/now", "/later", "/odd"}) {
    client.send(get(path));
    const Answer answer = client.read_answer();
    CHECK(answer.status == 500);
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(answer.headers.at("connection") == "keep-alive");
  }
  CHECK(server.log() ==
        "event=request_failed method=\"GET\" path=\"/now\" why=\"secret ?1??\"\n"
        "event=request_failed method=\"GET\" path=\"/later\" why=\"secret 2\"\n"
        "event=request_failed method=\"GET\" path=\"/odd\" why=\"something that is no exception\"\n");
}

TEST_CASE("a header cannot become two") {
  RunningServer server(answers([](const Request&) {
    return Response{.headers = {{"Location", "/a\r\nSet-Cookie: b=c"}}};
  }));
  RawClient client(server.port());
  client.send(get("/"));
  const Answer answer = client.read_answer();
  CHECK(answer.status == 500);
  CHECK(answer.headers.count("set-cookie") == 0);
  CHECK(server.log().find("a header that is none: Location") != std::string::npos);
}

TEST_CASE("headers for all answers give way to those of an answer") {
  Server::Config config;
  config.headers = {{"X-One", "all"}, {"X-Two", "all"}};
  RunningServer server(answers([](const Request&) { return Response{.headers = {{"x-one", "own"}}}; }), config);
  RawClient client(server.port());
  client.send(get("/"));
  const Answer answer = client.read_answer();
  CHECK(answer.headers.at("x-one") == "own");
  CHECK(answer.headers.at("x-two") == "all");
}

TEST_CASE("a handler knows who asks") {
  RunningServer server(answers([](const Request& request) { return Response{.body = request.peer}; }));
  RawClient client(server.port());
  client.send(get("/"));
  CHECK(client.read_answer().body == "127.0.0.1");
}

TEST_CASE("a server that stops closes what is idle and finishes what is running") {
  Gate gate;
  RunningServer server(gate.handler());
  RawClient idle(server.port());
  RawClient running(server.port());
  running.send(get("/a"));
  REQUIRE(gate.is_reached());
  const auto stopped = server.stop();
  CHECK(idle.is_closed());
  CHECK_THROWS(RawClient(server.port()));
  CHECK(stopped.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);

  gate.open();
  const Answer answer = running.read_answer();
  CHECK(answer.body == "/a");
  CHECK(answer.headers.at("connection") == "close");
  CHECK(running.is_closed());
  CHECK(is_ready(stopped));
  CHECK(server.connections() == 0);
}

TEST_CASE("a server that stops does not wait for ever") {
  Gate gate;
  RunningServer server(gate.handler(), {.stop_max = soon});
  RawClient running(server.port());
  running.send(get("/a"));
  RawClient reading(server.port());
  reading.send("GET / HT");
  REQUIRE(gate.is_reached());
  REQUIRE(test::comes_true([&] { return server.connections() == 2; }));
  const auto stopped = server.stop();
  CHECK(is_ready(stopped));
  CHECK(running.is_closed());
  CHECK(reading.is_closed());
  gate.open();
  CHECK(test::comes_true([&] { return server.connections() == 0; }));
}

TEST_CASE("a server without connections stops at once") {
  RunningServer server(echo(), {.stop_max = std::chrono::hours(1)});
  CHECK(is_ready(server.stop()));
}

TEST_CASE("a server can be destroyed in the middle of everything") {
  Gate gate;
  auto server = std::make_unique<RunningServer>(gate.handler());
  RawClient running(server->port());
  running.send(get("/a"));
  RawClient idle(server->port());
  REQUIRE(gate.is_reached());
  server.reset();
  CHECK(running.is_closed());
  CHECK(idle.is_closed());
}

TEST_CASE("a port that is taken is said at the start") {
  RunningServer first(echo());
  CHECK_THROWS_WITH(RunningServer(echo(), {.port = first.port()}), Catch::Contains("cannot listen on 127.0.0.1"));
}

TEST_CASE("many clients at a time are all served") {
  RunningServer server(echo());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
  for (int round = 0; round < 5; ++round) {
    for (const auto& client : clients) client->send(post("/", std::string(1000, 'a')));
    for (const auto& client : clients) CHECK(client->read_answer().body.size() == 1007);
  }
}
