#include <sys/resource.h>

#include "common/net/network_impl.h"

namespace tally::net {
namespace {

// A conversation takes four descriptors, and a usual soft limit is 1024: a process with a thousand conversations gets
// what the hard limit grants.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  constexpr rlim_t enough = 65'536;
  if (limit.rlim_cur >= enough) return;
  limit.rlim_cur = limit.rlim_max < enough ? limit.rlim_max : enough;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Network::Impl::Impl(int io_threads) : context_(io_threads) {
  // The library's default of 1023 is for a third as many conversations.
  context_.set(zmq::ctxopt::max_sockets, context_.get(zmq::ctxopt::socket_limit));
  raise_descriptor_limit();
}

std::string Network::Impl::new_endpoint() { return "inproc://monitor-" + std::to_string(endpoints_.fetch_add(1)); }

Network::Network(int io_threads) : impl_(std::make_unique<Impl>(io_threads)) {}
Network::~Network() = default;

}  // namespace tally::net
