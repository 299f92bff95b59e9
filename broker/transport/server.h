#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/digest.h"
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

// A message, and who sent it: what CURVE proved, nothing else.
struct Incoming {
  std::uint64_t channel = 0;  // Where the reply goes: one connection, for as long as it lasts.
  std::uint64_t request_id = 0;
  std::string key;  // 32 bytes.
  bool is_enrolment = false;
  std::optional<Refusal> refusal;  // It is malformed, of another version or too large, and `request` says nothing.
  Request request;
  Digest body_digest{};
  std::size_t bytes = 0;  // Of the body.
};

class Server {
 public:
  // Binds; throws std::runtime_error which says what to do when a port is in use or the host is not ours.
  explicit Server(const ServerConfig& config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int port() const;
  [[nodiscard]] int enrolment_port() const;

  // The keys that may use the main socket from now on. A connection that is open stays open: the core checks the
  // account of every message.
  void admit(const std::string& key);
  void expel(const std::string& key);
  // All keys of before were admitted. Until this is called an unknown key is asked to try again.
  void all_keys_admitted();

  // Returns when a message may be here (never with `listen` false), one of `also` (file descriptors) can be read, or
  // the time has passed.
  void wait(Duration timeout, bool listen, std::span<const int> also);

  // The next message; nothing: there is none just now. The caller refuses what is no request, so that whoever sends
  // rubbish is held to the same rate as others.
  std::optional<Incoming> receive();

  // Sends, or drops the reply when the peer is gone or does not read: a client asks again.
  void send(std::uint64_t channel, std::uint64_t request_id, const Reply& reply);

  struct Counts {
    std::int64_t received = 0, malformed = 0, sent = 0, undeliverable = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::transport
