#include "tools/stack/crowd.h"

#include <algorithm>
#include <utility>

namespace tally::stack {
namespace {

constexpr Duration look_up_every{100};  // Whether to stop.

struct Seat {
  Seat(const net::Network& network, const Crowd::Place& place)
      : member(place.member), conversation(network, place.config) {}
  Member* member;
  net::Conversation conversation;
};

// Not longer than until the first of these wants to be woken.
Duration time_to_wait(const std::vector<std::unique_ptr<Seat>>& seats) {
  Moment first = Moment::max();
  for (const auto& seat : seats) first = std::min(first, seat->member->wake_at());
  const Moment now = std::chrono::steady_clock::now();
  if (first <= now) return Duration{0};
  if (first - now >= std::chrono::milliseconds(look_up_every.ms)) return look_up_every;
  return Duration{std::chrono::ceil<std::chrono::milliseconds>(first - now).count()};
}

void serve_seat(Seat& seat) {
  while (!seat.member->is_done()) {
    const auto arrived = seat.conversation.receive(Duration{0});
    if (!arrived) return;
    seat.member->take(seat.conversation, *arrived);
  }
}

void wake_seats(const std::vector<std::unique_ptr<Seat>>& seats) {
  const Moment now = std::chrono::steady_clock::now();
  for (const auto& seat : seats) {
    if (seat->member->wake_at() <= now) seat->member->wake(seat->conversation);
  }
}

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
  std::vector<std::unique_ptr<Seat>> seats;
  for (const Place& place : places) {
    if (stopping_) return;
    seats.push_back(std::make_unique<Seat>(network_, place));
    seats.back()->member->begin(seats.back()->conversation);
  }
  std::vector<net::Conversation*> conversations;
  while (!stopping_) {
    std::erase_if(seats, [](const auto& seat) { return seat->member->is_done(); });
    if (seats.empty()) return;
    conversations.clear();
    for (const auto& seat : seats) conversations.push_back(&seat->conversation);
    for (const std::size_t i : net::Conversation::wait_any(conversations, time_to_wait(seats))) serve_seat(*seats[i]);
    wake_seats(seats);
  }
}

}  // namespace tally::stack
