#include "tests/faults/flaky_link.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace tally::faults {
namespace {

using Clock = std::chrono::steady_clock;

sockaddr_in local(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

struct FlakyLink::Pair {
  Pair(int its_client, int its_broker) : ends{its_client, its_broker} {}
  ~Pair() {
    for (const int end : ends) close(end);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::array<int, 2> ends;
  std::array<Clock::time_point, 2> held_until{};  // What comes from this end waits until then.
};

FlakyLink::FlakyLink(int to_port, unsigned seed)
    : to_port_(to_port), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), dice_(seed) {
  sockaddr_in address = local(0);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, any, size) != 0 || listen(listener_, 64) != 0 || getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("no port to listen at");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread(&FlakyLink::run, this);
}

FlakyLink::~FlakyLink() {
  is_over_ = true;
  thread_.join();
  close(listener_);
}

void FlakyLink::run() {
  std::vector<std::unique_ptr<Pair>> pairs;
  while (!is_over_) {
    std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
    for (const auto& pair : pairs) {
      for (const int end : pair->ends) waiting.push_back({end, POLLIN, 0});
    }
    poll(waiting.data(), waiting.size(), 5);
    if ((waiting[0].revents & POLLIN) != 0) accept_one(pairs);
    std::erase_if(pairs, [this](const auto& pair) { return !forward(*pair); });
  }
}

void FlakyLink::accept_one(std::vector<std::unique_ptr<Pair>>& pairs) {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = local(to_port_);
  auto pair = std::make_unique<Pair>(client, broker);
  if (connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    pairs.push_back(std::move(pair));
  }
}

// False: this connection is over.
bool FlakyLink::forward(Pair& pair) {
  std::array<char, 2'000> chunk{};
  for (std::size_t from = 0; from < 2; ++from) {
    if (Clock::now() < pair.held_until[from]) continue;
    const ssize_t got = recv(pair.ends[from], chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0 && errno != EAGAIN) return false;
    if (got < 0) continue;
    const int fate = std::uniform_int_distribution<int>(0, 199)(dice_);
    // Half of the chunk gets through before a cut.
    const bool is_cut = fate == 0;
    const ssize_t size = is_cut ? got / 2 : got;
    if (send(pair.ends[1 - from], chunk.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size) return false;
    if (is_cut) {
      ++cuts_;
      return false;
    }
    if (fate < 40) pair.held_until[from] = Clock::now() + std::chrono::milliseconds(fate);
  }
  return true;
}

}  // namespace tally::faults
