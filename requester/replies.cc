#include "requester/replies.h"

#include "common/cli/progress_bar.h"

namespace tally::requester {
namespace {

constexpr Duration moment{500};

}  // namespace

Replies::Replies(net::Conversation& conversation, Duration give_up)
    : conversation_(conversation), give_up_(give_up), heard_(cli::steady_now()) {}

std::optional<net::Conversation::Arrived> Replies::next() {
  auto arrived = conversation_.receive(moment);
  if (arrived || conversation_.is_connected()) {
    heard_ = cli::steady_now();
  } else if (cli::steady_now() - heard_ >= give_up_) {
    throw net::Unreachable("the broker at " + conversation_.address() +
                           " cannot be reached: " + conversation_.trouble());
  }
  return arrived;
}

}  // namespace tally::requester
