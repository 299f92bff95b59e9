// Training before paid work: with the keyboard, and by a program.
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/worker-client/play.h"
#include "worker-client/exec_line.h"
#include "worker-client/exec_loop.h"
#include "worker-client/terminal_work.h"
#include "worker-client/training_text.h"

using namespace tally;
using namespace tally::worker;

namespace {

constexpr ProjectId birds{17};

// Two tasks: a robin, and a wren that is explained.
void set_training(PlayedBroker& broker) {
  broker.trainer.tasks = {{{"red.jpg"}, {{"bird", {"robin"}}}, ""},
                          {{"small.jpg"}, {{"bird", {"wren"}}}, "Its tail\x1b[2J\nstands up."}};
  broker.trainer.right_min = 2;
  broker.spec.training.tasks.resize(2);
}

struct Play {
  Play() {
    work.project = birds;
    work.leases_max = 10;
    work.answers_per_message_max = 10;
    work.stop_when_idle = true;
    work.patience = Duration{2'000};
    set_training(broker);
  }
  int type(std::vector<std::string> lines) {
    PlayedLines keyboard(std::move(lines));
    std::ostringstream screen;
    const int code = TerminalWork(broker, outbox, keyboard, stop, screen, work).run();
    lines_left = keyboard.left();
    said = screen.str();
    return code;
  }
  int exec(const std::string& script) {
    ExecConfig config;
    config.command = {find_program("python3"), folder.write("program.py", script), folder.path().string()};
    config.work = work;
    config.restart_after = Duration{1};
    std::ostringstream log;
    const int code = ExecLoop(broker, outbox, stop, log, config).run();
    said = log.str();
    return code;
  }

  ScratchFolder folder;
  Outbox outbox{folder.path() / "outbox"};
  PlayedBroker broker;
  PlayedStop stop;
  WorkConfig work;
  std::string said;
  std::size_t lines_left = 0;
};

// What answers a robin to everything.
const std::string robin = R"(
import json, sys
for line in sys.stdin:
    task = json.loads(line)
    print(json.dumps({"assignment": task["assignment"], "values": {"bird": "robin"}}), flush=True)
)";

// What looks at the picture.
const std::string expert = R"(
import json, sys
log = open(sys.argv[1] + "/lines", "a")
for line in sys.stdin:
    log.write(line)
    log.flush()
    task = json.loads(line)
    bird = "wren" if task["item"]["photo"] == "small.jpg" else "robin"
    print(json.dumps({"assignment": task["assignment"], "values": {"bird": bird}}), flush=True)
)";

}  // namespace

TEST_CASE("a person trains unpaid, is told after each answer what is right and why, and goes on to paid work") {
  Play play;
  play.broker.spec.training.grants = "birds";
  play.broker.tasks = {bird_task(1)};
  // A robin, then a wrong one; the next round is right.
  CHECK(play.type({"1", "", "y", "1", "", "y", "1", "", "y", "2", "3", "y", "1", "", "y"}) == 0);
  REQUIRE(play.broker.trainer.answers.size() == 4);
  CHECK(play.broker.trainer.answers[1].values == AnswerValues{{"bird", {"robin"}}});
  CHECK(play.broker.trainer.answers[3].round == 2);
  CHECK(play.broker.trainer.answers[3].values == AnswerValues{{"bird", {"wren"}}, {"count", {"3"}}});
  CHECK(play.broker.answers.size() == 1);
  CHECK(play.lines_left == 0);
  CHECK_THAT(play.said,
             Catch::Contains("Project 17, Birds, begins with training, which is not paid: 2 tasks, of which 2 must be "
                             "right; you have 2 rounds.") &&
                 Catch::Contains("Training, round 1, task 2 of 2: not paid\n") && Catch::Contains("Photo: small.jpg") &&
                 Catch::Contains("Not right. This is:\n  Which bird?  wren\nIts tail␛[2J\nstands up.\n") &&
                 Catch::Contains("Round 1: 1 of 2 right, 2 are needed; 1 round is left.") &&
                 Catch::Contains("Round 2: 2 of 2 right: the training is passed.") &&
                 Catch::Contains("It gives you the qualification 'birds'.\nPaid work begins."));
  CHECK(count_of(play.said, "Say which bird it is.") == 1);
  CHECK(play.said.find('\x1b') == std::string::npos);
}

TEST_CASE("answers in training are not kept in the outbox, and what is stopped goes on where the broker says") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    if (std::holds_alternative<Train>(request)) CHECK(play.outbox.load().answers.empty());
    return std::nullopt;
  };
  CHECK(play.type({"1", "", "y", ":skip", ":stop"}) == 0);
  CHECK_THAT(play.said, Catch::Contains("It cannot be skipped"));
  CHECK(play.broker.sent<HandBack>().empty());
  CHECK(play.broker.tasks.size() == 1);
  CHECK(play.type({"2", "", "y", "1", "", "y"}) == 0);
  CHECK_THAT(play.said, Catch::Contains("Training, round 1, task 2 of 2"));
  CHECK(play.broker.answers.size() == 1);
}

