#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <zmq.hpp>

#include "common/net/client.h"

// Inside common/net only.
namespace tally::net {

class Network::Impl {
 public:
  explicit Impl(int io_threads);

  [[nodiscard]] zmq::context_t& context() { return context_; }
  // An inproc endpoint that nobody had before. Any thread.
  [[nodiscard]] std::string new_endpoint();

 private:
  zmq::context_t context_;
  std::atomic<std::uint64_t> endpoints_{0};
};

}  // namespace tally::net
