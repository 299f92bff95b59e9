#include <algorithm>

#include "common/net/chance.h"
#include "common/net/client.h"

namespace tally::net {
namespace {

constexpr Duration slow_broker_max{600'000};  // A person waits: a broker that is there is given this long.
constexpr Duration refused_key_max{3'000};    // A key that was enrolled just now may not be known everywhere yet.
constexpr Duration look_every{200};

Refusal unknown_key(const std::string& address) {
  return {RefusalCode::not_enrolled, "the broker at " + address + " does not know this key", 0};
}

}  // namespace

Result<Reply, Refusal> BrokerClient::ask_any(const Request& request) {
  const Time start = steady_now();
  Time connected = start;  // Last seen so.
  const std::uint64_t request_id = conversation_.send(request);
  while (true) {
    auto arrived = conversation_.receive(std::min(look_every, give_up_));
    if (arrived && arrived->request_id == request_id) return std::move(arrived->reply);
    const Time now = steady_now();
    if (conversation_.is_connected()) {
      connected = now;
      if (now - start < slow_broker_max) continue;
      const auto refusal = conversation_.put_off_for(request_id);
      conversation_.forget(request_id);
      throw Unreachable("the broker at " + conversation_.address() + " has not answered for " +
                        to_text(slow_broker_max) + (refusal ? ": " + refusal->detail : ""));
    }
    if (conversation_.is_key_refused() && now - connected >= std::min(refused_key_max, give_up_)) {
      conversation_.forget(request_id);
      return Unexpected{unknown_key(conversation_.address())};
    }
    if (now - connected >= give_up_) {
      conversation_.forget(request_id);
      throw Unreachable("the broker at " + conversation_.address() + " cannot be reached: " + conversation_.trouble());
    }
  }
}

}  // namespace tally::net
