#include "worker-client/exec_loop.h"

#include <sstream>
#include <thread>

#include "tests/worker-client/play.h"

using namespace tally;
using namespace tally::worker;

namespace {

// What answers every task with a robin.
const std::string robin = R"(
import json, sys
for line in sys.stdin:
    task = json.loads(line)
    print(json.dumps({"assignment": task["assignment"], "values": {"bird": "robin"}}), flush=True)
)";

struct Play {
  ExecConfig config(const std::string& script) {
    ExecConfig made;
    made.command = {find_program("python3"), folder.write("program.py", script), folder.path().string()};
    made.work.stop_when_idle = true;
    made.work.answers_per_message_max = 100;
    made.work.leases_max = 100;
    made.work.patience = Duration{2'000};
    made.restart_after = Duration{1};
    made.end_patience_ms = 2'000;
    return made;
  }
  int run(const ExecConfig& made) {
    std::ostringstream log;
    const int code = ExecLoop(broker, outbox, stop, log, made).run();
    said = log.str();
    return code;
  }
  int run(const std::string& script) { return run(config(script)); }

  ScratchFolder folder;
  Outbox outbox{folder.path() / "outbox"};
  PlayedBroker broker;
  PlayedStop stop;
  std::string said;
};

}  // namespace

TEST_CASE("a program answers every task, and the run ends when there is no more work") {
  Play play;
  for (std::int32_t no = 1; no <= 20; ++no) play.broker.tasks.push_back(bird_task(no));
  play.broker.pays = Micros{50'000};
  CHECK(play.run(robin) == 0);
  CHECK(play.broker.answers.size() == 20);
  CHECK(play.broker.answers.at(assignment(7)) == AnswerValues{{"bird", {"robin"}}});
  CHECK(play.broker.sent<DescribeProject>().size() == 1);
  CHECK(play.broker.sent<HandBack>().empty());
  CHECK(play.outbox.load().answers.empty());
  CHECK_THAT(play.said, Catch::Contains("20 answers: 1.00 paid"));
}

TEST_CASE("several programs share the work, and tasks come with the acknowledgements") {
  Play play;
  for (std::int32_t no = 1; no <= 40; ++no) play.broker.tasks.push_back(bird_task(no));
  ExecConfig config = play.config(R"(
import json, os, sys
open(sys.argv[1] + "/ran." + str(os.getpid()), "w")
for line in sys.stdin:
    task = json.loads(line)
    print(json.dumps({"assignment": task["assignment"], "values": {"bird": "wren"}}), flush=True)
)");
  config.parallel = 3;
  std::size_t pulls = 0;  // Until all were handed out; then it asks for more until the last answers are there.
  play.broker.when_empty = [&] { pulls = pulls == 0 ? play.broker.sent<Pull>().size() : pulls; };
  CHECK(play.run(config) == 0);
  CHECK(play.broker.answers.size() == 40);
  std::int64_t programs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(play.folder.path())) {
    programs += count_of(entry.path().filename().string(), "ran.");
  }
  CHECK(programs == 3);
  CHECK(pulls < 10);
}

TEST_CASE("the wanted number of answers ends the run, and no task is leased beyond it") {
  Play play;
  for (std::int32_t no = 1; no <= 10; ++no) play.broker.tasks.push_back(bird_task(no));
  ExecConfig config = play.config(robin);
  config.work.stop_when_idle = false;
  config.work.count_max = 4;
  CHECK(play.run(config) == 0);
  CHECK(play.broker.answers.size() == 4);
  CHECK(play.broker.tasks.size() == 6);
}

TEST_CASE("a program may skip a task, which is no failure") {
  Play play;
  play.broker.tasks = {bird_task(1), bird_task(2)};
  CHECK(play.run(R"(
import json, sys
for line in sys.stdin:
    print(json.dumps({"assignment": json.loads(line)["assignment"], "skip": True}), flush=True)
)") == 0);
  CHECK(play.broker.handed_back(HandBackHow::skipped) == std::vector{assignment(1), assignment(2)});
}

TEST_CASE("a program that crashes on a task returns it with what happened, and goes on with the next") {
  Play play;
  play.broker.tasks = {bird_task(1), bird_task(2, "crash"), bird_task(3)};
  CHECK(play.run(R"(
import json, sys
for line in sys.stdin:
    task = json.loads(line)
    if task["item"]["photo"] == "crash":
        sys.exit(9)
    print(json.dumps({"assignment": task["assignment"], "values": {"bird": "robin"}}), flush=True)
)") == 0);
  CHECK(play.broker.answers.size() == 2);
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(2)});
  CHECK_THAT(play.said, Catch::Contains("exit code 9; its task t17.1.2 is returned"));
}

