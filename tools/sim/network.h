#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/sim/environment.h"

// A hostile network: it delays, loses, repeats, reorders, and is cut for a while. What it carries is the bytes of the
// wire.
namespace tally::sim {

using Frame = std::string;

// A message on its way to a broker; `key` is what CURVE would have proved.
struct Envelope {
  std::uint64_t channel = 0;
  std::string key;
  bool is_enrolment = false;
  Frame frame;
};

class Network {
 public:
  using Receive = std::function<void(std::uint64_t channel, const Frame&)>;

  explicit Network(Environment& environment) : environment_(environment) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Told of each request when a client sends it and of each reply when a broker does, before anything happens to it.
  struct Tap {
    std::function<void(const std::string&key, const Frame&)> request, reply;
  };
  void tap(Tap tap) { tap_ = std::move(tap); }

  // Brokers are numbered from 0 in this order. `deliver` is called for each message that arrives.
  void add_broker(std::function<void(const Envelope&)> deliver) { brokers_.push_back(std::move(deliver)); }
  [[nodiscard]] std::size_t brokers() const { return brokers_.size(); }

  // A new connection, by its channel; ends with close(). A channel is never used again.
  std::uint64_t connect(std::size_t broker, std::string key, Receive receive);
  void close(std::uint64_t channel) { connections_.erase(channel); }

  void to_broker(std::uint64_t channel, bool is_enrolment, Frame frame);
  void to_client(std::uint64_t channel, Frame frame);

  // Nothing passes on some of the connections for so long.
  void cut_some(Duration length);
  void mend();

 private:
  struct Connection {
    std::size_t broker = 0;
    std::string key;
    Receive receive;
    Time cut_until;
  };

  void carry(std::uint64_t channel, const std::function<void()>& arrive);

  Environment& environment_;
  Tap tap_;
  std::vector<std::function<void(const Envelope&)>> brokers_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t next_channel_ = 1;
};

}  // namespace tally::sim
