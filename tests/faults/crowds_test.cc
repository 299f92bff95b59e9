// Faults 10 and 11: clients that never read, connections that say nothing, and storms of handshakes. Times are told,
// not asserted; that everybody honest is served, and what memory it takes, is.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/raw_client.h"
#include "tests/faults/load.h"
#include "tests/faults/scale.h"
#include "tests/support/comes_true.h"

namespace tally::faults {
namespace {

using e2e::RawClient;

std::string in_ms(stack::Latency latency) {
  const auto tenths = latency.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

stack::Latency p99_of(e2e::Market& market, ProjectId project, unsigned seed, std::set<AssignmentId>& acknowledged) {
  Load load(market.network, project, market.people, seed, {{{"broker", market.log_file()}}, {}});
  load.reach(scaled(300, 3'000));
  acknowledged.merge(load.stop());
  std::vector<stack::Latency> latencies = load.latencies();
  return stack::percentile(latencies, 0.99);
}

// Connections that the other side has accepted, and that never say a word.
class HalfOpen {
 public:
  HalfOpen(int port, std::size_t count) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ends_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      REQUIRE(end >= 0);
      ends_.push_back(end);
      REQUIRE(connect(end, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
  }
  ~HalfOpen() {
    for (const int end : ends_) close(end);
  }
  HalfOpen(const HalfOpen&) = delete;
  HalfOpen& operator=(const HalfOpen&) = delete;

 private:
  std::vector<int> ends_;
};

// One socket with so many connections, each with a handshake of its own. (A DEALER has one connection to one place, a
// ROUTER as many as it is told.)
class ManyConnections {
 public:
  ManyConnections(zmq::context_t& context, const net::ConversationConfig& config, std::size_t count)
      : socket_(context, zmq::socket_type::router), monitor_(context, zmq::socket_type::pair), count_(count) {
    const auto bytes = [](const std::string& key) { return zmq::const_buffer(key.data(), net::key_bytes); };
    socket_.set(zmq::sockopt::curve_serverkey, bytes(config.server_key));
    socket_.set(zmq::sockopt::curve_publickey, bytes(config.keys.public_key));
    socket_.set(zmq::sockopt::curve_secretkey, bytes(config.keys.secret_key));
    socket_.set(zmq::sockopt::linger, 0);
    static int number = 0;
    const std::string events = "inproc://many connections " + std::to_string(++number);
    REQUIRE(zmq_socket_monitor(socket_.handle(), events.c_str(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED) == 0);
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.connect(events);
    const std::string where = "tcp://" + config.host + ":" + std::to_string(config.port);
    for (std::size_t i = 0; i < count; ++i) socket_.connect(where);
  }
  ~ManyConnections() { zmq_socket_monitor(socket_.handle(), nullptr, 0); }
  ManyConnections(const ManyConnections&) = delete;
  ManyConnections& operator=(const ManyConnections&) = delete;

  // Waits until the broker has let each of them in, as long as they go on coming.
  bool have_come() {
    std::size_t came = 0;
    std::array<zmq::pollitem_t, 1> items{{{monitor_.handle(), 0, ZMQ_POLLIN, 0}}};
    while (came < count_ && zmq::poll(items.data(), 1, std::chrono::milliseconds{30'000}) == 1) {
      zmq::message_t event;
      zmq::message_t place;
      REQUIRE(monitor_.recv(event));
      REQUIRE(monitor_.recv(place));
      ++came;
    }
    return came == count_;
  }

 private:
  zmq::socket_t socket_;
  zmq::socket_t monitor_;
  std::size_t count_;
};

std::chrono::milliseconds time_of_one_pull(e2e::Market& market, const stack::Person& person, ProjectId project) {
  net::BrokerClient client(market.network, person.config, Duration{120'000});
  const auto begin = std::chrono::steady_clock::now();
  static_cast<void>(stack::must(client, Pull{project, 1, {}, 0}));
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("clients that ask and never read take bounded memory, and nobody else's reply", "[fault-10]") {
  e2e::Market market;
  ProjectSpec spec = loaded_spec();
  spec.instructions = std::string(10'000, 'i');
  const ProjectId project = staff(market, 6, spec);
  std::set<AssignmentId> acknowledged;
  const stack::Latency before = p99_of(market, project, 1, acknowledged);
  const std::int64_t memory_before = market.broker.resident_kib();

  const std::size_t count = scaled(60U, 1'000U);
  static constexpr int questions = 150;
  const auto silent = market.admin->enrol(Role::worker, std::vector<std::string>(count, "silent"));
  zmq::context_t context{1};
  context.set(zmq::ctxopt::max_sockets, static_cast<int>(count) + 16);
  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(count);
  for (const stack::Person& person : silent) {
    clients.push_back(
        std::make_unique<RawClient>(context, person.config, person.config.port, [](zmq::socket_t& socket) {
          socket.set(zmq::sockopt::rcvhwm, 1);
          socket.set(zmq::sockopt::rcvbuf, 4'096);
          socket.set(zmq::sockopt::sndhwm, questions);
        }));
    for (int i = 1; i <= questions; ++i) {
      clients.back()->ask(static_cast<std::uint64_t>(i), DescribeProject{project});
    }
  }
  const stack::Latency during = p99_of(market, project, 100, acknowledged);
  const std::int64_t memory_during = market.broker.resident_kib();
  // What libzmq holds for one of them: 64 replies, and what is on its way to the socket.
  constexpr std::int64_t kib_for_each = 64 * 11 + 512;
  constexpr std::int64_t kib_of_sanitizer = 300'000;
  CHECK(memory_during < memory_before + static_cast<std::int64_t>(count) * kib_for_each + kib_of_sanitizer);
  CHECK(market.broker.is_running());
  check_books({market, project, 10, "clients that never read", static_cast<std::int64_t>(count)}, acknowledged);
  tell(10, "others' p99 " + in_ms(before) + " before and " + in_ms(during) + " meanwhile, memory " +
               std::to_string(memory_before / 1024) + " and " + std::to_string(memory_during / 1024) + " MB");
}

TEST_CASE("idle and half-open connections, and a storm of handshakes, keep no honest worker from being served",
          "[fault-11]") {
  e2e::Market market;
  const ProjectId project = staff(market, 6);
  const auto others = market.admin->enrol(Role::worker, std::vector<std::string>(4, "other"));
  Load load(market, project);
  load.reach(50);
  const std::int64_t memory_before = market.broker.resident_kib();
  const HalfOpen half_open(market.broker.main_port(), scaled(200U, 3'000U));
  const HalfOpen strangers(market.broker.enrolment_port(), scaled(100U, 1'000U));
  const auto with_half_open = time_of_one_pull(market, others[0], project);

  zmq::context_t context{1};
  const std::size_t count = scaled(300U, 10'000U);
  ManyConnections idle(context, others[1].config, count);
  const auto in_storm = time_of_one_pull(market, others[2], project);
  CHECK(idle.have_come());
  const auto with_idle = time_of_one_pull(market, others[3], project);
  const std::int64_t memory = market.broker.resident_kib();
  // 35 KiB a connection without a sanitizer.
  CHECK(memory < memory_before + static_cast<std::int64_t>(count) * 150 + 200'000);
  load.reach(50);

  // Strangers' handshakes, which are refused.
  net::ConversationConfig unknown = others[0].config;
  unknown.keys = net::make_key_pair();
  const ManyConnections refused(context, unknown, scaled(200U, 2'000U));
  const auto with_refused = time_of_one_pull(market, others[0], project);
  load.reach(50);
  check_books({market, project, 11, "idle connections", static_cast<std::int64_t>(count)}, load.stop());
  const auto text = [](std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; };
  tell(11, "a new worker was served after " + text(with_half_open) + " (half-open), " + text(in_storm) +
               " (in the storm), " + text(with_idle) + " (idle), " + text(with_refused) + " (strangers), memory " +
               std::to_string(memory_before / 1024) + " and " + std::to_string(memory / 1024) + " MB");
}

}  // namespace tally::faults
