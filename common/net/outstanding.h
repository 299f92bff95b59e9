#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schemas/refusals.h"
#include "schemas/time.h"

// Inside common/net only.
namespace tally::net {

// The requests without a reply, as bytes, and when each is sent (again). It knows no socket and no clock.
class Outstanding {
 public:
  explicit Outstanding(Duration resend_after) : resend_after_(resend_after) {}

  // To be sent at once. `wait`: how long the broker may take on purpose.
  void add(std::uint64_t request_id, std::string frame, Duration wait);
  void erase(std::uint64_t request_id);
  [[nodiscard]] bool contains(std::uint64_t request_id) const { return requests_.contains(request_id); }
  [[nodiscard]] std::size_t size() const { return requests_.size(); }
  [[nodiscard]] std::vector<std::uint64_t> ids() const;

  // The one to send next: the oldest.
  [[nodiscard]] std::optional<std::uint64_t> first_unsent() const;
  [[nodiscard]] const std::string& frame(std::uint64_t request_id) const { return requests_.at(request_id).frame; }
  void sent(std::uint64_t request_id, Time now);

  // The broker wants it later: not before `until`, whatever happens to the connection.
  void put_off(std::uint64_t request_id, Time until, Refusal refusal);
  // Why it was put off last, if ever.
  [[nodiscard]] std::optional<Refusal> put_off_for(std::uint64_t request_id) const;

  // On a new connection: whatever was sent on another one is to be sent again.
  void send_all_again();
  // What is due by now is to be sent again.
  void run(Time now);
  [[nodiscard]] Time next_due() const;

 private:
  struct Kept {
    std::string frame;
    Duration wait;
    Time due = never;  // While sent or put off.
    int times_sent = 0;
    bool is_put_off = false;
    std::optional<Refusal> refusal;
  };

  void set_due(std::uint64_t request_id, Kept& kept, Time due);
  void set_unsent(std::uint64_t request_id, Kept& kept);

  Duration resend_after_;
  std::map<std::uint64_t, Kept> requests_;
  std::set<std::uint64_t> unsent_;
  std::set<std::pair<Time, std::uint64_t>> due_;  // Each request is here or in unsent_.
};

}  // namespace tally::net
