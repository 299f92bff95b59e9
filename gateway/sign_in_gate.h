#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace tally::gateway {

// How often one address may try to sign in: a bucket that refills. Codes cannot be guessed; this keeps whoever tries
// from keeping the broker busy. One thread.
class SignInGate {
 public:
  using Clock = std::chrono::steady_clock;
  explicit SignInGate(double per_minute) : per_minute_(per_minute) {}

  // Nothing: go ahead. Otherwise how long to wait.
  std::optional<std::chrono::milliseconds> ask(const std::string& address, Clock::time_point now = Clock::now());

 private:
  struct Bucket {
    double left = 0;
    Clock::time_point as_of;
  };
  void refill(Bucket& bucket, Clock::time_point now) const;

  double per_minute_;
  std::map<std::string, Bucket> buckets_;  // Of those who tried lately.
};

}  // namespace tally::gateway
