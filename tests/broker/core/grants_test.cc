// Grants: a gateway acts for people who let it, for as long as they do.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "schemas/grant_token.h"
#include "tests/broker/core/market.h"
#include "tests/broker/core/rebuilt.h"

namespace tally::core {
namespace {

Bytes digest_of(const std::string& secret) { return Bytes{bytes_of(secret_digest_of(secret))}; }
// Of hex digits; another for each character.
std::string secret(char name) { return hex_of(sha256(std::string(1, name))); }

// A marketplace whose workers may come by the pages.
struct Pages {
  Pages() {
    market.world.enrol("pages", Role::gateway);
    ann = invite("Ann", ann_code);
  }
  AccountId invite(const std::string& name, std::string& code, Role role = Role::worker) {
    Invite invite;
    invite.key = "invite " + name;
    invite.role = role;
    invite.display_name = name;
    const auto invited = market.world.get<Invited>(market.world.admin, invite);
    code = invited.line;
    return invited.account;
  }
  std::string code_for(AccountId account) {
    Invite invite;
    invite.key = "again " + std::to_string(++invitations);
    invite.account = account;
    return market.world.get<Invited>(market.world.admin, invite).line;
  }
  Granted open(const std::string& code, char digit) {
    return market.world.get<Granted>("pages", OpenGrant{code, digest_of(secret(digit))});
  }
  // As the browser that was given this secret.
  [[nodiscard]] static std::string token(const Granted& grant, char digit) {
    return to_text(GrantToken{grant.account, grant.grant, secret(digit)});
  }
  Reply as(const std::string& token, Request request, const std::string& gateway = "pages") {
    return market.world.ask_for(token, gateway, std::move(request)).at(0);
  }
  // The account that speaks; nothing: it is refused as not granted.
  std::optional<AccountId> who(const std::string& token, const std::string& gateway = "pages") {
    const Reply reply = as(token, Hello{}, gateway);
    if (const auto* welcome = std::get_if<Welcome>(&reply)) return welcome->account;
    CHECK(std::get<Refused>(reply).code == RefusalCode::on_behalf_not_granted);
    return std::nullopt;
  }
  [[nodiscard]] std::vector<GrantRow> grants_of(const std::string& token) {
    return std::get<GrantsPage>(as(token, ListGrants{})).rows;
  }