TEST_CASE("rubbish from a program returns its task with what it said, made safe, and after five in a row all ends") {
  Play play;
  for (std::int32_t no = 1; no <= 30; ++no) play.broker.tasks.push_back(bird_task(no));
  CHECK(play.run(R"(
import sys
for line in sys.stdin:
    print("\x1b[31mrobin", flush=True)
)") == 1);
  CHECK(play.broker.answers.empty());
  CHECK(play.broker.handed_back(HandBackHow::returned).size() == 5);
  CHECK_THAT(play.said, Catch::Contains("no JSON object: ␛[31mrobin") && Catch::Contains("5 times in a row"));
  CHECK(play.said.find('\x1b') == std::string::npos);
}

TEST_CASE("a program that answers in between is not given up") {
  Play play;
  for (std::int32_t no = 1; no <= 14; ++no) play.broker.tasks.push_back(bird_task(no));
  CHECK(play.run(R"(
import json, sys
for line in sys.stdin:
    task = json.loads(line)
    bird = "dodo" if int(task["assignment"].split(".")[2]) % 3 else "wren"
    print(json.dumps({"assignment": task["assignment"], "values": {"bird": bird}}), flush=True)
)") == 0);
  CHECK(play.broker.answers.size() == 4);
  CHECK(play.broker.handed_back(HandBackHow::returned).size() == 10);
  CHECK_THAT(play.said, Catch::Contains("does not fit the form: field 'bird'"));
}

TEST_CASE("a program that writes without being asked is told where messages belong") {
  Play play;
  CHECK_FALSE(play.run([&] {
    ExecConfig config = play.config("print('ready', flush=True)\nimport sys\nsys.stdin.read()\n");
    config.work.stop_when_idle = false;
    return config;
  }()) == 0);
  CHECK_THAT(play.said, Catch::Contains("when it had no task: ready") && Catch::Contains("stderr"));
}

TEST_CASE("a program that does not answer in time is ended, and its task returned") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.tasks[0].lease_left_ms = 1'000;
  CHECK(play.run("import sys\nfor line in sys.stdin:\n    pass\n") == 0);
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(1)});
  CHECK_THAT(play.said, Catch::Contains("did not answer in time"));
}

TEST_CASE("a line of ten megabytes is a failure like others") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  CHECK(play.run("import sys\nfor line in sys.stdin:\n    print('x' * 10_000_000, flush=True)\n") == 0);
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(1)});
  CHECK_THAT(play.said, Catch::Contains("a line of more than 1048576 bytes"));
  CHECK(play.said.size() < 2'000);
}

TEST_CASE("asked to stop, it finishes what was begun, returns what was not, and ends the programs") {
  Play play;
  play.broker.tasks = {bird_task(1), bird_task(2)};
  ExecConfig config = play.config(R"(
import json, sys, time
for line in sys.stdin:
    task = json.loads(line)
    open(sys.argv[1] + "/begun", "w")
    while not __import__("os").path.exists(sys.argv[1] + "/go"): time.sleep(0.01)
    print(json.dumps({"assignment": task["assignment"], "values": {"bird": "robin"}}), flush=True)
open(sys.argv[1] + "/ended", "w")
)");
  config.work.stop_when_idle = false;
  // The broker leases a second task with the first, which this program has no hands for.
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    if (!std::holds_alternative<Pull>(request) || play.broker.tasks.empty()) return std::nullopt;
    Tasks both{{play.broker.tasks.begin(), play.broker.tasks.end()}, std::nullopt, {}};
    play.broker.tasks.clear();
    return Reply{std::move(both)};
  };
  play.broker.when_empty = [&] { FAIL("it asked for work when it had some"); };
  std::thread user([&] {
    for (int i = 0; i < 1'000 && !std::filesystem::exists(play.folder.path() / "begun"); ++i) ::poll(nullptr, 0, 10);
    play.stop.request();
    static_cast<void>(play.folder.write("go", ""));
  });
  CHECK(play.run(config) == 0);
  user.join();
  CHECK(play.broker.answers.size() == 1);
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(2)});
  CHECK(std::filesystem::exists(play.folder.path() / "ended"));
}

