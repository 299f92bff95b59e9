#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "common/net/client.h"
#include "common/net/frames.h"
#include "common/net/keys.h"
#include "schemas/messages.h"

// A small broker to try clients against: a real ROUTER with CURVE and a real ZAP handler, which says what the test
// tells it to say.
namespace tally::net {

using Frames = std::vector<std::string>;

// A message as a client sent it.
struct Heard {
  Header header;
  Request request;
};

[[nodiscard]] Frames reply_frames(std::uint64_t request_id, const Reply& reply);

class CurveServer {
 public:
  // What to send back for a message: any number of messages of any frames. Called on the server's thread.
  using Script = std::function<std::vector<Frames>(const Heard&)>;

  explicit CurveServer(Script script);
  ~CurveServer();
  CurveServer(const CurveServer&) = delete;
  CurveServer& operator=(const CurveServer&) = delete;

  // Closes the sockets, and all connections with them; opens them again on the same port.
  void stop();
  void start();

  // Until the first admit() every key is let in; then only those.
  void admit(std::set<std::string> public_keys);

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& public_key() const { return keys_.public_key; }
  [[nodiscard]] std::vector<Heard> heard() const;          // Whatever came so far.
  [[nodiscard]] int refused() const;                       // Handshakes turned away so far.
  [[nodiscard]] ConversationConfig client_config() const;  // A key of its own, short times.

 private:
  void serve(zmq::context_t& context, zmq::socket_t& router, zmq::socket_t& gate);
  void answer_gate(zmq::socket_t& gate);
  void answer_client(zmq::socket_t& router);

  Script script_;
  KeyPair keys_ = make_key_pair();
  int port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;

  mutable std::mutex mutex_;  // Of what follows.
  std::vector<Heard> heard_;
  bool admits_all_ = true;
  std::set<std::string> admitted_;
  int refused_ = 0;
};

// Calls receive() until it gives something, for at most ten seconds.
[[nodiscard]] std::optional<Conversation::Arrived> receive_soon(Conversation& conversation);
// Lets the conversation work until the condition holds; false after ten seconds.
[[nodiscard]] bool comes_true(Conversation& conversation, const std::function<bool()>& condition);

}  // namespace tally::net
