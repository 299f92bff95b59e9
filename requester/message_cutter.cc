#include "requester/message_cutter.h"

#include <utility>

#include "common/base/assert.h"

namespace tally::requester {
namespace {

// An upper bound of what the item takes in a message.
std::size_t bytes_of(const Item& item) {
  std::size_t bytes = 32;  // The names of its members and the number of answers.
  for (const std::string& value : item.values) bytes += value.size() + 5;
  return bytes;
}

}  // namespace

MessageCutter::MessageCutter(ProjectId project, CutLimits limits) : limits_(limits) {
  TALLY_ASSERT(limits.items_per_post_max >= 1);
  TALLY_ASSERT(limits.part_size >= 1);
  message_.project = project;
}

std::optional<PostItems> MessageCutter::add(Item item) {
  const std::size_t bytes = bytes_of(item);
  const bool is_new =
      taken_ % limits_.items_per_post_max == 0 || taken_ % limits_.part_size == 0 || bytes_ + bytes > limits_.bytes_max;
  std::optional<PostItems> ended;
  if (is_new && !message_.items.empty()) ended = cut();
  ++taken_;
  bytes_ += bytes;
  message_.items.push_back(std::move(item));
  return ended;
}

std::optional<PostItems> MessageCutter::finish() {
  if (message_.items.empty()) return std::nullopt;
  return cut();
}

PostItems MessageCutter::cut() {
  PostItems next{message_.project, taken_ + 1, {}};
  bytes_ = 0;
  return std::exchange(message_, std::move(next));
}

}  // namespace tally::requester
