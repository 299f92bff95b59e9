#include "tools/stack/crowd.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/net/conversation_set.h"

namespace tally::stack {
namespace {

constexpr std::chrono::milliseconds look_up_every{100};  // Whether to stop.

struct Seat {
  Seat(const net::Network& network, const Crowd::Place& place)
      : member(place.member), conversation(network, place.config) {}
  Member* member;
  net::Conversation conversation;
  Moment wakes_at = Moment::max();
};

// The members that one thread serves.
class Row {
 public:
  void seat(const net::Network& network, const Crowd::Place& place) {
    const std::size_t number = seats_.size();
    seats_.push_back(std::make_unique<Seat>(network, place));
    set_.add(number, seats_.back()->conversation);
    seats_.back()->member->begin(seats_.back()->conversation);
    look_at(number);
  }
  [[nodiscard]] bool is_empty() const { return set_.size() == 0; }

  // Waits for something to do, and does it.
  void serve() {
    for (const std::size_t number : set_.wait(time_to_wait())) {
      Seat& seat = *seats_[number];
      while (!seat.member->is_done()) {
        const auto arrived = seat.conversation.take();
        if (!arrived) break;
        seat.member->take(seat.conversation, *arrived);
      }
      look_at(number);
    }
    const Moment now = std::chrono::steady_clock::now();
    while (!wakes_.empty() && wakes_.begin()->first <= now) {
      const std::size_t number = wakes_.begin()->second;
      seats_[number]->member->wake(seats_[number]->conversation);
      look_at(number);
    }
  }

 private:
  // After the member was called: when it wants to be woken, and whether it leaves.
  void look_at(std::size_t number) {
    Seat& seat = *seats_[number];
    wakes_.erase({seat.wakes_at, number});
    seat.wakes_at = seat.member->is_done() ? Moment::max() : seat.member->wake_at();
    if (seat.wakes_at != Moment::max()) wakes_.insert({seat.wakes_at, number});
    if (!seat.member->is_done()) return;
    set_.remove(number);
    seats_[number].reset();
  }

  // Not longer than until the first of them wants to be woken.
  [[nodiscard]] std::chrono::microseconds time_to_wait() const {
    const Moment now = std::chrono::steady_clock::now();
    Moment first = now + look_up_every;
    if (!wakes_.empty()) first = std::min(first, wakes_.begin()->first);
    return std::max(std::chrono::ceil<std::chrono::microseconds>(first - now), std::chrono::microseconds{0});
  }

  std::vector<std::unique_ptr<Seat>> seats_;  // Empty once the member is done.
  std::set<std::pair<Moment, std::size_t>> wakes_;
  net::ConversationSet set_;  // Last: it ends before the conversations in it.
};

}  // namespace

Crowd::Crowd(const net::Network& network, const std::vector<Place>& places, std::size_t threads) : network_(network) {
  threads = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, places.size()));
  std::vector<std::vector<Place>> shares(threads);
  for (std::size_t i = 0; i < places.size(); ++i) shares[i % threads].push_back(places[i]);
  running_ = threads;
  for (auto& share : shares) threads_.emplace_back(&Crowd::serve, this, std::move(share));
}

Crowd::~Crowd() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void Crowd::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const std::lock_guard lock(mutex_);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Crowd::serve(const std::vector<Place>& places) {
  try {
    serve_until_done(places);
  } catch (...) {
    stopping_ = true;
    const std::lock_guard lock(mutex_);
    if (!thrown_) thrown_ = std::current_exception();
  }
  --running_;
}

void Crowd::serve_until_done(const std::vector<Place>& places) {
  Row row;
  for (const Place& place : places) {
    if (stopping_) return;
    row.seat(network_, place);
  }
  while (!stopping_ && !row.is_empty()) row.serve();
}

}  // namespace tally::stack
