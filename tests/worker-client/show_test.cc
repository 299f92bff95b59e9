#include "worker-client/show.h"

#include "tests/worker-client/play.h"
#include "worker-client/earned.h"
#include "worker-client/projects.h"

using namespace tally;
using namespace tally::worker;

TEST_CASE("the list of projects shows number, title, pay, open tasks and deadline") {
  ProjectRow row;
  row.project = ProjectId{17};
  row.title = "Birds\x1b[2J";
  row.reward = Micros{50'000};
  row.items = 600;
  row.closed = 20;
  row.deadline_ms = 4'102'444'800'000;
  const std::string text = projects_text(std::vector{row}, "USD");
  CHECK_THAT(text, Catch::Contains("17  Birds␛[2J") && Catch::Contains("0.05 USD") && Catch::Contains("580") &&
                       Catch::Contains("2100-01-01"));
  CHECK_THAT(projects_text({}, "USD"), Catch::Contains("No project is open"));
}

TEST_CASE("a project's page shows what is asked, and no text of others steers the terminal") {
  ProjectSpec spec = bird_spec();
  spec.instructions = "First.\nThen\x1b[5m.";
  spec.tasks_per_worker_max = 5;
  spec.form.push_back({"h", "hologram", "From a newer broker", false, {}, {}});
  const std::string text = project_text({ProjectId{17}, ProjectState::open, spec}, "USD");
  CHECK_THAT(text, Catch::Contains("First.\nThen␛[5m.\n") && Catch::Contains("Which bird?") &&
                       Catch::Contains("- robin") && Catch::Contains("a number from 0 to 10") &&
                       Catch::Contains("may do 5 tasks") && Catch::Contains("0.05 USD") &&
                       Catch::Contains("work --project 17") && Catch::Contains("type hologram"));
}

TEST_CASE("earnings show every sum, and the whole reason of each unpaid answer") {
  EarningsPage page;
  page.wallet = Micros{1'000'000};
  page.on_the_way = Micros{20'000};
  page.paid_out = Micros{3'000'000};
  page.answers_waiting = 4;
  page.payout_address = "me@example.org\x1b[2J";
  std::vector<EarningsRow> rows;
  rows.push_back({assignment(1), ProjectId{17}, 1'700'000'000'000, PayState::unpaid, Micros{50'000},
                  "You wrote " + std::string(200, 'x')});
  rows.push_back({assignment(2), ProjectId{17}, 1'700'000'000'000, PayState::unpaid, Micros{50'000}, ""});
  rows.push_back({assignment(3), ProjectId{17}, 1'700'000'000'000, PayState::paid, Micros{50'000}, ""});
  rows.push_back({assignment(4), ProjectId{17}, 1'700'000'000'000, PayState::unpaid, Micros{0}, "disagrees_on:bird"});
  rows.push_back({assignment(5), ProjectId{17}, 1'700'000'000'000, PayState::unpaid, Micros{0}, "of_the_future:x"});
  const std::string text = earnings_text(page, rows, "USD");
  CHECK_THAT(text, Catch::Contains("1.00 USD") && Catch::Contains("0.02 USD") && Catch::Contains("3.00 USD") &&
                       Catch::Contains("me@example.org␛[2J") && Catch::Contains("You wrote " + std::string(200, 'x')) &&
                       Catch::Contains("differs from the verdict on bird\n") && Catch::Contains("of_the_future:x\n") &&
                       Catch::Contains("(none was given)") && Catch::Contains("a17.1.3"));
  CHECK(count_of(text, "none was given") == 1);
  page.payout_address.clear();
  CHECK_THAT(earnings_text(page, {}, ""), Catch::Contains("payout-address ADDRESS"));
}

TEST_CASE("what answers bring moves from waiting to paid or unpaid with the news") {
  Earned earned;
  earned.outcome({assignment(1), true, std::nullopt, "", Micros{0}}, Micros{50'000});
  earned.outcome({assignment(2), true, std::nullopt, "", Micros{50'000}}, Micros{50'000});
  earned.outcome({assignment(3), true, std::nullopt, "", Micros{0}}, Micros{50'000});
  earned.outcome({assignment(3), true, std::nullopt, "", Micros{0}}, Micros{50'000});
  earned.outcome({assignment(4), false, RefusalCode::task_closed, "", Micros{0}}, Micros{50'000});
  CHECK(to_text(earned.sums(), "USD") == "3 answers: 0.05 USD paid, 0.10 USD waiting (2), 1 refused");
  const std::vector<EarningsRow> rows{{assignment(1), ProjectId{17}, 0, PayState::paid, Micros{50'000}, ""},
                                      {assignment(3), ProjectId{17}, 0, PayState::unpaid, Micros{50'000}, "why"},
                                      {assignment(9), ProjectId{17}, 0, PayState::paid, Micros{50'000}, ""}};
  earned.news(rows);
  earned.news(rows);
  CHECK(to_text(earned.sums(), "") == "3 answers: 0.10 paid, 0.00 waiting (0), 1 not paid, 1 refused");
}

TEST_CASE("the time left is shown in minutes, and never below zero") {
  CHECK(time_left_text(Duration{581'999}) == "9:41");
  CHECK(time_left_text(Duration{7'380'000}) == "2:03:00");
  CHECK(time_left_text(Duration{-5}) == "0:00");
}
