#include "worker-client/terminal_work.h"

#include <csignal>
#include <sstream>
#include <sys/resource.h>

#include "tests/worker-client/play.h"

using namespace tally;
using namespace tally::worker;

namespace {

struct Play {
  Play() {
    config.leases_max = 10;
    config.answers_per_message_max = 10;
    config.stop_when_idle = true;
    config.currency = "USD";
    config.patience = Duration{10};
  }
  int run(std::vector<std::string> lines) {
    PlayedLines keyboard(std::move(lines));
    keyboard.before_line = before_line;
    const int code = TerminalWork(broker, outbox, keyboard, stop, screen, config).run();
    lines_left = keyboard.left();
    said = screen.str();
    return code;
  }

  ScratchFolder folder;
  Outbox outbox{folder.path() / "outbox"};
  PlayedBroker broker;
  PlayedStop stop;
  WorkConfig config;
  std::ostringstream screen;
  std::function<void(const std::string&)> before_line;
  std::string said;
  std::size_t lines_left = 0;
};

}  // namespace

TEST_CASE("a person answers tasks with the keyboard, and sees the item, what was paid and what waits") {
  Play play;
  play.broker.tasks = {bird_task(1), bird_task(2, "2.jpg")};
  play.broker.pays = Micros{50'000};
  CHECK(play.run({"1", "", "y", "wren", "2", "y"}) == 0);
  CHECK(play.broker.answers.at(assignment(1)) == AnswerValues{{"bird", {"robin"}}});
  CHECK(play.broker.answers.at(assignment(2)) == AnswerValues{{"bird", {"wren"}}, {"count", {"2"}}});
  CHECK(play.outbox.load().answers.empty());
  CHECK_THAT(play.said, Catch::Contains("Task t17.1.1 of project 17, Birds: 0.05 USD, ") &&
                            Catch::Contains("Photo: 2.jpg") && Catch::Contains("accepted, 0.05 USD paid") &&
                            Catch::Contains("2 answers: 0.10 USD paid, 0.00 USD waiting (0)"));
  CHECK(count_of(play.said, "Say which bird it is.") == 1);
  CHECK(count_of(play.said, "This session: 2 answers: 0.10 USD paid") == 1);
  // The second task came with the acknowledgement of the first; the last pull found that there are no more.
  CHECK(play.broker.sent<Pull>().size() == 2);
}

TEST_CASE("what waits for a verdict is asked for again, and shown as it is now") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    if (!std::holds_alternative<Earnings>(request)) return std::nullopt;
    EarningsPage page;
    page.rows.push_back({assignment(1), ProjectId{17}, 0, PayState::paid, Micros{50'000}, ""});
    return Reply{page};
  };
  CHECK(play.run({"1", "", "y"}) == 0);
  CHECK_THAT(play.said, Catch::Contains("1 answer: 0.05 USD paid, 0.00 USD waiting (0)"));
}

TEST_CASE("tasks are skipped and returned, and the last one is taken back with its draft put by") {
  Play play;
  play.broker.tasks = {bird_task(1), bird_task(2), bird_task(3)};
  CHECK(play.run({":skip", ":return", "wren", ":unskip", "robin", "", "y", "", "y"}) == 0);
  CHECK(play.broker.handed_back(HandBackHow::skipped) == std::vector{assignment(1)});
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(2)});
  REQUIRE(play.broker.sent<TakeBackSkip>().size() == 1);
  CHECK(play.broker.sent<TakeBackSkip>()[0].assignment == assignment(2));
  // The one taken back came first; the third went on where it was left, with its wren.
  CHECK(play.broker.answers.at(assignment(102)) == AnswerValues{{"bird", {"robin"}}});
  CHECK(play.broker.answers.at(assignment(3)) == AnswerValues{{"bird", {"wren"}}});
  CHECK(play.lines_left == 0);
}

TEST_CASE("there is nothing to take back where nothing was skipped") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  CHECK(play.run({":unskip", "1", "", "y"}) == 0);
  CHECK_THAT(play.said, Catch::Contains("no task that you skipped"));
  CHECK(play.broker.answers.size() == 1);
}

TEST_CASE("stopping hands back the task on the screen") {
  Play play;
  play.broker.tasks = {bird_task(1), bird_task(2)};
  CHECK(play.run({"1", ":stop"}) == 0);
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(1)});
  CHECK(play.broker.answers.empty());
  CHECK(play.broker.tasks.size() == 1);
}

TEST_CASE("an item and a title cannot steer the terminal") {
  Play play;
  play.broker.tasks = {bird_task(1, "\x1b[2J\x1b]0;owned\x07\u202egpj.1\r\nline two\u009bm")};
  play.broker.spec.title = "Birds\x1b[31m\nTask t1.1.1";
  play.broker.spec.instructions = "Look\x1b[5m\nclosely";
  CHECK(play.run({"1", "", "y"}) == 0);
  for (const char* bad : {"\x1b", "\x07", "\u202e", "\r", "\u009bm"}) CHECK(play.said.find(bad) == std::string::npos);
  CHECK_THAT(play.said, Catch::Contains("␛[2J") && Catch::Contains("\nline two") &&
                            Catch::Contains("Look␛[5m\nclosely") && Catch::Contains("Birds␛[31m␊Task t1.1.1"));
}

