// tally-worker as a person and a script see it, against a real broker.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <pty.h>

#include "tests/e2e/programs.h"

namespace tally::e2e {
namespace {

// Answers that wait in the worker's outbox.
std::int64_t kept_answers(const ProgramUser& worker) {
  std::int64_t count = 0;
  if (!std::filesystem::exists(worker.home() / "outbox")) return 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(worker.home() / "outbox")) {
    // A file that was not written to its end has another name, and is no answer.
    if (entry.path().extension() == ".answer") ++count;
  }
  return count;
}

// A command in a terminal of its own; killed if it is not ended.
class Terminal {
 public:
  explicit Terminal(const std::string& command) {
    const winsize size{.ws_row = 24, .ws_col = 120, .ws_xpixel = 0, .ws_ypixel = 0};
    child_ = ::forkpty(&fd_, nullptr, nullptr, &size);
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::setenv("TERM", "xterm", 1);
      ::execl("/bin/sh", "sh", "-c", ("exec env " + command).c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~Terminal() {
    ::close(fd_);
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& keys) const {
    REQUIRE(::write(fd_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
  }
  // Waits until this is shown, after what was expected before; a minute at most.
  void expect(const std::string& text) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (true) {
      if (const std::size_t found = shown_.find(text, seen_); found != std::string::npos) {
        seen_ = found + text.size();
        return;
      }
      INFO("waited for '" << text << "' after: " << shown_.substr(seen_));
      REQUIRE(std::chrono::steady_clock::now() < until);
      REQUIRE(read_some());
    }
  }
  // The exit code, when it has ended by itself.
  int end() {
    while (read_some()) {
    }
    int status = 0;
    REQUIRE(::waitpid(std::exchange(child_, -1), &status, 0) > 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] const std::string& shown() const { return shown_; }

 private:
  bool read_some() {
    pollfd one{fd_, POLLIN, 0};
    if (::poll(&one, 1, 1'000) == 0) return true;
    std::array<char, 4096> chunk{};
    const ssize_t got = ::read(fd_, chunk.data(), chunk.size());
    if (got > 0) shown_.append(chunk.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  int fd_ = -1;
  pid_t child_ = -1;
  std::string shown_;
  std::size_t seen_ = 0;
};

std::string script(const Market& market, const std::string& name, const std::string& text) {
  return write_file(market.folder.path() / name, text).string();
}

std::string answering(const std::string& bird, const std::string& before = "") {
  return "import json, sys, time\nfor line in sys.stdin:\n    task = json.loads(line)\n    " + before +
         "\n    print(json.dumps({'assignment': task['assignment'], 'values': {'bird': '" + bird +
         "'}}), flush=True)\n";
}

bool is_over(const ProjectStatus& status) { return status.row.state == ProjectState::ended; }

}  // namespace

TEST_CASE("a person joins, looks around, works by keyboard, is paid, and reads why an answer was not") {
  Market market;
  const ProgramUser ann(market, Role::worker, "ann", "ann");
  const ProgramUser bob(market, Role::worker, "bob", "bob");
  const ProgramUser cid(market, Role::worker, "cid", "cid");
  CHECK(ann.tally("projects").said == "No project is open to you.\n");
  const ProjectId project = market.post(small_spec(), numbered_items(1));
  const std::string number = std::to_string(project.value);

  const Ran list = ann.tally("projects");
  CHECK(list.code == 0);
  CHECK_THAT(list.said, Catch::Contains(number + "  Birds") && Catch::Contains("0.01"));
  CHECK_THAT(ann.tally("projects " + number).said,
             Catch::Contains("Say which bird it is.") && Catch::Contains("- wren"));
  CHECK(ann.tally("projects 999").code == 1);

  CHECK(ann.tally("payout-address ann@example.org").code == 0);
  CHECK_THAT(ann.tally("payout-address").said, Catch::Contains("ann@example.org"));
  CHECK(ann.tally("payout-address \"$(printf 'two\\nlines')\"").code == 2);

  const Ran work = run_shell("printf 'sparrow\\nrobin\\ny\\n' | " + ann.command("work --once"));
  INFO(work.said);
  CHECK(work.code == 0);
  CHECK_THAT(work.said, Catch::Contains("Item 1") && Catch::Contains("'sparrow' is none of the options") &&
                            Catch::Contains("accepted"));
  CHECK(run_shell("printf '2\\ny\\n' | " + bob.command("work --once --project " + number)).code == 0);
  CHECK(run_shell("printf '1\\ny\\n' | " + cid.command("work --count 1")).code == 0);
  stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});

  CHECK_THAT(ann.tally("earnings").said,
             Catch::Contains("0.01") && Catch::Contains("paid") && Catch::Contains("Payouts go to: ann@example.org"));
  CHECK_THAT(bob.tally("earnings --unpaid").said, Catch::Contains("differs from the verdict on bird"));
  CHECK(kept_answers(ann) == 0);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("in a terminal a person edits a line, changes an answer, waits for work, and Ctrl-C hands the task back") {
  Market market;
  const ProgramUser ann(market, Role::worker, "ann", "ann");
  ProjectSpec spec = small_spec();
  spec.form.push_back({"note", "text", "Anything else?", false, {}, {}});
  const ProjectId project = market.post(spec, numbered_items(2));
  Terminal terminal(ann.unbounded_command("work"));
  terminal.expect("Item 1");
  terminal.expect("> ");
  terminal.type("rabin\x1b[D\x1b[D\x1b[D\x7fo\r");  // Three to the left, one deleted: robin.
  terminal.expect("Anything else?");
  terminal.expect("> ");
  terminal.type("Zürich\r");
  terminal.expect("Your answer:");
  terminal.expect("change > ");
  terminal.type("2\r");
  terminal.expect("Zürich");  // There to be edited.
  terminal.type(" See\r");
  terminal.expect("Zürich See");
  terminal.expect("change > ");
  terminal.type("y\r");
  terminal.expect("accepted");
  terminal.expect("Item 2");
  terminal.expect("> ");
  CHECK(stack::must(*market.rita, GetStatus{project}).leased == 1);
  terminal.type("\x03");
  CHECK(terminal.end() == 0);
  CHECK_THAT(terminal.shown(), Catch::Contains("This session: 1 answer"));
  CHECK(stack::must(*market.rita, GetStatus{project}).leased == 0);
  CHECK(stack::must(*market.rita, GetStatus{project}).row.answers == 1);

  // There is nothing left for her: she waits, and stops by Ctrl-C, and by a command.
  Terminal waiting(ann.unbounded_command("work"));
  waiting.expect("you had every task");
  waiting.type("hello\r");
  waiting.expect("goes back to a task that you skipped");
  waiting.type(":stop\r");
  CHECK(waiting.end() == 0);
  Terminal interrupted(ann.unbounded_command("work"));
  interrupted.expect("you had every task");
  interrupted.type("\x03");
  CHECK(interrupted.end() == 0);
}

TEST_CASE("a task that was skipped can be taken back, and stopping leaves no lease behind") {
  Market market;
  const ProgramUser ann(market, Role::worker, "ann", "ann");
  const ProjectId project = market.post(small_spec(), numbered_items(2));
  const Ran work = run_shell("printf ':skip\\n:unskip\\nwren\\ny\\n:stop\\n' | " + ann.command("work"));
  INFO(work.said);
  CHECK(work.code == 0);
  const ProjectStatus status = stack::must(*market.rita, GetStatus{project});
  CHECK(status.row.answers == 1);
  CHECK(status.leased == 0);
}

TEST_CASE("programs answer a whole batch, through crashes of the program and the death of the broker", "[fault-1]") {
  Market market;
  std::vector<std::unique_ptr<ProgramUser>> people;
  for (const char* name : {"ann", "bob", "cid"}) {
    people.push_back(std::make_unique<ProgramUser>(market, Role::worker, name, name));
  }
  const ProjectId project = market.post(small_spec(), numbered_items(60));
  const std::string good = script(market, "good.py", answering("robin", "time.sleep(0.01)"));
  const std::string fragile =
      script(market, "fragile.py", answering("robin", "if task['item']['text'] == 'Item 7': sys.exit(5)"));

  std::vector<Ran> ran(3);
  std::vector<std::thread> at_work;
  for (std::size_t i = 0; i < 3; ++i) {
    at_work.emplace_back([&, i] {
      ran[i] = run_shell(people[i]->command("work --stop-when-idle --idle-wait 3s --parallel 2 --exec python3 " +
                                            (i == 0 ? fragile : good)));
    });
  }
  stack::wait_for_status(
      *market.rita, project, [](const ProjectStatus& now) { return now.row.answers >= 20; }, Duration{60'000});
  market.broker.kill();
  market.broker.start();
  for (std::thread& thread : at_work) thread.join();
  for (const Ran& one : ran) {
    INFO(one.said);
    CHECK(one.code == 0);
  }
  CHECK_THAT(ran[0].said, Catch::Contains("exit code 5"));
  const ProjectStatus status = stack::must(*market.rita, GetStatus{project});
  CHECK(status.row.answers == 179);  // One place is left, of the task that was returned.
  CHECK(status.leased == 0);
  for (const auto& person : people) CHECK(kept_answers(*person) == 0);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("a worker's program that is killed sends at the next start what it had written down") {
  Market market;
  const ProgramUser ann(market, Role::worker, "ann", "ann");
  const ProjectId project = market.post(small_spec(), numbered_items(400));
  const std::string quick = script(market, "quick.py", answering("robin"));
  for (const char* seconds : {"2", "3"}) {
    const Ran killed = run_shell(ann.command("work --exec python3 " + quick, "KILL", std::stoi(seconds)));
    CHECK(killed.code == 137);
  }
  const Ran rest = run_shell(ann.command("work --stop-when-idle --exec python3 " + quick));
  INFO(rest.said);
  CHECK(rest.code == 0);
  CHECK(kept_answers(ann) == 0);
  // What was leased and not begun when it was killed comes back when the leases end.
  const ProjectStatus status = stack::must(*market.rita, GetStatus{project});
  CHECK(status.row.answers + status.leased == 400);
  CHECK(status.leased < 50);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("asked to end, a worker's program hands back what it has, and its program goes with it") {
  Market market;
  const ProgramUser ann(market, Role::worker, "ann", "ann");
  const ProjectId project = market.post(small_spec(), numbered_items(50));
  const std::string slow =
      script(market, "slow.py", answering("robin", "time.sleep(0.2)") + "open(sys.argv[1], 'w').write('ended')\n");
  const std::string mark = (market.folder.path() / "mark").string();
  const Ran ran = run_shell(ann.command("work --parallel 3 --exec python3 " + slow + " " + mark, "TERM", 5));
  INFO(ran.said);
  CHECK(ran.code == 124);  // Of timeout, which sent the signal; it waited for the end.
  CHECK(std::filesystem::exists(mark));
  const ProjectStatus status = stack::must(*market.rita, GetStatus{project});
  CHECK(status.row.answers > 0);
  CHECK(status.leased == 0);
  CHECK(kept_answers(ann) == 0);
}

TEST_CASE("wrong arguments of work are told apart from a broker that is not there") {
  Market market;
  const ProgramUser ann(market, Role::worker, "ann", "ann");
  CHECK(ann.tally("work --exec no-such-program").code == 2);
  CHECK_THAT(ann.tally("work --exec 'python3 x.py'").said, Catch::Contains("words of their own"));
  CHECK(ann.tally("work --parallel 0 --exec cat").code == 2);
  CHECK(ann.tally("work --idle-wait soon").code == 2);
  CHECK(ann.tally("work stray").code == 2);
  CHECK_THAT(ann.tally("--profile other projects").said, Catch::Contains("join"));
  market.broker.stop();
  CHECK(ann.tally("--wait 1 work").code == 3);
}

}  // namespace tally::e2e
