// The API over real HTTP and a real broker: signing in, working, and what is refused.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/gateway/pages_house.h"

namespace tally::gateway::testing {

using nlohmann::json;

TEST_CASE("an invitation signs a browser in once, and the session lasts over a restart of the gateway") {
  PagesHouse house;
  const Invited ann = house.invite(Role::worker, "Ann");
  Browser browser(house.port);
  CHECK(browser.get("/api/session").json().is_null());
  const Answer in = browser.sign_in(ann.line);
  REQUIRE(in.status == 200);
  CHECK(in.json().at("account") == ann.account.value);
  CHECK(in.json().at("role") == "worker");
  CHECK(in.json().at("display_name") == "Ann");
  const std::string set = in.headers.at("set-cookie");
  CHECK(set.find("; HttpOnly") != std::string::npos);
  CHECK(set.find("; SameSite=Strict") != std::string::npos);
  CHECK(set.find("; Path=/;") != std::string::npos);
  CHECK(in.headers.at("cache-control") == "no-store");
  CHECK(in.headers.at("content-security-policy").find("script-src 'self'") != std::string::npos);

  INFO("the link again, by somebody who has seen it");
  Browser thief(house.port);
  CHECK(thief.sign_in(ann.line).status == 409);
  CHECK(thief.cookie.empty());

  house.stop();
  house.start();
  Browser again(house.port);
  again.cookie = browser.cookie;
  const Answer session = again.get("/api/session");
  CHECK(session.status == 200);
  CHECK(session.json().at("csrf") == browser.csrf);
}

TEST_CASE(
    "whose answer to signing in was lost tries again with the same nonce, and has the session they would have had") {
  PagesHouse& house = shared_house();
  const std::string code = house.invite(Role::worker, "Ann").line;
  const json asked{{"code", code}, {"nonce", std::string(32, 'n')}};
  Browser lost(house.port);
  REQUIRE(lost.post("/api/sign-in", asked).status == 200);
  Browser again(house.port);
  const Answer in = again.post("/api/sign-in", asked);
  REQUIRE(in.status == 200);
  CHECK(in.json().at("display_name") == "Ann");
  CHECK(again.cookie.substr(0, again.cookie.rfind('.')) == lost.cookie.substr(0, lost.cookie.rfind('.')));
  Browser thief(house.port);
  CHECK(thief.post("/api/sign-in", {{"code", code}, {"nonce", std::string(32, 'm')}}).status == 409);
  CHECK(thief.post("/api/sign-in", {{"code", code}}).status == 409);
  CHECK(thief.post("/api/sign-in", {{"code", code}, {"nonce", ""}}).status == 409);
}

TEST_CASE("signing in makes a session of its own, whatever cookie was there before") {
  PagesHouse& house = shared_house();
  Browser victim(house.port);
  Browser attacker = house.somebody(Role::worker, "Mallory");
  victim.cookie = attacker.cookie;  // Planted.
  const Answer in = victim.sign_in(house.invite(Role::worker, "Vic").line);
  REQUIRE(in.status == 200);
  CHECK(victim.cookie != attacker.cookie);
  CHECK(victim.csrf != attacker.csrf);
  CHECK(attacker.get("/api/session").json().at("display_name") == "Mallory");
}

TEST_CASE("a worker works through the API: projects, tasks, answers, earnings") {
  PagesHouse& house = shared_house();
  ProjectSpec spec = e2e::small_spec();
  spec.redundancy = {1, 1, 1};
  const ProjectId project = house.market.post(spec, e2e::numbered_items(2));
  Browser ann = house.somebody(Role::worker);
  CHECK(ann.post("/api/list_projects", json::object()).json().at("rows").size() >= 1);
  CHECK(ann.post("/api/describe_project", {{"project", project.value}}).json().at("spec").at("reward") == "0.01");
  const Answer tasks = ann.post("/api/pull", {{"project", project.value}, {"count", 2}, {"wait_ms", 5'000}});
  REQUIRE(tasks.status == 200);
  const json offered = tasks.json().at("tasks");
  REQUIRE(offered.size() == 2);
  json answers = json::array();
  for (const json& task : offered) {
    answers.push_back({{"assignment", task.at("assignment")}, {"values", {{"bird", {"wren"}}}}});
  }
  const Answer submitted = ann.post("/api/submit", {{"answers", answers}});
  REQUIRE(submitted.status == 200);
  const json outcomes = submitted.json().at("outcomes");
  for (const json& outcome : outcomes) CHECK(outcome.at("accepted") == true);
  const Answer earned = ann.post("/api/earnings", json::object());
  CHECK(earned.json().at("rows").size() == 2);
  CHECK(house.of_requester().post("/api/get_status", {{"project", project.value}}).json().at("settled") == 2);
}

TEST_CASE("what comes without the session's token, from another site, or is no JSON is not carried out") {
  PagesHouse& house = shared_house();
  Browser ann = house.somebody(Role::worker);
  const std::string csrf = std::exchange(ann.csrf, "");
  CHECK(ann.post("/api/earnings", json::object()).status == 403);
  ann.csrf = house.somebody(Role::worker, "Bob").csrf;
  CHECK(ann.post("/api/earnings", json::object()).status == 403);
  ann.csrf = csrf;
  CHECK(ann.post("/api/earnings", json::object()).status == 200);

  CHECK(ann.post("/api/earnings", json::object(), {{"Origin", "https://evil.example"}}).status == 403);
  CHECK(ann.post("/api/earnings", json::object(), {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  CHECK(ann.post("/api/sign-in", {{"code", "1-x"}}, {{"Origin", "null"}}).status == 403);
}

TEST_CASE("each route says what it does not take") {
  PagesHouse& house = shared_house();
  Browser ann = house.somebody(Role::worker);
  CHECK(ann.get("/api/pull").status == 405);
  CHECK(ann.ask("PUT", "/api/session", "", {}).status == 405);
  CHECK(ann.post("/api/no_such", json::object()).status == 404);
  for (const std::string hidden : {"join", "open_grant", "renew_grant"}) {
    CHECK(ann.post("/api/" + hidden, json::object()).status == 404);
  }
  CHECK(ann.post_text("/api/pull", "{").status == 400);
  CHECK(ann.post("/api/pull", {{"count", "x"}}).json().at("detail") == "count is not a whole number");
  CHECK(ann.ask("POST", "/api/pull", "count=1",
                {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-CSRF-Token", ann.csrf}})
            .status == 415);
  CHECK(ann.post_text("/api/pull", "{\"x\": \"" + std::string(5'000'000, 'x') + "\"}").status == 413);
  const std::string made_up = "tally=1-1-" + std::string(64, 'a') + ".5";
  for (const std::string& broken :
       {std::string("tally="), std::string("tally=1-1-x.5"), std::string("tally=x"), made_up}) {
    Browser stranger(house.port);
    stranger.cookie = broken;
    CHECK(stranger.get("/api/session").json().is_null());
    CHECK(stranger.post("/api/earnings", json::object()).status == 401);
  }
}

TEST_CASE("signing out ends this session, or all of the account, or those an admin ends") {
  PagesHouse& house = shared_house();
  const Invited ann = house.invite(Role::worker, "Ann");
  std::vector<Browser> browsers(4, Browser(house.port));
  REQUIRE(browsers[0].sign_in(ann.line).status == 200);
  for (std::size_t i = 1; i < browsers.size(); ++i) {
    REQUIRE(browsers[i].sign_in(house.invite_again(ann.account).line).status == 200);
  }
  const std::string cookie = browsers[0].cookie;
  CHECK(browsers[0].post("/api/sign-out", json::object()).status == 200);
  CHECK(browsers[0].cookie.empty());
  browsers[0].cookie = cookie;  // Kept by a thief.
  CHECK(browsers[0].get("/api/session").json().is_null());
  CHECK(browsers[1].get("/api/session").json().at("account") == ann.account.value);
  CHECK(browsers[1].post("/api/list_grants", json::object()).json().at("rows").size() == 3);

  CHECK(browsers[1].post("/api/sign-out", {{"everywhere", true}}).status == 200);
  for (std::size_t i = 1; i < browsers.size(); ++i) CHECK(browsers[i].get("/api/session").json().is_null());

  Browser later(house.port);
  REQUIRE(later.sign_in(house.invite_again(ann.account).line).status == 200);
  static_cast<void>(stack::must(house.market.admin->client(), EndGrants{ann.account, {}}));
  CHECK(later.post("/api/earnings", json::object()).status == 401);
}

TEST_CASE("a secret that is old is renewed on the way, and the page's token stays") {
  PagesHouse& house = shared_house();
  Browser ann = house.somebody(Role::worker);
  // As if it had been made in 1970.
  const std::string old = ann.cookie.substr(0, ann.cookie.rfind('.')) + ".5";
  ann.cookie = old;
  const Answer first = ann.post("/api/earnings", json::object());
  CHECK(first.status == 200);
  CHECK(first.headers.contains("set-cookie"));
  CHECK(ann.cookie != old);
  CHECK(ann.post("/api/earnings", json::object()).status == 200);
  // A page that was under way with the old one: it works, and gets the same, as it would if the first answer was lost.
  Browser other = ann;
  other.cookie = old;
  const Answer beside = other.post("/api/earnings", json::object());
  CHECK(beside.status == 200);
  CHECK(other.cookie.substr(0, other.cookie.rfind('.')) == ann.cookie.substr(0, ann.cookie.rfind('.')));
}

TEST_CASE("health and metrics are there for whoever runs it") {
  PagesHouse& house = shared_house();
  Browser nobody(house.port);
  CHECK(nobody.get("/health").json().at("broker") == "connected");
  CHECK(nobody.get("/metrics").body.find("tally_gateway_broker_connected 1\n") != std::string::npos);
}

TEST_CASE("while the broker is away the API says so, and goes on when it is back") {
  PagesHouse house;
  Browser ann = house.somebody(Role::worker);
  house.market.broker.kill();
  Browser stranger(house.port);
  const std::string code = "17-" + std::string(32, 'a');
  house.market.broker.start();
  CHECK(ann.post("/api/earnings", json::object()).status == 200);
  CHECK(stranger.sign_in(code).status == 409);
}

}  // namespace tally::gateway::testing
