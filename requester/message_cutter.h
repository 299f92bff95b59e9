#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "schemas/messages/requester.h"

// Cuts a batch into PostItems messages. Where it cuts follows from the items and the limits alone, so that a batch sent
// again is cut in the same places, and the broker knows it again.
namespace tally::requester {

struct CutLimits {
  std::int64_t items_per_post_max = 0;  // A message ends at every multiple of this,
  std::int64_t part_size = 0;           // at every multiple of this,
  std::size_t bytes_max = 1U << 20U;    // and before it grows past this; one item alone may.
};

class MessageCutter {
 public:
  // REQUIRES limits of 1 or more.
  MessageCutter(ProjectId project, CutLimits limits);

  // Takes the next item of the batch, the first being item 1. Gives the message before it, when the item begins
  // another.
  [[nodiscard]] std::optional<PostItems> add(Item item);
  // The last message; nothing for an empty batch.
  [[nodiscard]] std::optional<PostItems> finish();

 private:
  [[nodiscard]] PostItems cut();

  CutLimits limits_;
  PostItems message_;
  std::size_t bytes_ = 0;
  std::int64_t taken_ = 0;
};

}  // namespace tally::requester
