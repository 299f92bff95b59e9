#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "broker/hand.h"
#include "broker/item_cache.h"
#include "schemas/records.h"

// What the core leaves out of its replies: items, names and addresses from the database, and what only this process
// knows. Replies leave when they are complete, not in the order they came. One thread; reading is another hand's work.
namespace tally::broker {

// Contents of one kind and part, by number.
struct ContentJob {
  PartId part;
  ContentKind kind = ContentKind::item;
  std::vector<std::int64_t> numbers;
  std::uint64_t ticket = 0;  // Of a reply that waits for a name; 0: a run of items.
  std::int64_t run = 0;
};
struct ContentRead {
  ContentJob job;
  std::optional<std::vector<std::optional<std::string>>> bodies;  // As many; nothing at all: they could not be read.
};
using ContentHand = Hand<ContentJob, ContentRead>;

class ReplyFiller {
 public:
  struct Facts {
    Welcome welcome;                                            // With the members that are the same for everybody.
    std::int64_t port = 0;                                      // Of the main socket.
    std::function<std::string(const std::string&)> invitation;  // The line for a code.
  };
  ReplyFiller(ContentHand& reader, Facts facts, std::int64_t cache_bytes, std::size_t waiting_max);

  // A reply was decided: what it will need is read while its records are made durable. REQUIRES here and in push() that
  // each offer names its task; pop() takes that out where the offer tells no item number.
  void prefetch(const Reply& reply);
  // A reply may leave as soon as it is complete.
  void push(core::OutgoingReply reply);
  // The next complete reply.
  std::optional<core::OutgoingReply> pop();
  // Takes in what was read.
  void take_results();

  [[nodiscard]] std::size_t waiting() const { return waiting_.size() + unnamed_.size(); }
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }

 private:
  bool fill_items(std::vector<TaskOffer>& tasks);
  bool fill_items(Reply& reply);
  void want(const ItemRun& run);
  void want_ahead(TaskId task);
  void ask_names(core::OutgoingReply reply);
  void take_names(ContentRead read);
  void give_up(const ContentJob& job);

  ContentHand& reader_;
  Facts facts_;
  std::size_t waiting_max_;
  ItemCache cache_;
  std::set<ItemRun> wanted_;                              // Being read.
  std::list<core::OutgoingReply> waiting_;                // For runs of items.
  std::map<std::uint64_t, core::OutgoingReply> unnamed_;  // For names and addresses, by ticket.
  std::uint64_t next_ticket_ = 1;
  std::deque<core::OutgoingReply> ready_;
  std::int64_t dropped_ = 0;
};

}  // namespace tally::broker
