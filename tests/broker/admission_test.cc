#include "broker/admission.h"

#include <catch2/catch.hpp>

namespace tally::broker {
namespace {

constexpr Time now{1'800'000'000'000};

std::string objection(const Request& request) {
  const auto found = objection_to(request, Config());
  return found ? std::string(name_of(found->code)) : "";
}

}  // namespace

TEST_CASE("what is past a bound is refused before anything is decided") {
  CHECK(objection(Submit{std::vector<SubmittedAnswer>(101), 0, {}}) == "too_large");
  CHECK(objection(Submit{{{{}, {{"field", {std::string(70'000, 'x')}}}}}, 0, {}}) == "too_large");
  CHECK(objection(PostItems{ProjectId{16}, 1, std::vector<Item>(1'001)}) == "too_large");
  CHECK(objection(PostItems{ProjectId{16}, 1, {{{std::string(70'000, 'x')}, {}}}}) == "too_large");
  CHECK(objection(PostItems{ProjectId{16}, 1, {{std::vector<std::string>(5, std::string(60'000, 'x')), {}}}}) ==
        "too_large");
  CHECK(objection(Pull{{}, 1, std::vector<std::int64_t>(101, 1), 0}) == "too_large");
  CHECK(objection(Pull{{}, -1, {}, 0}) == "malformed");
  CHECK(objection(Pull{{}, 1, {}, -1}) == "malformed");
  CHECK(objection(Deposit{"", AccountId{32}, Micros{1}, ""}) == "malformed");
  CHECK(objection(Deposit{"a\nkey", AccountId{32}, Micros{1}, ""}) == "malformed");
  CHECK(objection(Deposit{std::string(101, 'k'), AccountId{32}, Micros{1}, ""}) == "too_large");
  CHECK(objection(Deposit{"key", AccountId{32}, Micros{1}, std::string(2'001, 'n')}) == "too_large");
  CHECK(objection(Invite{"key", Role::worker, "two\nlines", {}, 86'400'000}) == "malformed");
  CHECK(objection(Invite{"key", Role::worker, "Ann", {}, 0}) == "malformed");
  CHECK(objection(SetPayoutAddress{std::string(201, 'a')}) == "too_large");
  CHECK(objection(SetPayoutAddress{"\x1b[2J"}) == "malformed");
  CHECK(objection(SetPayoutAddress{""}).empty());  // Takes it away.
  CHECK(objection(Extend{"key", ProjectId{16}, -1}) == "deadline_invalid");
  CHECK(objection(Extend{"key", ProjectId{16}, INT64_MAX}) == "deadline_invalid");
  CHECK(objection(ExportPayouts{"", 0, Micros{0}}) == "malformed");
  CHECK(objection(ExportPayouts{"2026-11", 0, Micros{-1}}) == "amount_invalid");
  CHECK(objection(OpenProject{"key", ProjectSpec(), 1, 0}) == "spec_invalid");
  CHECK(objection(OpenProject{"key", ProjectSpec(), 1, -1}) == "malformed");
}

TEST_CASE("what keeps its bounds is let in") {
  CHECK(objection(Submit{std::vector<SubmittedAnswer>(100), 0, {}}).empty());
  CHECK(objection(Pull{{}, 100, {}, 60'000}).empty());
  CHECK(objection(Deposit{"key", AccountId{32}, Micros{1}, "bank reference 17"}).empty());
  CHECK(objection(Invite{"key", Role::worker, "Ann \xc3\x96", {}, 86'400'000}).empty());
  CHECK(objection(Extend{"key", ProjectId{16}, 0}).empty());
  CHECK(objection(Extend{"key", ProjectId{16}, 1}).empty());  // Past: it may have been carried out before.
}

TEST_CASE("who sends too often is told when to go on, and nobody else is held up") {
  RateGate gate(10, 3);
  for (int i = 0; i < 3; ++i) CHECK(!gate.ask("ann", now).has_value());
  const auto wait = gate.ask("ann", now);
  REQUIRE(wait.has_value());
  CHECK(wait->ms == 100);
  CHECK(!gate.ask("ben", now).has_value());
  CHECK(!gate.ask("ann", now + *wait).has_value());
  CHECK(gate.ask("ann", now + *wait).has_value());
}

TEST_CASE("who has not sent for a while is forgotten, and time that stands still gives nothing") {
  RateGate gate(10, 3);
  CHECK(!gate.ask("ann", now).has_value());
  gate.forget_idle(now);
  CHECK(gate.size() == 1);
  gate.forget_idle(now + Duration{1'000});
  CHECK(gate.size() == 0);
}

}  // namespace tally::broker
