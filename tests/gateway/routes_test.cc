// Every route tried with every role, and with another account's ids: the table of docs/security.md is made here.
// TALLY_WRITE_DOCS=1 writes it.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "common/codec/messages_codec.h"
#include "common/codec/messages_json.h"
#include "tests/gateway/pages_house.h"

namespace tally::gateway::testing {
namespace {

using nlohmann::json;

std::string source(const std::string& path) {
  const char* top = std::getenv("TALLY_SOURCE_DIR");
  return std::string(top == nullptr ? "." : top) + '/' + path;
}
std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}
bool writes_docs() { return std::getenv("TALLY_WRITE_DOCS") != nullptr; }

constexpr const char* table_begins = "<!-- routes: made by tests/gateway/routes_test.cc -->\n";
constexpr const char* table_ends = "<!-- routes end -->\n";

// The document with this table in the place of the one it has.
std::string with_table(const std::string& document, const std::string& table) {
  const std::size_t begin = document.find(table_begins);
  const std::size_t end = document.find(table_ends);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  return document.substr(0, begin) + table_begins + table + document.substr(end);
}

// What a route says to an empty body: whether the role may use it at all.
std::string word_for(const Answer& answer) {
  if (answer.status == 401) return "signed out";
  if (answer.status == 403 && answer.code() == "role_not_allowed") return "no";
  return "yes";
}

}  // namespace

TEST_CASE("each route of the API answers the roles that docs/security.md says, and no other") {
  PagesHouse house;
  std::map<std::string, Browser> browsers;
  for (const auto& [name, role] :
       {std::pair("worker", Role::worker), {"requester", Role::requester}, {"admin", Role::admin}}) {
    browsers.emplace(name, house.somebody(role, name));
  }
  const std::set<std::string> hidden{"join", "open_grant", "renew_grant"};
  std::string table = "| route | signed out | worker | requester | admin |\n|---|---|---|---|---|\n";
  for (const auto& request : codec::describe_requests()) {
    if (hidden.contains(request.name)) continue;
    INFO(request.name);
    const std::string path = "/api/" + request.name;
    // With ids that nothing has, so that little is changed.
    json body = json::object();
    const json required = request.body.value("required", json::array());
    for (const json& name : required) {
      const json& type = request.body.at("properties").at(name.get<std::string>());
      const std::string pattern = type.value("pattern", "");
      body[name.get<std::string>()] =
          type.at("type") == "integer" ? json(4'711'000) : json(std::string(1, pattern.at(1)) + "4711000.1.1");
    }
    for (const std::string named : {"key", "run"}) {
      if (request.body.at("properties").contains(named)) body[named] = "a name";
    }
    // A project must be a good one before anybody asks who it is that opens it.
    if (request.name == OpenProject::name)
      body = codec::to_json(Request{OpenProject{"a name", e2e::small_spec(), 1, 0}});
    const Answer nobody = Browser(house.port).post(path, body);
    CHECK(nobody.status == 401);
    table += "| `" + path + "` | " + (nobody.status == 401 ? "no" : "yes") + " |";
    for (const std::string role : {"worker", "requester", "admin"}) {
      const Answer answer = browsers.at(role).post(path, body);
      const bool may = std::find(request.roles.begin(), request.roles.end(), role) != request.roles.end();
      INFO(role << ' ' << answer.status << ' ' << answer.body);
      CHECK(word_for(answer) == (may ? "yes" : "no"));
      CHECK(answer.status != 500);
      table += ' ' + word_for(answer) + " |";
      // Ended by itself, when that was what was asked for.
      if (browsers.at(role).get("/api/session").json().is_null()) {
        browsers.at(role) = house.somebody(*from_name<Role>(role), role);
      }
    }
    table += '\n';
  }
  const std::string path = source("docs/security.md");
  const std::string made = with_table(text_of(path), table);
  if (writes_docs()) std::ofstream(path) << made;
  CHECK(text_of(path) == made);
}

TEST_CASE("nobody reaches what is another account's") {
  PagesHouse& house = shared_house();
  ProjectSpec spec = e2e::small_spec();
  spec.redundancy = {1, 1, 1};
  spec.pay = PayPolicy::review;
  const ProjectId project = house.market.post(spec, e2e::numbered_items(2));
  Browser ann = house.somebody(Role::worker, "Ann");
  Browser bob = house.somebody(Role::worker, "Bob");
  Browser other = house.somebody(Role::requester, "Other");
  const auto tasks = ann.post("/api/pull", {{"project", project.value}, {"count", 2}, {"wait_ms", 5'000}}).json();
  const json anns = tasks.at("tasks").at(0).at("assignment");
  const json answer{{"assignment", anns}, {"values", {{"bird", {"wren"}}}}};
  const json id{{"project", project.value}};

  CHECK(bob.post("/api/submit", {{"answers", {answer}}}).json().at("outcomes").at(0).at("accepted") == false);
  CHECK(bob.post("/api/hand_back", {{"assignment", anns}}).status == 403);
  CHECK(bob.post("/api/take_back_skip", {{"assignment", anns}}).status == 403);
  CHECK(ann.post("/api/submit", {{"answers", {answer}}}).json().at("outcomes").at(0).at("accepted") == true);
  for (const std::string read : {"get_status", "get_results", "get_support"}) {
    INFO(read);
    CHECK(other.post("/api/" + read, id).status == 403);
  }
  CHECK(other.post("/api/review", {{"assignment", anns}, {"approve", true}}).status == 403);
  CHECK(other.post("/api/bonus", {{"key", "k"}, {"assignment", anns}, {"amount", "0.01"}}).status == 403);
  CHECK(other.post("/api/extend", {{"key", "k"}, {"project", project.value}, {"deadline_ms", 9'999'999'999'999}})
            .status == 403);
  CHECK(other.post("/api/change_project", {{"project", project.value}, {"action", "cancel"}}).status == 403);
  CHECK(other.post("/api/post_items", {{"project", project.value}, {"first", 1}}).status == 403);
  const std::int64_t anns_account = ann.get("/api/session").json().at("account");
  CHECK(bob.post("/api/end_grants", {{"account", anns_account}}).status == 403);
  CHECK(bob.post("/api/list_grants", {{"account", anns_account}}).status == 403);
  CHECK(bob.post("/api/get_standing", {{"account", anns_account}}).status == 403);
  CHECK(ann.get("/api/session").json().at("account") == anns_account);
}

TEST_CASE("the API for programs is what the gateway serves") {
  PagesHouse& house = shared_house();
  const json served = Browser(house.port).get("/api/openapi.json").json();
  const std::string path = source("docs/openapi.json");
  if (writes_docs()) std::ofstream(path) << served.dump(1) << '\n';
  CHECK(json::parse(text_of(path)) == served);
  Browser admin = house.somebody(Role::admin, "Ada");
  const json& paths = served.at("paths");
  for (const auto& [route, methods] : paths.items()) {
    INFO(route);
    for (const auto& [method, operation] : methods.items()) {
      const Answer answer = method == "get" ? admin.get(route) : admin.ask("POST", route, "", {});
      CHECK(answer.status != 404);
      CHECK(answer.status != 405);
    }
  }
}

}  // namespace tally::gateway::testing
