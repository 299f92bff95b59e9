#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "broker/transport/door.h"
#include "common/codec/limits.h"
#include "common/net/keys.h"
#include "schemas/messages.h"
#include "schemas/time.h"

// The broker's two server sockets, and the only ones. One thread uses a Server.
namespace tally::transport {

struct ServerConfig {
  std::string host = "127.0.0.1";  // Address to bind; * for all.
  int port = 0;                    // 0: the system picks one.
  int enrolment_port = 0;
  net::KeyPair keys;
  codec::Limits limits;     // Of one message; its bytes are also the bound of a frame, before it is received.
  int queue_per_peer = 64;  // Messages that libzmq holds for one peer, each way; then it is not listened to, and
                            // what is sent to it is dropped.
  int connections_max = 20'000;
  Duration handshake_max{60'000};
  Duration keepalive_after{15'000};  // A connection that says nothing for so long is asked whether it is there.
};

class Server final : public Door {
 public:
  // Binds; throws std::runtime_error which says what to do when a port is in use or the host is not ours.
  explicit Server(const ServerConfig& config);
  ~Server() override;

  [[nodiscard]] int port() const override;
  [[nodiscard]] int enrolment_port() const;

  void admit(const std::string& key) override;
  void expel(const std::string& key) override;
  void all_keys_admitted() override;

  // Returns when a message may be here (never with `listen` false), one of `also` (file descriptors) can be read, or
  // the time has passed. True: one of `also` can be read. Without it receive() finds what came before alone.
  bool wait(Duration timeout, bool listen, std::span<const int> also);

  std::optional<Incoming> receive() override;
  void send(std::uint64_t channel, std::uint64_t request_id, const Reply& reply) override;

  struct Counts {
    std::int64_t received = 0, malformed = 0, sent = 0, undeliverable = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::transport
