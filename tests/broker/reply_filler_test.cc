#include "broker/reply_filler.h"

#include <deque>

#include <catch2/catch.hpp>

#include "common/codec/records_codec.h"

namespace tally::broker {
namespace {

constexpr PartId part{(16LL << 20) + 1};

// Reads each item as its number.
class ItemReader final : public ContentHand {
 public:
  void push(ContentJob job) override { jobs_.push_back(std::move(job)); }
  std::optional<ContentRead> pop() override {
    if (jobs_.empty()) return std::nullopt;
    ContentRead read{std::move(jobs_.front()), std::vector<std::optional<std::string>>{}};
    jobs_.pop_front();
    for (const std::int64_t no : read.job.numbers) {
      read.bodies->push_back(codec::encode_item({{"picture " + std::to_string(no)}, {}, {}}));
    }
    return read;
  }
  [[nodiscard]] std::size_t under_way() const override { return jobs_.size(); }

 private:
  std::deque<ContentJob> jobs_;
};

TaskOffer offer_of(std::int32_t task, std::optional<std::int64_t> item_no) {
  TaskOffer offer;
  offer.assignment = {part, 9};
  offer.task = TaskId{part, task};
  offer.item_no = item_no;
  return offer;
}

}  // namespace

TEST_CASE("a task is shown with its item, and which one it is only where the core tells") {
  ItemReader reader;
  ReplyFiller filler(reader, {}, 1 << 20, 10);
  // From the database, and from what was read before; each way a task may be given.
  for (const bool is_read_before : {false, true}) {
    filler.push({1, 1, Tasks{{offer_of(5, std::nullopt), offer_of(6, 6)}, {}, {}}});
    filler.push({1, 1, Submitted{{}, {offer_of(5, std::nullopt), offer_of(6, 6)}, {}}});
    CHECK((filler.waiting() == 0) == is_read_before);
    filler.take_results();
    for (int i = 0; i < 2; ++i) {
      const auto out = filler.pop();
      REQUIRE(out);
      const auto* tasks = std::get_if<Tasks>(&out->reply);
      const std::vector<TaskOffer>& offers = tasks != nullptr ? tasks->tasks : std::get<Submitted>(out->reply).tasks;
      REQUIRE(offers.size() == 2);
      CHECK(offers[0].values == std::vector<std::string>{"picture 5"});
      CHECK_FALSE(offers[0].task);
      CHECK_FALSE(offers[0].item_no);
      CHECK(offers[1].values == std::vector<std::string>{"picture 6"});
      CHECK(offers[1].task == TaskId{part, 6});
      CHECK(offers[1].item_no == 6);
    }
    CHECK_FALSE(filler.pop());
  }
}

}  // namespace tally::broker
