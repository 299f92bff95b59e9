#include "worker-client/sender.h"

#include "tests/worker-client/play.h"

using namespace tally;
using namespace tally::worker;

namespace {

constexpr Time start{1'000'000};

SubmittedAnswer answer(std::int32_t no) { return {assignment(no), {{"bird", {"robin"}}}}; }

struct Play {
  Sender::Report send(std::int64_t next = 0, Time now = start) {
    REQUIRE(sender.send(next, std::nullopt, now));
    const auto arrived = broker.receive(Duration{0}, {});
    REQUIRE(arrived);
    auto report = sender.arrived(*arrived, now);
    REQUIRE(report);
    return *report;
  }

  ScratchFolder folder;
  Outbox outbox{folder.path() / "o"};
  PlayedBroker broker;
  Sender sender{broker, outbox, 2};
};

std::optional<PlayedBroker::AnyReply> outcome(const Request& request, RefusalCode code) {
  Submitted reply;
  for (const SubmittedAnswer& one : std::get<Submit>(request).answers) {
    reply.outcomes.push_back({one.assignment, false, code, "because", {}});
  }
  return Reply{reply};
}

}  // namespace

TEST_CASE("answers go in messages of the broker's size, and leave the outbox when they are acknowledged") {
  Play play;
  for (std::int32_t no = 1; no <= 3; ++no) play.sender.keep(answer(no));
  CHECK(play.outbox.load().answers.size() == 3);
  play.broker.tasks = {bird_task(8)};
  const auto report = play.send(4);
  CHECK(report.outcomes.size() == 2);
  CHECK(report.asked == 4);
  CHECK(report.tasks.size() == 1);
  CHECK(play.outbox.load().answers.size() == 1);
  CHECK(play.send().outcomes.size() == 1);
  CHECK(play.sender.is_empty());
  CHECK_FALSE(play.sender.send(1, std::nullopt, start));
}

TEST_CASE("an answer refused for good leaves the outbox; one that may yet succeed stays and is sent again later") {
  const auto [code, is_kept] = GENERATE(table<RefusalCode, bool>({{RefusalCode::task_closed, false},
                                                                  {RefusalCode::lease_expired, false},
                                                                  {RefusalCode::answer_invalid, false},
                                                                  {RefusalCode::not_yours, false},
                                                                  {RefusalCode::already_answered_differently, false},
                                                                  {RefusalCode::internal_error, true},
                                                                  {RefusalCode::unavailable, true},
                                                                  {RefusalCode::account_suspended, true}}));
  Play play;
  play.sender.keep(answer(1));
  play.broker.instead = [code = code](const Request& request) { return outcome(request, code); };
  const auto report = play.send();
  CHECK(report.outcomes.empty() == is_kept);
  CHECK(play.outbox.load().answers.empty() != is_kept);
  CHECK_FALSE(play.sender.send(0, std::nullopt, start));
  play.broker.instead = nullptr;
  if (is_kept) CHECK(play.send(0, start + Duration{60'000}).outcomes.size() == 1);
  CHECK(play.sender.is_empty());
}

TEST_CASE("a message that is refused as a whole is sent answer by answer, so that one bad one does not hold the rest") {
  Play play;
  play.sender.keep(answer(1));
  play.sender.keep(answer(2));
  play.broker.instead = [](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    const auto& answers = std::get<Submit>(request).answers;
    if (answers.back().assignment != assignment(2)) return std::nullopt;
    return Unexpected{Refusal{RefusalCode::too_large, "too much", 0}};
  };
  CHECK(play.send().refusal.has_value());
  CHECK(play.outbox.load().answers.size() == 2);
  CHECK(play.send().outcomes.at(0).accepted);
  CHECK(play.send().outcomes.at(0).refusal == RefusalCode::too_large);
  CHECK(play.outbox.load().answers.empty());
}

TEST_CASE("a refusal that has nothing to do with the answers keeps them, and asks for no tasks in vain") {
  Play play;
  play.sender.keep(answer(1));
  play.broker.instead = [](const Request&) -> std::optional<PlayedBroker::AnyReply> {
    return Unexpected{Refusal{RefusalCode::account_suspended, "suspended", 0}};
  };
  const auto report = play.send(3);
  CHECK(report.refusal->code == RefusalCode::account_suspended);
  CHECK(report.asked == 3);
  CHECK(play.outbox.load().answers.size() == 1);
}

TEST_CASE("a reply that does not match what was sent loses no answer") {
  Play play;
  play.sender.keep(answer(1));
  play.broker.instead = [](const Request&) { return std::optional<PlayedBroker::AnyReply>(Reply{Submitted{}}); };
  CHECK(play.send().refusal.has_value());
  CHECK(play.outbox.load().answers.size() == 1);
  CHECK_FALSE(play.sender.is_empty());
}

TEST_CASE("a reply to somebody else's request is not taken for one's own") {
  Play play;
  CHECK_FALSE(play.sender.arrived({12345, Reply{Submitted{}}}, start));
}
