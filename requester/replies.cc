#include "requester/replies.h"

#include "common/cli/progress_bar.h"

namespace tally::requester {
namespace {

constexpr Duration moment{500};
constexpr Duration give_up_after{60'000};

}  // namespace

Replies::Replies(net::Conversation& conversation) : conversation_(conversation), heard_(cli::steady_now()) {}

std::optional<net::Conversation::Arrived> Replies::next() {
  auto arrived = conversation_.receive(moment);
  if (arrived || conversation_.is_connected()) {
    heard_ = cli::steady_now();
  } else if (cli::steady_now() - heard_ > give_up_after) {
    throw net::Unreachable("the broker cannot be reached: " + conversation_.trouble());
  }
  return arrived;
}

}  // namespace tally::requester