TEST_CASE("answers of a run that was cut are sent before anything else") {
  Play play;
  play.outbox.put({assignment(40), {{"bird", {"wren"}}}});
  static_cast<void>(play.folder.write("outbox/a17.1.41.answer", "damaged"));
  play.broker.tasks = {bird_task(1)};
  CHECK(play.run({"1", "", "y"}) == 0);
  REQUIRE_FALSE(play.broker.requests.empty());
  CHECK(std::get<Submit>(play.broker.requests.front()).answers[0].assignment == assignment(40));
  CHECK(play.broker.answers.size() == 2);
  CHECK(play.outbox.load().answers.empty());
  CHECK_THAT(play.said, Catch::Contains("a17.1.41.answer.damaged"));
}

TEST_CASE("an answer is on disk before it is sent, and stays there when no acknowledgement comes") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    if (std::holds_alternative<Submit>(request)) {
      CHECK(play.outbox.load().answers.size() == 1);
      play.broker.cut = true;
      play.stop.request();
      play.stop.request();
    }
    return std::nullopt;
  };
  CHECK(play.run({"1", "", "y"}) == 3);
  CHECK(play.outbox.load().answers.size() == 1);
  CHECK_THAT(play.said, Catch::Contains("kept in") && Catch::Contains("sent at the next start"));
}

TEST_CASE("where the disk is full nothing is sent, the answer is not lost, and can be sent when there is room") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  int sends = 0;
  play.before_line = [&](const std::string& line) {
    if (line != "y") return;
    rlimit now = before;
    if (++sends == 1) now.rlim_cur = 0;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &now) == 0);
  };
  const int code = play.run({"1", "", "y", "y"});
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(code == 0);
  CHECK(play.broker.answers.size() == 1);
  CHECK(play.broker.sent<Submit>().size() == 1);
  CHECK_THAT(play.said, Catch::Contains("cannot keep the answer in") && Catch::Contains("Nothing was sent"));
}

TEST_CASE("a refused answer is shown with its reason, and work goes on") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    const auto* submit = std::get_if<Submit>(&request);
    if (submit == nullptr) return std::nullopt;
    Submitted reply;
    reply.outcomes.push_back(
        {submit->answers[0].assignment, false, RefusalCode::lease_expired, "the place was given away\x1b[2J", {}});
    reply.tasks.push_back(bird_task(2));
    play.broker.instead = nullptr;
    return Reply{reply};
  };
  CHECK(play.run({"1", "", "y", "2", "", "y"}) == 0);
  CHECK(play.broker.answers.size() == 1);
  CHECK(play.outbox.load().answers.empty());
  CHECK_THAT(play.said, Catch::Contains("a17.1.1: refused: the place was given away␛[2J"));
}

TEST_CASE("why there is no work is said in words") {
  const auto [why, words] = GENERATE(table<NoWork, std::string>({{NoWork::no_open_project, "no project is open to you"},
                                                                 {NoWork::had_every_task, "you had every task"},
                                                                 {NoWork::project_paused, "paused"}}));
  Play play;
  play.broker.why_none = why;
  CHECK(play.run({}) == 0);
  CHECK_THAT(play.said, Catch::Contains(words));
}

TEST_CASE("a task of a form that this program does not know is returned, three times at most") {
  Play play;
  for (std::int32_t no = 1; no <= 10; ++no) play.broker.tasks.push_back(bird_task(no));
  play.broker.spec.item_template = "${column_of_the_future}";
  CHECK(play.run({}) == 1);
  CHECK(play.broker.handed_back(HandBackHow::returned).size() == 3);
  CHECK_THAT(play.said, Catch::Contains("cannot show a task of project 17"));
}

TEST_CASE("a suspended worker is told so, and it ends") {
  Play play;
  play.broker.instead = [](const Request&) -> std::optional<PlayedBroker::AnyReply> {
    return Unexpected{Refusal{RefusalCode::account_suspended, "this account is suspended", 0}};
  };
  CHECK(play.run({}) == 1);
  CHECK_THAT(play.said, Catch::Contains("this account is suspended"));
}

TEST_CASE("a person who waits for work can stop at any time") {
  Play play;
  play.config.stop_when_idle = false;
  play.broker.when_empty = [&] {
    if (play.broker.sent<Pull>().size() == 2) play.stop.request();
  };
  CHECK(play.run({}) == 0);
  CHECK_THAT(play.said, Catch::Contains("Waiting; :stop and Enter, or Ctrl-C, ends."));
}
