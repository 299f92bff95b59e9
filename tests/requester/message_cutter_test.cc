#include "requester/message_cutter.h"

#include <catch2/catch.hpp>

using namespace tally;
using namespace tally::requester;

namespace {

std::vector<PostItems> cut(std::int64_t items, CutLimits limits, std::size_t item_bytes = 1) {
  MessageCutter cutter(ProjectId{17}, limits);
  std::vector<PostItems> messages;
  for (std::int64_t i = 0; i < items; ++i) {
    if (auto message = cutter.add({{std::string(item_bytes, 'x')}, {}})) messages.push_back(std::move(*message));
  }
  if (auto message = cutter.finish()) messages.push_back(std::move(*message));
  return messages;
}

std::vector<std::pair<std::int64_t, std::size_t>> places(const std::vector<PostItems>& messages) {
  std::vector<std::pair<std::int64_t, std::size_t>> all;
  all.reserve(messages.size());
  for (const PostItems& message : messages) all.emplace_back(message.first, message.items.size());
  return all;
}

}  // namespace

TEST_CASE("messages end at multiples of the greatest number of items and of the part size") {
  using Places = std::vector<std::pair<std::int64_t, std::size_t>>;
  CHECK(places(cut(10, {4, 100})) == Places{{1, 4}, {5, 4}, {9, 2}});
  CHECK(places(cut(12, {5, 6})) == Places{{1, 5}, {6, 1}, {7, 4}, {11, 2}});
  CHECK(places(cut(3, {1, 1})) == Places{{1, 1}, {2, 1}, {3, 1}});
  CHECK(places(cut(4, {4, 100})) == Places{{1, 4}});
  CHECK(cut(0, {4, 100}).empty());
}

TEST_CASE("the messages of a batch hold each item once, in order, and none crosses a part or a bound") {
  const CutLimits limits{GENERATE(1, 3, 7, 1000), GENERATE(1, 4, 10), 4096};
  const std::size_t item_bytes = GENERATE(1U, 500U, 5000U);
  std::int64_t next = 1;
  for (const PostItems& message : cut(53, limits, item_bytes)) {
    const auto count = std::ssize(message.items);
    CHECK(message.project == ProjectId{17});
    CHECK(message.first == next);
    REQUIRE(count >= 1);
    CHECK(count <= limits.items_per_post_max);
    CHECK((message.first - 1) / limits.part_size == (message.first + count - 2) / limits.part_size);
    CHECK((count == 1 || static_cast<std::size_t>(count) * item_bytes <= limits.bytes_max));
    next += count;
  }
  CHECK(next == 54);
}
