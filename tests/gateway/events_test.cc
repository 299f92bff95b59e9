// Live topics over server-sent events.
#include <string>

#include <catch2/catch.hpp>

#include "tests/gateway/pages_house.h"

namespace tally::gateway::testing {
namespace {

using nlohmann::json;

// A browser that listens.
class Listener {
 public:
  Listener(int port, const Browser& browser, const std::string& watch) : wire_(port) {
    wire_.send(browser.head("GET", "/api/events?watch=" + watch, 0, {}));
    head = wire_.until("\r\n\r\n");
  }
  // The next event as (name, data); comments are passed over.
  std::pair<std::string, json> next() {
    while (true) {
      const std::string block = wire_.until("\n\n");
      if (block.empty()) return {"over", {}};
      if (!block.starts_with("event: ")) continue;
      const std::size_t line = block.find('\n');
      const std::size_t data = block.find("data: ");
      return {block.substr(7, line - 7), json::parse(block.substr(data + 6))};
    }
  }
  // The next of this topic that is as wanted.
  template <class Wanted>
  json when(const std::string& topic, const Wanted& wanted) {
    for (int i = 0; i < 1'000; ++i) {
      auto [name, data] = next();
      if (name == "over") break;
      if (name == topic && wanted(data)) return data;
    }
    return {};
  }
  std::string head;

 private:
  Wire wire_;
};

}  // namespace

TEST_CASE("a requester sees a project go on, while a worker sees what it earned") {
  PagesHouse& house = shared_house();
  ProjectSpec spec = e2e::small_spec();
  spec.redundancy = {1, 1, 1};
  const ProjectId project = house.market.post(spec, e2e::numbered_items(1));
  const std::string topic = "status:" + std::to_string(project.value);
  Browser rita = house.of_requester();
  Browser ann = house.somebody(Role::worker);
  Listener at_ritas(house.port, rita, topic + ",balance");
  CHECK(at_ritas.head.find("text/event-stream") != std::string::npos);
  Listener at_anns(house.port, ann, "earnings,projects,standing");
  CHECK(at_ritas.when(topic, [](const json& data) { return data.at("settled") == 0; }).at("now_ms") > 0);
  CHECK_FALSE(at_anns.when("earnings", [](const json& data) { return data.at("rows").empty(); }).is_null());

  const auto tasks = ann.post("/api/pull", {{"project", project.value}, {"count", 1}, {"wait_ms", 5'000}}).json();
  const json answer{{"assignment", tasks.at("tasks").at(0).at("assignment")}, {"values", {{"bird", {"wren"}}}}};
  CHECK(ann.post("/api/submit", {{"answers", {answer}}}).status == 200);
  CHECK_FALSE(at_ritas.when(topic, [](const json& data) { return data.at("settled") == 1; }).is_null());
  CHECK_FALSE(at_anns.when("earnings", [](const json& data) { return data.at("rows").size() == 1; }).is_null());
}

TEST_CASE("what somebody may not see ends the stream with the refusal") {
  PagesHouse& house = shared_house();
  const ProjectId project = house.market.post(e2e::small_spec(), e2e::numbered_items(1));
  Listener worker(house.port, house.somebody(Role::worker), "status:" + std::to_string(project.value));
  const auto [name, data] = worker.next();
  CHECK(name == "refused");
  CHECK(data.at("code") == "role_not_allowed");
  CHECK(worker.next().first == "over");
}

TEST_CASE("a stream ends when its session does") {
  PagesHouse& house = shared_house();
  Browser ann = house.somebody(Role::worker);
  Listener listener(house.port, ann, "earnings");
  CHECK(listener.next().first == "earnings");
  CHECK(ann.post("/api/sign-out", json::object()).status == 200);
  CHECK(listener.when("refused", [](const json& data) { return data.at("code") == "on_behalf_not_granted"; })
            .is_object());
}

TEST_CASE("nobody listens with a token that was made up, or that has ended, while the account listens itself") {
  PagesHouse& house = shared_house();
  const Invited invited = house.invite(Role::worker, "Ann");
  Browser ann(house.port);
  Browser ended(house.port);
  REQUIRE(ended.sign_in(invited.line).status == 200);
  REQUIRE(ann.sign_in(house.invite_again(invited.account).line).status == 200);
  static_cast<void>(stack::must(house.market.admin->client(), EndGrants{invited.account, 1}));
  Listener herself(house.port, ann, "earnings");
  CHECK(herself.next().first == "earnings");
  Browser forged(house.port);
  forged.cookie = "tally=" + std::to_string(invited.account.value) + "-2-" + std::string(64, '0') + ".1";
  for (const Browser& other : {forged, ended}) {
    Listener thief(house.port, other, "earnings");
    const auto [name, data] = thief.next();
    CHECK(name == "refused");
    CHECK(data.at("code") == "on_behalf_not_granted");
    CHECK(data.at("topic") == "earnings");
  }
  // And she goes on.
  ProjectSpec spec = e2e::small_spec();
  spec.redundancy = {1, 1, 1};
  const ProjectId project = house.market.post(spec, e2e::numbered_items(1));
  const auto tasks = ann.post("/api/pull", {{"project", project.value}, {"count", 1}, {"wait_ms", 5'000}}).json();
  const json answer{{"assignment", tasks.at("tasks").at(0).at("assignment")}, {"values", {{"bird", {"wren"}}}}};
  CHECK(ann.post("/api/submit", {{"answers", {answer}}}).status == 200);
  CHECK_FALSE(herself.when("earnings", [](const json& data) { return data.at("rows").size() == 1; }).is_null());
}

TEST_CASE("what is no topic is refused, and so is nobody") {
  PagesHouse& house = shared_house();
  Browser ann = house.somebody(Role::worker);
  for (const std::string wrong :
       {"", "watch=", "watch=nothing", "watch=status:", "watch=status:x", "watch=status:-1", "watch=earnings,nothing",
        "watch=earnings,,earnings",
        "watch=status:1,status:2,status:3,status:4,status:5,status:6,status:7,status:8,status:9"}) {
    CHECK(ann.get("/api/events?" + wrong).status == 400);
  }
  CHECK(Browser(house.port).get("/api/events?watch=earnings").status == 401);
  CHECK(ann.get("/api/events?watch=earnings", {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
}

}  // namespace tally::gateway::testing
