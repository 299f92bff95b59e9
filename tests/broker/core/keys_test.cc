// Keys that are lost and replaced, and accounts that are suspended.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

ProjectSpec one_answer_each() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  return spec;
}

// Ann earned a reward, and holds a task, when she loses her key.
struct LostKey {
  explicit LostKey(World::Watch watch = {})
      : market({}, std::move(watch)), ann(market.worker("ann")), project(market.open(one_answer_each(), 3)) {
    static_cast<void>(market.work("ann", project));
    lease = market.lease("ann", project);
    market.pass(Limits{}.sweep_every);
  }
  std::string invite(AccountId account, const std::string& key = "lost key") {
    Invite invite;
    invite.key = key;
    invite.account = account;
    const auto invited = market.world.get<Invited>(market.world.admin, invite);
    CHECK(invited.account == account);
    return invited.line;
  }
  [[nodiscard]] AccountId account_of(const std::string& key) { return market.world.get<Welcome>(key, Hello{}).account; }

  Market market;
  AccountId ann;
  ProjectId project;
  AssignmentId lease;
};

}  // namespace

TEST_CASE("a key that an admin had replaced is not welcome any more, and the new one has all that was the account's",
          "[fault-9]") {
  LostKey lost;
  World& world = lost.market.world;
  const std::string code = lost.invite(lost.ann);
  CHECK(lost.account_of("ann") == lost.ann);  // Until the new one joins.
  world.join("ann's new key", code);
  CHECK(world.refused("ann", Hello{}) == RefusalCode::not_enrolled);
  CHECK(world.refused("ann", Submit{}) == RefusalCode::not_enrolled);
  CHECK(lost.account_of("ann's new key") == lost.ann);
  CHECK(world.wallet(lost.ann) == Micros{10'000});
  CHECK(lost.market.assignment(lost.lease).state == AssignmentState::live);
  CHECK(lost.market.answer("ann's new key", lost.lease).accepted);
  // And so it stays when the account's part is read again.
  world.reload(account_part_of(lost.ann));
  CHECK(world.refused("ann", Hello{}) == RefusalCode::not_enrolled);
  CHECK(lost.account_of("ann's new key") == lost.ann);
}

TEST_CASE("who guards the door is told which key came and which one went, once") {
  std::vector<KeyChange> changes;
  LostKey lost(
      [&](World&, const Effects& effects) { changes.insert(changes.end(), effects.keys.begin(), effects.keys.end()); });
  REQUIRE(changes.size() == 3);  // The admin, the requester, Ann.
  CHECK(changes[2].added == "ann");
  CHECK(changes[2].removed.empty());
  const std::string code = lost.invite(lost.ann);
  lost.market.world.join("ann's new key", code);
  lost.market.world.join("ann's new key", code);  // Sent again: acknowledged again.
  REQUIRE(changes.size() == 4);
  CHECK(changes[3].added == "ann's new key");
  CHECK(changes[3].removed == "ann");
}

TEST_CASE("a pull that waits under a key that was replaced meanwhile gets no task") {
  LostKey lost;
  World& world = lost.market.world;
  lost.market.change(lost.project, ProjectAction::pause);
  CHECK(world.ask("ann", Pull{lost.project, 1, {}, 60'000}).empty());
  world.join("ann's new key", lost.invite(lost.ann));
  const std::vector<Reply> replies = world.ask("req", ChangeProject{lost.project, ProjectAction::resume});
  REQUIRE(replies.size() == 2);
  CHECK(std::get<Refused>(replies[1]).code == RefusalCode::not_enrolled);
  CHECK(lost.market.tasks(lost.project).assignments.size() == 2);
}

TEST_CASE("an invitation is good for one key, until it expires or another one is made") {
  LostKey lost;
  World& world = lost.market.world;
  const auto is_unknown = [&](const std::string& key, const std::string& code) {
    return world.refused(key, Join{code}) == RefusalCode::invitation_unknown;
  };
  const std::string replaced = lost.invite(lost.ann, "first");
  const std::string code = lost.invite(lost.ann, "second");
  CHECK(is_unknown("new", replaced));
  CHECK(is_unknown("new", code + "0"));
  CHECK(is_unknown("new", std::to_string(lost.ann.value) + "-"));
  world.join("new", code);
  CHECK(is_unknown("newer", code));

  const std::string late = lost.invite(lost.ann, "third");
  world.now = world.now + Duration{Invite{}.valid_ms + 1};
  CHECK(is_unknown("newer", late));
  CHECK(lost.account_of("new") == lost.ann);
}

TEST_CASE("a key is one account's: it cannot take over another", "[fault-9]") {
  LostKey lost;
  static_cast<void>(lost.market.worker("ben"));
  const std::string code = lost.invite(lost.ann);
  CHECK(lost.market.world.refused("ben", Join{code}) == RefusalCode::key_in_use);
  CHECK(lost.account_of("ann") == lost.ann);
  lost.market.world.join("ann's new key", code);  // It was not used up.
}

TEST_CASE("an invitation to an account that is not there is refused") {
  LostKey lost;
  for (const std::int64_t account : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{9'999}, INT64_MAX}) {
    Invite invite;
    invite.account = AccountId{account};
    CHECK(lost.market.world.refused(lost.market.world.admin, invite) == RefusalCode::account_not_found);
  }
}

TEST_CASE("a suspended account is refused under every key it gets, keeps what it earned, and may come back",
          "[fault-9]") {
  LostKey lost;
  World& world = lost.market.world;
  lost.market.done(world.admin, Suspend{lost.ann, true, "rude"});
  CHECK(world.refused("ann", Hello{}) == RefusalCode::account_suspended);
  world.join("ann's new key", lost.invite(lost.ann));
  world.reload(account_part_of(lost.ann));
  CHECK(world.refused("ann's new key", Submit{}) == RefusalCode::account_suspended);
  CHECK(world.refused("ann", Hello{}) == RefusalCode::not_enrolled);
  CHECK(world.wallet(lost.ann) == Micros{10'000});
  lost.market.done(world.admin, Suspend{lost.ann, false, ""});
  CHECK(lost.market.answer("ann's new key", lost.lease).accepted);
}

TEST_CASE("an admin can suspend neither themselves nor an account that is not there") {
  World world;
  const AccountId admin = world.get<Welcome>(world.admin, Hello{}).account;
  CHECK(world.refused(world.admin, Suspend{admin, true, ""}) == RefusalCode::role_not_allowed);
  CHECK(world.refused(world.admin, Suspend{AccountId{9'999}, true, ""}) == RefusalCode::account_not_found);
  CHECK(world.get<Welcome>(world.admin, Hello{}).account == admin);
}

TEST_CASE("a new house invites its admin again, to the same account, while none has ever joined") {
  Core core{Limits{}};
  const auto apply = [&](Command command) {
    Input input;
    input.at = Time{1};
    input.command = std::move(command);
    return core.apply(input).replies;
  };
  for (std::int64_t no = 0; no < account_parts; ++no) {
    static_cast<void>(apply(PartLoaded{PartId{no}, false, {}, {}, {}, {}, 0}));
  }
  const auto first = apply(Bootstrap{});
  const auto again = apply(Bootstrap{});
  REQUIRE(first.size() == 1);
  REQUIRE(again.size() == 1);
  CHECK(std::get<Invited>(first[0].reply).account == std::get<Invited>(again[0].reply).account);
}

TEST_CASE("a house that lost its last admin's key invites its admin again when it is told to, and only then") {
  World world;
  const AccountId admin = world.get<Welcome>(world.admin, Hello{}).account;
  CHECK(world.run(Bootstrap{}).empty());
  const std::vector<Reply> replies = world.run(Bootstrap{true});
  REQUIRE(replies.size() == 1);
  const auto& invited = std::get<Invited>(replies[0]);
  CHECK(invited.account == admin);
  world.join("new admin key", invited.line);
  CHECK(world.refused(world.admin, Hello{}) == RefusalCode::not_enrolled);
  CHECK(world.get<Welcome>("new admin key", Hello{}).role == Role::admin);
}

}  // namespace tally::core