  Market market;
  AccountId ann;
  std::string ann_code;
  int invitations = 0;
};

}  // namespace

TEST_CASE("an invitation opens a grant once, and the gateway speaks for the account with its secret alone") {
  Pages pages;
  const Granted grant = pages.open(pages.ann_code, 'a');
  CHECK(grant.account == pages.ann);
  CHECK(grant.role == Role::worker);
  CHECK(grant.grant == 1);
  const std::string token = Pages::token(grant, 'a');
  CHECK(pages.who(token) == pages.ann);

  INFO("the same again is acknowledged again; another secret finds the invitation used");
  CHECK(pages.open(pages.ann_code, 'a').grant == 1);
  CHECK(pages.market.world.refused("pages", OpenGrant{pages.ann_code, digest_of(secret('b'))}) ==
        RefusalCode::invitation_unknown);
  CHECK(pages.market.world.refused("thief", Join{pages.ann_code}) == RefusalCode::invitation_unknown);

  INFO("everything else is refused in one way");
  CHECK_FALSE(pages.who(Pages::token(grant, 'b')));
  CHECK_FALSE(pages.who(to_text(GrantToken{pages.ann, 2, secret('a')})));
  CHECK_FALSE(pages.who(to_text(GrantToken{AccountId{4711}, 1, secret('a')})));
  for (const std::string wrong : {"x", "-", "--", "1-1-", "1-0-a", "99999999999999999999-1-a"})
    CHECK_FALSE(pages.who(wrong));
  pages.market.world.enrol("other pages", Role::gateway);
  CHECK_FALSE(pages.who(token, "other pages"));
  static_cast<void>(pages.market.worker("bob"));
  CHECK_FALSE(pages.who(token, "bob"));
  CHECK_FALSE(pages.who(token, pages.market.world.admin));
  check_rebuilt(pages.market.world);
  check_snapshots(pages.market.world);
}

TEST_CASE("a worker of the pages works and is paid like any other, and counts as somebody who may have a task") {
  Pages pages;
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  const ProjectId project = pages.market.open(spec, 1);
  const std::string token = Pages::token(pages.open(pages.ann_code, 'a'), 'a');
  pages.market.pass(spec.patience);  // Somebody is there: the tasks do not close for want of workers.
  const auto tasks = std::get<Tasks>(pages.as(token, Pull{project, 1, {}, 0}));
  REQUIRE(tasks.tasks.size() == 1);
  Submit submit;
  submit.answers.push_back({tasks.tasks.at(0).assignment, {{"bird", {"bunting"}}}});
  CHECK(std::get<Submitted>(pages.as(token, submit)).outcomes.at(0).accepted);
  pages.market.pass(Limits{}.sweep_every);
  CHECK(pages.market.world.wallet(pages.ann) > Micros{0});
}

TEST_CASE(
    "what a role may not send it may not send by a gateway either, and a gateway by itself sends next to nothing") {
  Pages pages;
  const std::string token = Pages::token(pages.open(pages.ann_code, 'a'), 'a');
  CHECK(std::get<Refused>(pages.as(token, ListQualified{})).code == RefusalCode::role_not_allowed);
  CHECK(std::get<Refused>(pages.as(token, OpenGrant{})).code == RefusalCode::role_not_allowed);
  CHECK(pages.market.world.refused("pages", Pull{}) == RefusalCode::role_not_allowed);
  CHECK(pages.market.world.refused("pages", EndGrants{pages.ann, {}}) == RefusalCode::role_not_allowed);
  CHECK(pages.market.world.get<Welcome>("pages", Hello{}).role == Role::gateway);
  std::string code;
  static_cast<void>(pages.invite("a second gateway", code, Role::gateway));
  CHECK(pages.market.world.refused("pages", OpenGrant{code, digest_of(secret('a'))}) == RefusalCode::role_not_allowed);
}

TEST_CASE("a secret is renewed by the one before it, which is good for a little more and renews nothing") {
  Pages pages;
  const Granted grant = pages.open(pages.ann_code, 'a');
  const std::string first = Pages::token(grant, 'a');
  const auto renew = [&](const std::string& token, char digit) {
    return std::get<Granted>(pages.as(token, RenewGrant{digest_of(secret(digit))}));
  };
  CHECK(renew(first, 'b').is_current);
  CHECK(renew(first, 'b').is_current);        // The same again.
  CHECK_FALSE(renew(first, 'c').is_current);  // Another page was first.
  const std::string second = Pages::token(grant, 'b');
  CHECK(pages.who(first) == pages.ann);
  CHECK(pages.who(second) == pages.ann);
  CHECK_FALSE(pages.who(Pages::token(grant, 'c')));
  pages.market.world.reload(account_part_of(pages.ann));
  pages.market.pass(Limits{}.grant_overlap);
  CHECK(pages.who(first) == pages.ann);
  pages.market.pass(Duration{1});
  CHECK_FALSE(pages.who(first));
  CHECK(pages.who(second) == pages.ann);
  check_rebuilt(pages.market.world);

  INFO("a key's owner has nothing to renew");
  static_cast<void>(pages.market.worker("bob"));
  CHECK(pages.market.world.refused("bob", RenewGrant{digest_of(secret('a'))}) == RefusalCode::on_behalf_not_granted);
}

TEST_CASE("a grant ends when it is not renewed for long") {
  Pages pages;
  const Granted grant = pages.open(pages.ann_code, 'a');
  const std::string token = Pages::token(grant, 'a');
  pages.market.pass(Limits{}.grant_valid);
  CHECK(pages.who(token) == pages.ann);
  pages.market.pass(Duration{1});
  CHECK_FALSE(pages.who(token));
}

TEST_CASE("people end their grants, and admins those of anyone; nobody else's are seen") {
  Pages pages;
  const std::string here = Pages::token(pages.open(pages.ann_code, 'a'), 'a');
  const std::string there = Pages::token(pages.open(pages.code_for(pages.ann), 'b'), 'b');
  const std::string third = Pages::token(pages.open(pages.code_for(pages.ann), 'c'), 'c');
  const auto rows = pages.grants_of(there);
  REQUIRE(rows.size() == 3);
  CHECK_FALSE(rows[0].is_this);
  CHECK(rows[1].is_this);
  static_cast<void>(std::get<Acknowledged>(pages.as(here, EndGrants{{}, 2})));
  CHECK_FALSE(pages.who(there));
  CHECK(pages.who(third) == pages.ann);

  std::string code;
  const AccountId eve = pages.invite("Eve", code);
  const std::string eves = Pages::token(pages.open(code, 'e'), 'e');
  CHECK(std::get<Refused>(pages.as(eves, EndGrants{pages.ann, {}})).code == RefusalCode::not_yours);
  CHECK(std::get<Refused>(pages.as(eves, ListGrants{pages.ann})).code == RefusalCode::not_yours);
  World& world = pages.market.world;
  CHECK(world.get<GrantsPage>(world.admin, ListGrants{pages.ann}).rows.size() == 2);
  static_cast<void>(world.get<Acknowledged>(world.admin, EndGrants{pages.ann, {}}));
  CHECK_FALSE(pages.who(here));
  CHECK_FALSE(pages.who(third));
  CHECK(pages.who(eves) == eve);
  check_rebuilt(world);
  check_snapshots(world);
}

TEST_CASE("a suspended account has no use of its grants, and a suspended gateway of none") {
  Pages pages;
  const std::string token = Pages::token(pages.open(pages.ann_code, 'a'), 'a');
  World& world = pages.market.world;
  const auto suspend = [&](AccountId account, bool is_suspended) {
    static_cast<void>(world.get<Acknowledged>(world.admin, Suspend{account, is_suspended, "rude"}));
  };
  suspend(pages.ann, true);
  CHECK(std::get<Refused>(pages.as(token, Hello{})).code == RefusalCode::account_suspended);
  CHECK(world.refused("pages", OpenGrant{pages.code_for(pages.ann), digest_of(secret('b'))}) ==
        RefusalCode::account_suspended);
  suspend(pages.ann, false);
  CHECK(pages.who(token) == pages.ann);
  suspend(world.get<Welcome>("pages", Hello{}).account, true);
  CHECK(std::get<Refused>(pages.as(token, Hello{})).code == RefusalCode::account_suspended);
}

TEST_CASE("an account has so many grants and no more: the one that was not renewed for longest makes room") {
  Pages pages;
  const std::string first = Pages::token(pages.open(pages.ann_code, '0'), '0');
  std::vector<std::string> others;
  const std::string digits = "123456789abcdefghijklmn";
  for (std::size_t i = 0; i + 1 < Limits{}.grants_per_account_max; ++i) {
    pages.market.pass(Duration{1});
    others.push_back(Pages::token(pages.open(pages.code_for(pages.ann), digits.at(i)), digits.at(i)));
  }
  pages.market.pass(Duration{1});
  static_cast<void>(std::get<Granted>(pages.as(first, RenewGrant{digest_of(secret('x'))})));
  const std::string last = Pages::token(pages.open(pages.code_for(pages.ann), 'y'), 'y');
  CHECK(pages.who(first) == pages.ann);
  CHECK_FALSE(pages.who(others.at(0)));
  CHECK(pages.who(others.at(1)) == pages.ann);
  CHECK(pages.grants_of(last).size() == Limits{}.grants_per_account_max);
  check_rebuilt(pages.market.world);
}

TEST_CASE("a waiting pull is told when the grant it came with has ended") {
  Pages pages;
  const std::string token = Pages::token(pages.open(pages.ann_code, 'a'), 'a');
  World& world = pages.market.world;
  CHECK(world.ask_for(token, "pages", Pull{std::nullopt, 1, {}, 30'000}).empty());
  static_cast<void>(world.ask(world.admin, EndGrants{pages.ann, {}}));
  const std::vector<Reply> told = world.pass(Duration{30'001});
  REQUIRE(told.size() == 1);
  CHECK(std::get<Refused>(told[0]).code == RefusalCode::on_behalf_not_granted);
}

}  // namespace tally::core
