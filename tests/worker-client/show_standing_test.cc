#include "worker-client/show_standing.h"

#include <nlohmann/json.hpp>

#include "tests/worker-client/play.h"

using namespace tally;
using namespace tally::worker;

namespace {

constexpr ProjectId birds{17};

StandingPage page() {
  StandingPage page;
  page.account = AccountId{300};
  page.over_all = {120, 114, 20, 19};
  page.qualifications = {{"birds\x1b[2J", 90, GrantedBy::training, birds, 1'700'000'000'000},
                         {"french", 100, GrantedBy::admin, std::nullopt, 1'700'000'000'000}};
  return page;
}

}  // namespace

TEST_CASE("a standing shows counts, the share with its interval, and qualifications with who gave them") {
  const std::string text = standing_text(page(), std::nullopt);
  CHECK_THAT(text, Catch::Contains("114 of 120, 95.0% (95% interval: 89.5% to 97.6%)") &&
                       Catch::Contains("19 of 20, 95.0%") && Catch::Contains("training of project 17") &&
                       Catch::Contains("french") && Catch::Contains("birds␛[2J"));
  CHECK(text.find("In project") == std::string::npos);
  const std::string nothing = standing_text({}, std::nullopt);
  CHECK_THAT(nothing, Catch::Contains("You hold no qualification"));
  CHECK(nothing.find('%') == std::string::npos);
}

TEST_CASE("a standing in a project shows training, known answers, and what is missing") {
  StandingPage of = page();
  ProjectStanding& in = of.in_project.emplace();
  CHECK_THAT(standing_text(of, birds), Catch::Contains("In project 17:") && Catch::Contains("none is asked for") &&
                                           Catch::Contains("Nothing is missing: tally-worker work --project 17"));
  in.training_tasks = 5;
  in.rounds_left = 1;
  in.gold = 4;
  in.right = 3;
  in.no_work = NoWork::training_needed;
  in.missing = "this project begins with a training round";
  CHECK_THAT(standing_text(of, birds), Catch::Contains("5 tasks a round, not passed yet, 1 round left") &&
                                           Catch::Contains("3 of 4, 75.0%") &&
                                           Catch::Contains("Missing: this project begins with a training round.\n") &&
                                           Catch::Contains("begins with the training"));
  in.rounds_left = 0;
  in.no_work = NoWork::training_failed;
  in.missing.clear();
  CHECK_THAT(standing_text(of, birds), Catch::Contains("may not be tried again"));
}

TEST_CASE("a standing for programs is one line") {
  StandingPage of = page();
  of.in_project.emplace().no_work = NoWork::not_qualified;
  of.in_project->missing = "the qualification 'french'";
  const std::string line = standing_json(of, birds);
  CHECK(line.find('\n') == line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  CHECK(json.at("judged").at("answers") == 120);
  CHECK(json.at("judged").at("share") == Approx(0.95));
  CHECK(json.at("judged").at("interval_95")[0] == Approx(0.895).margin(0.001));
  CHECK(json.at("qualifications")[0].at("project") == 17);
  CHECK(json.at("qualifications")[1].at("project").is_null());
  CHECK(json.at("in_project").at("no_work") == "not_qualified");
  CHECK(json.at("in_project").at("training").at("passed") == false);
  CHECK_FALSE(nlohmann::json::parse(standing_json({}, std::nullopt)).at("judged").contains("share"));
}
