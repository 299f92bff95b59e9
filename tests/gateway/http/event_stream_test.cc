#include "gateway/http/event_stream.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/gateway/http/raw_client.h"
#include "tests/gateway/http/running_server.h"
#include "tests/support/comes_true.h"

using namespace tally;
using namespace tally::gateway::http;

namespace {

constexpr std::chrono::milliseconds soon{50};

// Feeds everybody who listens. On the server's thread, but for `count`.
class Hub {
 public:
  [[nodiscard]] Server::Handler handler() {
    return answers([this](const Request&) {
      auto stream = std::make_shared<EventStream>();
      stream->push("first", "hello");
      streams_.insert(stream);
      count = streams_.size();
      stream->on_ended([this, raw = stream.get()] {
        std::erase_if(streams_, [raw](const auto& one) { return one.get() == raw; });
        count = streams_.size();
      });
      return Response{.headers = {{"X-Own", "1"}}, .events = stream};
    });
  }
  void push(const EventBytes& event) {
    const auto now = streams_;  // One that ends takes itself out.
    for (const auto& stream : now) stream->push(event);
  }
  void end() {
    const auto now = streams_;
    for (const auto& stream : now) stream->end();
  }

  std::atomic<std::size_t> count{0};

 private:
  std::set<std::shared_ptr<EventStream>> streams_;
};

const std::string request = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n";

// Listens, and has read the head and the first event.
std::unique_ptr<RawClient> listener(int port, int receive_bytes = 0) {
  auto client = std::make_unique<RawClient>(port, receive_bytes);
  client->send(request);
  client->read_until("\r\n\r\n");
  CHECK(client->read_until("\n\n") == "event: first\ndata: hello\n\n");
  return client;
}

}  // namespace

TEST_CASE("data of several lines is several lines of an event") {
  CHECK(*event_bytes("a", "b") == "event: a\ndata: b\n\n");
  CHECK(*event_bytes("a", "") == "event: a\ndata: \n\n");
  CHECK(*event_bytes("a", "b\nc\r\nd\re\n") == "event: a\ndata: b\ndata: c\ndata: d\ndata: e\ndata: \n\n");
}

TEST_CASE("a stream whose queue is full ends, says so once, and takes no more") {
  EventStream stream(100);
  int ended = 0;
  stream.on_ended([&] { ++ended; });
  CHECK(stream.push("a", std::string(200, 'a')));  // Larger than all, but nothing waited before it.
  CHECK(stream.is_open());
  CHECK(!stream.push("b", ""));
  CHECK(!stream.is_open());
  CHECK(stream.is_abandoned());
  CHECK(!stream.push("c", ""));
  CHECK(stream.take().empty());
  stream.end();
  CHECK(ended == 1);
}

TEST_CASE("a stream that ended still gives what was queued") {
  EventStream stream;
  stream.push("a", "b");
  stream.end();
  CHECK(stream.take().size() == 1);
  CHECK(stream.queued_bytes() == 0);
}

TEST_CASE("a stream has the head of one, and no length") {
  Hub hub;
  RunningServer server(hub.handler(), {.headers = {{"X-All", "1"}}});
  RawClient client(server.port());
  client.send(request);
  const Answer head = client.read_answer();
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-type") == "text/event-stream");
  CHECK(head.headers.at("cache-control") == "no-store");
  CHECK(head.headers.at("connection") == "close");
  CHECK(head.headers.at("x-own") == "1");
  CHECK(head.headers.at("x-all") == "1");
  CHECK(head.headers.count("content-length") == 0);
}

TEST_CASE("all who listen hear an event") {
  Hub hub;
  RunningServer server(hub.handler());
  const auto one = listener(server.port());
  const auto other = listener(server.port());
  for (int i = 0; i < 3; ++i) {
    const auto event = event_bytes("balance", std::to_string(i));
    server.run([&] { hub.push(event); });
    CHECK(one->read_until("\n\n") == *event);
    CHECK(other->read_until("\n\n") == *event);
  }
}

