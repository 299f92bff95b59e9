#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "common/net/client.h"
#include "schemas/messages.h"
#include "schemas/time.h"

namespace tally::worker {

// The conversation with the broker, as the loops below see it: a seam, so that tests can play the broker.
class Wire {
 public:
  using Arrived = net::Conversation::Arrived;

  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  // As in net::Conversation.
  virtual std::uint64_t send(const Request& request) = 0;
  virtual void forget(std::uint64_t request_id) = 0;
  virtual std::optional<Arrived> receive(Duration timeout, std::span<const int> also) = 0;
  [[nodiscard]] virtual bool is_key_refused() const = 0;
  [[nodiscard]] virtual std::string trouble() const = 0;
};

class ConversationWire : public Wire {
 public:
  explicit ConversationWire(net::Conversation& conversation) : conversation_(conversation) {}

  std::uint64_t send(const Request& request) override { return conversation_.send(request); }
  void forget(std::uint64_t request_id) override { conversation_.forget(request_id); }
  std::optional<Arrived> receive(Duration timeout, std::span<const int> also) override {
    return conversation_.receive(timeout, also);
  }
  [[nodiscard]] bool is_key_refused() const override { return conversation_.is_key_refused(); }
  [[nodiscard]] std::string trouble() const override { return conversation_.trouble(); }

 private:
  net::Conversation& conversation_;
};

// Refusals after which no further message of this worker can succeed until somebody does something about it.
[[nodiscard]] bool ends_work(RefusalCode code);

// Monotonic; only differences mean something.
[[nodiscard]] Time steady_now();

}  // namespace tally::worker