TEST_CASE("asked twice to stop, it returns what was begun") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  ExecConfig config = play.config("import sys\nfor line in sys.stdin:\n    open(sys.argv[1] + '/begun', 'w')\n");
  std::thread user([&] {
    for (int i = 0; i < 1'000 && !std::filesystem::exists(play.folder.path() / "begun"); ++i) ::poll(nullptr, 0, 10);
    play.stop.request();
    play.stop.request();
  });
  CHECK(play.run(config) == 0);
  user.join();
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(1)});
}

TEST_CASE("answers that are not acknowledged stay in the outbox, and the next run sends them first") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    if (std::holds_alternative<Submit>(request)) {
      play.broker.cut = true;  // It got the answer, and its reply is lost.
      play.stop.request();
    }
    return std::nullopt;
  };
  ExecConfig config = play.config(robin);
  config.work.patience = Duration{10};
  CHECK(play.run(config) == 3);
  CHECK(play.outbox.load().answers.size() == 1);
  CHECK_THAT(play.said, Catch::Contains("not been acknowledged"));

  PlayedBroker again;
  PlayedStop never;
  std::ostringstream log;
  CHECK(ExecLoop(again, play.outbox, never, log, config).run() == 0);
  CHECK(again.answers.size() == 1);
  CHECK(std::holds_alternative<Submit>(again.requests.front()));
  CHECK(play.outbox.load().answers.empty());
}

TEST_CASE("an answer that the broker refuses for good is shown and forgotten") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    const auto* submit = std::get_if<Submit>(&request);
    if (submit == nullptr) return std::nullopt;
    Submitted reply;
    for (const SubmittedAnswer& one : submit->answers) {
      reply.outcomes.push_back({one.assignment, false, RefusalCode::task_closed, "the task has its verdict", {}});
    }
    return Reply{std::move(reply)};
  };
  CHECK(play.run(robin) == 0);
  CHECK(play.outbox.load().answers.empty());
  CHECK_THAT(play.said,
             Catch::Contains("a17.1.1 was refused: the task has its verdict") && Catch::Contains("1 refused"));
}

TEST_CASE("a suspended worker ends with the reason, and loses no answer") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.instead = [&](const Request& request) -> std::optional<PlayedBroker::AnyReply> {
    if (!std::holds_alternative<Submit>(request)) return std::nullopt;
    return Unexpected{Refusal{RefusalCode::account_suspended, "this account is suspended", 0}};
  };
  CHECK(play.run(robin) == 1);
  CHECK(play.outbox.load().answers.size() == 1);
  CHECK_THAT(play.said, Catch::Contains("this account is suspended"));
}

TEST_CASE("a form that this program does not know returns the task and says so") {
  Play play;
  play.broker.tasks = {bird_task(1)};
  play.broker.spec.form[0].type = "hologram";
  CHECK(play.run(robin) == 1);
  CHECK(play.broker.handed_back(HandBackHow::returned) == std::vector{assignment(1)});
  CHECK_THAT(play.said, Catch::Contains("unknown type") && Catch::Contains("newer tally-worker"));
}

TEST_CASE("a project that has ended ends a run for this project alone") {
  Play play;
  play.broker.why_none = NoWork::project_ended;
  ExecConfig config = play.config(robin);
  config.work.stop_when_idle = false;
  config.work.project = ProjectId{17};
  CHECK(play.run(config) == 0);
  CHECK_THAT(play.said, Catch::Contains("the project has ended"));
}

TEST_CASE("a key that the broker does not know ends the run") {
  Play play;
  play.broker.cut = true;
  play.broker.key_refused = true;
  ExecConfig config = play.config(robin);
  config.work.patience = Duration{10};
  CHECK(play.run(config) == 1);
  CHECK_THAT(play.said, Catch::Contains("does not know this key"));
}
