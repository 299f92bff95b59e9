#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/digest.h"
#include "schemas/messages.h"

namespace tally::transport {

// A message, and who sent it: what CURVE proved, nothing else.
struct Incoming {
  std::uint64_t channel = 0;  // Where the reply goes: one connection, for as long as it lasts.
  std::uint64_t request_id = 0;
  std::string key;        // 32 bytes.
  std::string on_behalf;  // The token of a grant, as it was sent; empty: the key's owner speaks for themselves.
  bool is_enrolment = false;
  std::optional<Refusal> refusal;  // It is malformed, of another version or too large, and `request` says nothing.
  Request request;
  Digest body_digest{};
  std::size_t bytes = 0;  // Of the body.
};

// Where messages come in and replies go out. In a broker it is the Server; a simulator has a door of its own. One
// thread.
class Door {
 public:
  Door() = default;
  virtual ~Door() = default;
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  [[nodiscard]] virtual int port() const = 0;

  // The keys that may use the main socket from now on. A connection that is open stays open: the core checks the
  // account of every message.
  virtual void admit(const std::string& key) = 0;
  virtual void expel(const std::string& key) = 0;
  // All keys of before were admitted. Until this is called an unknown key is asked to try again.
  virtual void all_keys_admitted() = 0;

  // The next message; nothing: there is none just now. The caller refuses what is no request, so that whoever sends
  // rubbish is held to the same rate as others.
  virtual std::optional<Incoming> receive() = 0;

  // Sends, or drops the reply when the peer is gone or does not read: a client asks again.
  virtual void send(std::uint64_t channel, std::uint64_t request_id, const Reply& reply) = 0;
};

}  // namespace tally::transport