TEST_CASE("a listener that does not read is dropped, and the others do not notice") {
  Hub hub;
  RunningServer server(hub.handler(), {.stream_send_buffer_bytes = 4096});
  const auto reader = listener(server.port());
  const auto sleeper = listener(server.port(), 4096);
  REQUIRE(hub.count == 2);
  const auto event = event_bytes("big", std::string(16'000, 'a'));
  for (int i = 0; i < 1000 && hub.count == 2; ++i) {
    server.run([&] { hub.push(event); });
    CHECK(reader->read_until("\n\n") == *event);
  }
  CHECK(hub.count == 1);
  CHECK(test::comes_true([&] { return server.connections() == 1; }));
}

TEST_CASE("a listener that goes ends its stream") {
  Hub hub;
  RunningServer server(hub.handler());
  auto client = listener(server.port());
  CHECK(hub.count == 1);
  client.reset();
  CHECK(test::comes_true([&] { return hub.count == 0; }));
  CHECK(test::comes_true([&] { return server.connections() == 0; }));
}

TEST_CASE("a listener that goes on talking ends its stream") {
  Hub hub;
  RunningServer server(hub.handler());
  const auto client = listener(server.port());
  client->send("more");
  CHECK(client->is_closed());
  CHECK(test::comes_true([&] { return hub.count == 0; }));
}

TEST_CASE("a stream without events has comments, so that it stays") {
  Hub hub;
  RunningServer server(hub.handler(), {.comment_every = soon});
  const auto client = listener(server.port());
  CHECK(client->read_until("\n\n") == ": \n\n");
  CHECK(client->read_until("\n\n") == ": \n\n");
  server.run([&] { hub.push(event_bytes("a", "b")); });
  CHECK(test::comes_true([&] { return client->read_until("\n\n") == "event: a\ndata: b\n\n"; }));
}

TEST_CASE("a stream that its owner ends is written to its last event") {
  Hub hub;
  RunningServer server(hub.handler());
  const auto client = listener(server.port());
  server.run([&] {
    hub.push(event_bytes("last", "1"));
    hub.end();
  });
  CHECK(client->read_to_end() == "event: last\ndata: 1\n\n");
}

TEST_CASE("a server that stops ends its streams") {
  Hub hub;
  RunningServer server(hub.handler());
  const auto one = listener(server.port());
  const auto other = listener(server.port());
  const auto stopped = server.stop();
  CHECK(one->is_closed());
  CHECK(other->is_closed());
  CHECK(stopped.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  CHECK(hub.count == 0);
}

TEST_CASE("a server that is destroyed leaves streams that can be pushed to") {
  const auto stream = std::make_shared<EventStream>();
  std::optional<RawClient> client;  // Outlives the server.
  {
    RunningServer server(answers([&](const Request&) { return Response{.events = stream}; }));
    client.emplace(server.port());
    client->send(request);
    client->read_until("\r\n\r\n");
  }
  stream->push("a", "b");
  CHECK(stream->queued_bytes() > 0);
}

TEST_CASE("the answer to a HEAD is the head of the stream, and the stream ends") {
  Hub hub;
  RunningServer server(hub.handler());
  RawClient client(server.port());
  client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read_answer().headers.at("content-type") == "text/event-stream");
  CHECK(client.is_closed());
  CHECK(hub.count == 0);
}

TEST_CASE("one event reaches hundreds of listeners") {
  Hub hub;
  // No comments in between, however slow the machine is.
  RunningServer server(hub.handler(), {.connections_per_address_max = 2000, .comment_every = std::chrono::hours(1)});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 400; ++i) clients.push_back(listener(server.port()));
  const auto event = event_bytes("status:1", std::string(2000, 'a'));
  server.run([&] { hub.push(event); });
  for (const auto& client : clients) CHECK(client->read_until("\n\n") == *event);
}
