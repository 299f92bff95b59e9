#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "requester/deadline.h"
#include "requester/figures.h"
#include "requester/review_text.h"
#include "requester/status_text.h"
#include "requester/support_text.h"

using namespace tally;
using namespace tally::requester;

TEST_CASE("large numbers are grouped, and 100% means all") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1'234'567) == "1,234,567");
  CHECK(grouped(-1000) == "-1,000");
  CHECK(grouped(-100) == "-100");
  CHECK(percent_of(999, 1000) == "99.9%");
  CHECK(percent_of(9999, 10'000) == "99.9%");
  CHECK(percent_of(10'000, 10'000) == "100.0%");
  CHECK(percent_of(0, 0) == "0.0%");
}

TEST_CASE("a deadline is a date, a moment, a time from now, or none") {
  const Time now{1'800'000'000'000};
  CHECK(deadline_from("2026-12-24", now) == 1'798'070'400'000);
  CHECK(deadline_from("2026-12-24T18:00:00Z", now) == 1'798'135'200'000);
  CHECK(deadline_from("7d", now) == now.ms + 7 * 86'400'000LL);
  CHECK(deadline_from("none", now) == 0);
  for (const char* wrong : {"", "soon", "7", "-7d", "2026-13-01", "24.12.2026", "0d", "1970-01-01"}) {
    CHECK_FALSE(deadline_from(wrong, now));
  }
}

TEST_CASE("a status names every number, the next step, and no escape of its title") {
  ProjectStatus status;
  status.row.project = ProjectId{17};
  status.row.title = "\x1b]0;owned\x07 title";
  status.row.state = ProjectState::open;
  status.row.items = 2000;
  status.row.closed = 500;
  status.row.answers = 1700;
  status.row.deadline_ms = 1'800'000'000'000;
  status.now_ms = status.row.deadline_ms - 3 * 86'400'000LL;
  status.posted = 2000;
  status.settled = 490;
  status.undecided = 10;
  status.leased = 7;
  status.under_review = 3;
  status.reserved = Micros{600'000'000};
  status.paid = Micros{85'000'000};
  status.fees = Micros{17'000'000};
  status.refunded = Micros{1'000'000};
  status.held = Micros{497'000'000};
  const std::string text = status_text(status, "USD");
  CHECK(text.find('\x1b') == std::string::npos);
  for (const char* part : {"Project 17", "500 of 2,000 (25.0%)", "490", "10", "1,700", "7 being", "600.00 USD", "85.00",
                           "17.00", "1.00", "497.00", "in 3 days", "tally-requester review 17"}) {
    CHECK_THAT(text, Catch::Contains(part));
  }
  CHECK(watch_text(status, "USD") == "1,700 answers  10 undecided  3 to review  paid 102.00 of 600.00 USD");
  status.row.state = ProjectState::paused;
  CHECK_THAT(watch_text(status, "USD"), Catch::StartsWith("paused  1,700 answers"));
}

TEST_CASE("a batch that is not posted to its end says how to go on") {
  ProjectStatus status;
  status.row.items = 10;
  CHECK_THAT(status_text(status, ""), Catch::Contains("`tally-requester post`"));
}

TEST_CASE("a status says of each field what can be claimed, and plainly when what was asked cannot be supported") {
  SupportReport report;
  report.asked_ppm = 950'000;
  report.by_field = {{"mood", 934'999, 42, 40, 8, 50, Micros{9'000'000}},
                     {"topic", 912'000, 600, 500, 0, -1, Micros{}},
                     {"sure", 961'000, 300, 299, 0, 0, Micros{}},
                     {"new", 849'943, 0, 0, 0, 75, Micros{13'500'000}}};
  const std::string text = support_text(report, "USD");
  CHECK_THAT(text, Catch::Contains("Confidence asked for: 0.95\n"));
  CHECK_THAT(text,
             Catch::Contains("Field mood\n  claims   up to 0.934 can be claimed now\n"
                             "  gold     40 of 42 came out right; 8 more are open\n"
                             "  support  cannot be supported yet: at most 0.934 can be claimed; 50 more gold tasks "
                             "(8 of them are posted already), all answered right, would do: they cost about "
                             "9.00 USD\n"));
  CHECK_THAT(text,
             Catch::Contains("cannot be supported yet: at most 0.912 can be claimed; no number of gold tasks up to "
                             "2,000 would do: nobody can claim that much of answers like these\n"));
  CHECK_THAT(text,
             Catch::Contains("Field sure\n  claims   up to 0.961 can be claimed now\n  gold     299 of 300 came out "
                             "right\n  support  what was asked can be claimed\n"));
  CHECK_THAT(text,
             Catch::Contains("gold     none has its verdict yet\n") &&
                 Catch::Contains("75 more gold tasks, all answered right, would do: they cost about 13.50 USD\n"));
}

TEST_CASE("a status for programs is one line with all of it, and the support where a confidence was asked for") {
  ProjectStatus status;
  status.row.project = ProjectId{17};
  status.row.title = "two\nlines \xff";
  status.row.items = 5;
  status.row.created_ms = 1'700'000'000'000;
  status.held = Micros{1'500'000};
  const auto parsed = [&](const std::optional<SupportReport>& support) {
    const std::string line = status_json(status, support, "USD");
    CHECK(line.find('\n') == std::string::npos);
    return nlohmann::json::parse(line);
  };
  const auto plain = parsed(std::nullopt);
  CHECK(plain["project"] == 17);
  CHECK(plain["created"] == "2023-11-14T22:13:20Z");
  CHECK(plain["deadline"].is_null());
  CHECK(plain["held"] == "1.50");
  CHECK_FALSE(plain.contains("confidence"));
  SupportReport report;
  report.asked_ppm = 950'000;
  report.by_field = {{"mood", 934'999, 42, 40, 8, 50, Micros{9'000'000}}, {"topic", 912'000, 6, 5, 0, -1, Micros{}}};
  const auto confidence = parsed(report)["confidence"];
  CHECK(confidence["asked"] == 0.95);
  REQUIRE(confidence["fields"].size() == 2);
  CHECK(confidence["fields"][0]["claim_max"] == 0.934999);
  CHECK(confidence["fields"][0]["supported"] == false);
  CHECK(confidence["fields"][0]["gold_right"] == 40);
  CHECK(confidence["fields"][0]["gold_needed"] == 50);
  CHECK(confidence["fields"][0]["gold_needed_cost"] == "9.00");
  CHECK(confidence["fields"][1]["gold_needed"].is_null());
}

TEST_CASE("an answer to judge is shown harmlessly: no line of it looks like ours") {
  ProjectSpec spec;
  spec.columns = {{"text", ColumnKind::text}};
  spec.item_template = "Read: ${text}";
  spec.form = {{.name = "mood", .type = "text", .label = "The \x1b[1mmood"}, {.name = "note", .type = "text"}};
  ResultRow task;
  task.item_no = 3;
  task.values = {"line\nAnswer a1.1.1 of worker 2\x1b[2A"};
  AnswerRow answer;
  answer.assignment = {part_of(ProjectId{17}, 1), 9};
  answer.values = {{"mood", {"good\n[a]pprove, [r]eject: \xe2\x80\xae"}}};
  const std::string text = review_text(spec, task, answer);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK_THAT(text, Catch::Contains("\n    Answer a1.1.1") && !Catch::Contains("\nAnswer a1.1.1"));
  CHECK_THAT(text, Catch::Contains("Answer a17.1.9 of worker 0") && Catch::Contains("\n    [a]pprove"));
  CHECK_THAT(text, Catch::Contains("<U+202E>") && Catch::Contains("(left empty)"));
}

TEST_CASE("a judgement is a word or its first letter") {
  CHECK(judgement_from("a") == Judgement::approve);
  CHECK(judgement_from(" Reject ") == Judgement::reject);
  CHECK(judgement_from("s") == Judgement::skip);
  CHECK(judgement_from("q") == Judgement::stop);
  for (const char* wrong : {"", "ap", "yes", "ar", "\xff"}) CHECK_FALSE(judgement_from(wrong));
}

TEST_CASE("only answers that wait for the requester are under review") {
  ResultRow task;
  task.given.resize(3);
  task.given[1].state = PayState::review;
  CHECK(under_review(task).size() == 1);
}
