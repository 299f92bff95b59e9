#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "broker/config.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"
#include "schemas/time.h"

// What is asked of a request before anything is decided: bounds on counts and texts, and on how often somebody asks.
namespace tally::broker {

// The first bound that the request breaks. Whatever the database could refuse is refused here or by the codec, so that
// a stranger cannot make a transaction fail. Amounts, owners, states and times are the core's: what depends on them may
// change before the same command is sent again.
[[nodiscard]] std::optional<Refusal> objection_to(const Request& request, const Config& config);

// How often each key may send: a bucket of `burst` messages that fills again at `per_second`. One thread.
class RateGate {
 public:
  RateGate(std::int64_t per_second, std::int64_t burst) : per_second_(per_second), burst_(burst) {}

  // Nothing: it may. Otherwise how long to wait.
  [[nodiscard]] std::optional<Duration> ask(const std::string& key, Time now);
  // Forgets those whose bucket is full again: memory is bounded by those who sent lately.
  void forget_idle(Time now);
  [[nodiscard]] std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::int64_t millis = 0;  // Messages left, in thousandths.
    Time at;
  };
  void fill(Bucket& bucket, Time now) const;

  std::int64_t per_second_;
  std::int64_t burst_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace tally::broker
