#include "requester/send_window.h"

#include <random>

#include <catch2/catch.hpp>

using namespace tally;
using namespace tally::requester;

namespace {

constexpr std::int64_t part_size = 10;

PostItems message(std::int64_t first, std::size_t count = 5) { return {ProjectId{1}, first, std::vector<Item>(count)}; }

const Unexpected<Refusal> out_of_order{Refusal{RefusalCode::items_out_of_order, "the next item is another", 0}};

Result<ItemsPosted, Refusal> posted() { return ItemsPosted{}; }
Result<ItemsPosted, Refusal> refused() { return out_of_order; }

}  // namespace

TEST_CASE("only what is durable without a gap counts as posted") {
  SendWindow window(8, part_size, 0);
  window.sent(1, message(1));
  window.sent(2, message(6));
  window.sent(3, message(11));
  REQUIRE(window.took(3, posted()));
  CHECK(window.posted() == 0);
  REQUIRE(window.took(1, posted()));
  CHECK(window.posted() == 5);
  REQUIRE(window.took(2, posted()));
  CHECK(window.posted() == 15);
  CHECK(window.is_empty());
}

TEST_CASE("a full window takes no more until its first message is posted") {
  SendWindow window(2, part_size, 20);
  CHECK(window.posted() == 20);
  window.sent(1, message(21));
  window.sent(2, message(26));
  CHECK_FALSE(window.has_room());
  REQUIRE(window.took(2, posted()));
  CHECK_FALSE(window.has_room());
  REQUIRE(window.took(1, posted()));
  CHECK(window.has_room());
}

TEST_CASE("a message refused as out of order is sent again when the one before it in its part is posted") {
  SendWindow window(8, part_size, 0);
  window.sent(1, message(1));
  window.sent(2, message(6));
  REQUIRE(window.took(2, refused()));
  CHECK(window.to_send_again() == nullptr);
  REQUIRE(window.took(1, posted()));
  const PostItems* again = window.to_send_again();
  REQUIRE(again != nullptr);
  CHECK(again->first == 6);
  window.sent_again(7, *again);
  CHECK(window.to_send_again() == nullptr);
  REQUIRE(window.took(2, posted()));  // The reply of the first copy: late, and of no account.
  CHECK(window.posted() == 5);
  REQUIRE(window.took(7, posted()));
  CHECK(window.posted() == 10);
}

TEST_CASE("a message does not wait for those of another part") {
  SendWindow window(8, part_size, 0);
  window.sent(1, message(6));
  window.sent(2, message(11));
  REQUIRE(window.took(2, refused()));
  REQUIRE(window.to_send_again() != nullptr);
  CHECK(window.to_send_again()->first == 11);
}

TEST_CASE("a broker that refuses what is in its turn ends the posting after a few tries") {
  SendWindow window(8, part_size, 0);
  std::uint64_t id = 1;
  window.sent(id, message(1));
  int tries = 1;
  while (window.took(id, refused())) {
    REQUIRE(++tries < 10);
    window.sent_again(++id, *window.to_send_again());
  }
  CHECK(tries > 1);
}

TEST_CASE("any other refusal ends the posting at once") {
  SendWindow window(8, part_size, 0);
  window.sent(1, message(1));
  const auto took = window.took(1, Unexpected{Refusal{RefusalCode::items_differ, "others stand there", 0}});
  REQUIRE_FALSE(took);
  CHECK(took.error().code == RefusalCode::items_differ);
}

TEST_CASE("whatever order a broker takes messages in, each is posted once and in order within its part") {
  const unsigned seed = GENERATE(range(1U, 30U));
  INFO("seed " << seed);
  std::mt19937 random(seed);
  SendWindow window(4, part_size, 0);
  std::map<std::uint64_t, std::int64_t> sent;         // Request id to first item, not handled yet.
  std::map<std::int64_t, std::int64_t> next_of_part;  // At the broker.
  std::uint64_t id = 0;
  std::int64_t first = 1;
  for (int step = 0; window.posted() < 100; ++step) {
    REQUIRE(step < 10'000);
    while (const PostItems* again = window.to_send_again()) {
      sent[++id] = again->first;
      window.sent_again(id, *again);
    }
    while (window.has_room() && first <= 100) {
      sent[++id] = first;
      window.sent(id, message(first));
      first += 5;
    }
    REQUIRE_FALSE(sent.empty());
    const auto pick = std::next(sent.begin(), static_cast<std::ptrdiff_t>(random() % sent.size()));
    const std::int64_t part = (pick->second - 1) / part_size;
    std::int64_t& next = next_of_part.try_emplace(part, part * part_size + 1).first->second;
    REQUIRE(pick->second >= next);  // Nothing is sent twice when it was acknowledged.
    const bool is_next = pick->second == next;
    if (is_next) next += 5;
    REQUIRE(window.took(pick->first, is_next ? posted() : refused()));
    sent.erase(pick);
  }
  CHECK(window.is_empty());
}