TEST_CASE("who did not pass is told so, and that it may not be tried again") {
  Play play;
  play.broker.trainer.rounds_max = 1;
  play.broker.standing.in_project.emplace().missing = "its training was not passed\x1b[2J";
  const bool by_program = GENERATE(false, true);
  CHECK((by_program ? play.exec(robin) : play.type({"1", "", "y", "1", "", "y"})) == 1);
  CHECK_THAT(play.said, Catch::Contains("1 of 2 right, 2 are needed; no round is left") &&
                            Catch::Contains("You cannot work on project 17: its training was not passed␛[2J. "
                                            "`tally-worker standing --project 17` shows how you stand"));
  REQUIRE(play.broker.sent<GetStanding>().size() == 1);
  CHECK(play.broker.sent<GetStanding>()[0].project == birds);
}

TEST_CASE("who is not qualified is told what is missing, and it ends") {
  Play play;
  play.broker.trainer = {};
  play.broker.why_none = NoWork::not_qualified;
  play.broker.standing.in_project.emplace().missing = "this project asks for the qualification 'french'";
  play.work.stop_when_idle = false;
  const bool by_program = GENERATE(false, true);
  CHECK((by_program ? play.exec(robin) : play.type({})) == 1);
  CHECK_THAT(play.said, Catch::Contains("You cannot work on project 17: this project asks for the qualification "
                                        "'french'. "));
}

TEST_CASE("nobody is led into unpaid training who has not named the project") {
  Play play;
  play.work.project.reset();
  const bool by_program = GENERATE(false, true);
  CHECK((by_program ? play.exec(robin) : play.type({})) == 0);
  CHECK(play.broker.sent<Train>().empty());
  CHECK_THAT(play.said, Catch::Contains("`tally-worker work --project NUMBER` begins it"));
}

TEST_CASE("a training that went on elsewhere is gone on with, and one that is over gives way to work") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  const auto code = GENERATE(RefusalCode::training_out_of_order, RefusalCode::training_over);
  const bool by_program = GENERATE(false, true);
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    const auto* train = std::get_if<Train>(&request);
    if (train == nullptr || !train->answer) return std::nullopt;
    play.broker.trainer.no = 2;  // Another program was there.
    play.broker.trainer.is_passed = code == RefusalCode::training_over;
    const Refusal refusal{code, "it is so", 0};
    play.broker.instead = nullptr;  // Ends this function's own captures.
    return Unexpected{refusal};
  };
  play.broker.trainer.right = 1;
  const std::vector<std::string> lines{"1", "", "y", "2", "", "y", "1", "", "y"};
  CHECK((by_program ? play.exec(expert) : play.type(lines)) == 0);
  CHECK(play.broker.trainer.is_passed);
  CHECK(play.broker.answers.size() == 1);
}

TEST_CASE("what the broker refuses in training ends the work with the reason") {
  Play play;
  play.broker.instead = [](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    if (!std::holds_alternative<Train>(request)) return std::nullopt;
    return Unexpected{Refusal{RefusalCode::project_not_open, "the project is paused", 0}};
  };
  const bool by_program = GENERATE(false, true);
  CHECK((by_program ? play.exec(robin) : play.type({})) == 1);
  CHECK_THAT(play.said, Catch::Contains("raining cannot go on: the project is paused"));
}

TEST_CASE("a program that knows nothing of training does it like other tasks, and the log has the feedback") {
  Play play;
  play.broker.trainer.right_min = 1;
  play.broker.tasks = {bird_task(1), bird_task(2)};
  CHECK(play.exec(robin) == 0);
  CHECK(play.broker.trainer.answers.size() == 2);
  CHECK(play.broker.answers.size() == 2);
  CHECK_THAT(play.said, Catch::Contains("project 17 begins with training, which is not paid: 2 tasks") &&
                            Catch::Contains("training, round 1, task 1: right\n") &&
                            Catch::Contains("task 2: not right; right is bird=wren (Its tail␛[2J␊stands up.)\n") &&
                            Catch::Contains("training, round 1: 1 of 2 right: the training is passed"));
}

TEST_CASE("a program is told of its training answer with the line after it") {
  Play play;
  play.broker.tasks = {bird_task(1), bird_task(2)};
  CHECK(play.exec(expert) == 0);
  std::ifstream file(play.folder.path() / "lines");
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].at("training") == true);
  CHECK(lines[0].at("assignment") == "training-1-1");
  CHECK(lines[0].at("round") == 1);
  CHECK(lines[0].at("no") == 1);
  CHECK(lines[0].at("reward") == "0.00");
  CHECK_FALSE(lines[0].contains("feedback"));
  CHECK(lines[1].at("feedback").at("right") == true);
  CHECK(lines[1].at("feedback").at("no") == 1);
  CHECK(lines[2].at("assignment") == "a17.1.1");
  CHECK_FALSE(lines[2].contains("training"));
  CHECK(lines[2].at("feedback").at("gold") == nlohmann::json{{"bird", {"wren"}}});
  CHECK_FALSE(lines[3].contains("feedback"));
}

TEST_CASE("a program that fails in training is given the task again, and is given up after five times") {
  Play play;
  CHECK(play.exec(R"(
import json, sys
for line in sys.stdin:
    print(json.dumps({"assignment": json.loads(line)["assignment"], "skip": True}), flush=True)
)") == 1);
  CHECK(play.broker.trainer.answers.empty());
  CHECK(play.broker.sent<HandBack>().empty());
  CHECK(count_of(play.said, "it skipped a training task, which cannot be skipped; its training task is given again") ==
        5);
  CHECK_THAT(play.said, Catch::Contains("5 times in a row"));
}
