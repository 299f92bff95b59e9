#include "gateway/sign_in_gate.h"

#include <algorithm>

namespace tally::gateway {
namespace {

constexpr std::size_t addresses_max = 10'000;  // More are a flood: full buckets are forgotten, then all.
using Minutes = std::chrono::duration<double, std::ratio<60>>;

}  // namespace

void SignInGate::refill(Bucket& bucket, Clock::time_point now) const {
  const double passed = std::chrono::duration_cast<Minutes>(now - bucket.as_of).count();
  bucket.left = std::min(per_minute_, bucket.left + std::max(0.0, passed) * per_minute_);
  bucket.as_of = now;
}

std::optional<std::chrono::milliseconds> SignInGate::ask(const std::string& address, Clock::time_point now) {
  if (buckets_.size() >= addresses_max) {
    for (auto& [known, bucket] : buckets_) refill(bucket, now);
    std::erase_if(buckets_, [&](const auto& one) { return one.second.left >= per_minute_; });
    if (buckets_.size() >= addresses_max) buckets_.clear();
  }
  Bucket& bucket = buckets_.try_emplace(address, Bucket{per_minute_, now}).first->second;
  refill(bucket, now);
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::milliseconds>(Minutes((1 - bucket.left) / per_minute_));
}

}  // namespace tally::gateway
