#include "worker-client/wire.h"

#include <chrono>

namespace tally::worker {

bool ends_work(RefusalCode code) {
  switch (code) {
    case RefusalCode::protocol_mismatch:
    case RefusalCode::not_enrolled:
    case RefusalCode::account_suspended:
    case RefusalCode::role_not_allowed:
    case RefusalCode::on_behalf_not_granted:
    case RefusalCode::unknown_message:
      return true;
    default:
      return false;
  }
}

Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

}  // namespace tally::worker
