#include "common/cli/program.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/common/net/curve_server.h"
#include "tests/support/scratch_folder.h"

namespace tally::cli {
namespace {

namespace fs = std::filesystem;

// $TALLY_HOME in a folder of its own, with an account at a server's.
class Home {
 public:
  Home() { setenv("TALLY_HOME", path().c_str(), 1); }  // NOLINT(concurrency-mt-unsafe)
  ~Home() { unsetenv("TALLY_HOME"); }                  // NOLINT(concurrency-mt-unsafe)
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  void enrol(const std::string& profile, const net::CurveServer& server) const {
    KeyFile file;
    file.host = "127.0.0.1";
    file.port = server.port();
    file.enrolment_port = server.port();
    file.server_key = server.public_key();
    file.keys = net::make_key_pair();
    file.account = AccountId{17};
    file.display_name = profile;
    save_key_file(key_file_path(profile), file);
  }
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }

 private:
  test::ScratchFolder folder_;
};

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

// A worker's program with the commands `hello` (says who you are), `break` (a file went wrong), `fail` and `wait`.
Outcome run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tally-worker");
  const std::ostringstream out;
  const std::ostringstream err;
  auto* old_out = std::cout.rdbuf(out.rdbuf());
  auto* old_err = std::cerr.rdbuf(err.rdbuf());
  Outcome outcome;
  {
    Program program("tally-worker", "Answers tasks.", Role::worker);
    program.app().add_subcommand("hello", "Says who you are")->callback([&] {
      const Welcome welcome = program.ask(Hello{program.key_file().display_name});
      std::cout << welcome.display_name << '\n';
    });
    program.app().add_subcommand("break", "")->callback([] { throw std::runtime_error("the disk is full"); });
    program.app().add_subcommand("fail", "")->callback([] { fail_usage("bad\x1b[31m file"); });
    program.app().add_subcommand("wait", "")->callback([&] { std::cout << program.wait().ms << '\n'; });
    outcome.code = program.run(static_cast<int>(arguments.size()), arguments.data());
  }
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

std::vector<net::Frames> broker(const net::Heard& heard) {
  if (const auto* hello = std::get_if<Hello>(&heard.request)) {
    Welcome welcome;
    welcome.display_name = hello->client;
    return {net::reply_frames(heard.header.request_id, welcome)};
  }
  return {net::reply_frames(heard.header.request_id, Joined{AccountId{33}, Role::worker, "Ada\x1b[31m", 4321})};
}

}  // namespace

TEST_CASE("a program asks the broker as its profile, and ends with 0") {
  const Home home;
  const net::CurveServer server(broker);
  home.enrol("worker", server);
  home.enrol("second", server);
  const Outcome first = run({"hello"});
  CHECK(first.err.empty());
  CHECK(first.out == "worker\n");
  CHECK(first.code == exit_done);
  CHECK(run({"--profile", "second", "hello"}).out == "second\n");
  CHECK(run({"hello", "--profile", "second"}).out == "second\n");
}

TEST_CASE("a program that cannot reach the broker ends with 3 and says where it tried") {
  const Home home;
  net::CurveServer server(broker);
  home.enrol("worker", server);
  server.stop();
  const Outcome outcome = run({"--wait", "1", "hello"});
  CHECK(outcome.code == exit_unreachable);
  CHECK(outcome.err.starts_with("tally-worker: the broker at 127.0.0.1:" + std::to_string(server.port()) +
                                " cannot be reached: "));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
}

TEST_CASE("a program knows what --wait says, also behind the command") {
  const Home home;
  for (const std::vector<const char*>& given :
       {std::vector<const char*>{"wait", "--wait", "7"}, {"--wait", "7", "wait"}}) {
    CHECK(run(given).out == "7000\n");
  }
  CHECK(run({"wait"}).out == "30000\n");
}

TEST_CASE("a refusal ends a program with 1, in a line that is safe and says what to do") {
  const Home home;
  const net::CurveServer server([](const net::Heard& heard) {
    return std::vector<net::Frames>{
        net::reply_frames(heard.header.request_id, Refused{RefusalCode::role_not_allowed, "not\x1b[2J yours", 0})};
  });
  home.enrol("worker", server);
  const Outcome outcome = run({"hello"});
  CHECK(outcome.code == exit_refused);
  CHECK(outcome.err.starts_with("tally-worker: not␛[2J yours; workers use tally-worker"));
}

TEST_CASE("a refusal whose detail says what to do is shown with that advice alone") {
  const Home home;
  const std::string detail = "the wallet has 1.00: 2.00 is missing; ask an admin to record a deposit";
  const net::CurveServer server([&](const net::Heard& heard) {
    return std::vector<net::Frames>{
        net::reply_frames(heard.header.request_id, Refused{RefusalCode::balance_too_low, detail, 0})};
  });
  home.enrol("worker", server);
  CHECK(run({"hello"}).err == "tally-worker: " + detail + "\n");
}

TEST_CASE("a key that the broker does not know is told with the way in") {
  const Home home;
  net::CurveServer server(broker);
  server.admit({});
  home.enrol("worker", server);
  const Outcome outcome = run({"--wait", "1", "hello"});
  CHECK(outcome.code == exit_refused);
  CHECK(outcome.err.find("does not know this key") != std::string::npos);
  CHECK(outcome.err.find("join LINE") != std::string::npos);
}

TEST_CASE("a program without a key file, or with wrong arguments, ends with 2 and says what to do") {
  const Home home;
  const Outcome none = run({"hello"});
  CHECK(none.code == exit_usage);
  CHECK(none.err == "tally-worker: there is no key file " + (home.path() / "worker.toml").string() +
                        ": join first, with the line of an invitation\n");
  for (const std::vector<const char*>& wrong : {std::vector<const char*>{},
                                                {"nonsense"},
                                                {"--nonsense", "hello"},
                                                {"hello", "--profile", "../x"},
                                                {"hello", "--profile", ""},
                                                {"hello", "--wait", "0"},
                                                {"hello", "--wait", "-1"},
                                                {"hello", "--wait", "x"},
                                                {"join"},
                                                {"join", "a", "b"}}) {
    const Outcome outcome = run(wrong);
    CHECK(outcome.code == exit_usage);
    CHECK(outcome.err.starts_with("tally-worker: "));
    CHECK(outcome.err.find(" --help shows what there is)\n") != std::string::npos);
    CHECK(outcome.out.empty());
  }
  const Outcome failed = run({"fail"});
  CHECK(failed.code == exit_usage);
  CHECK(failed.err == "tally-worker: bad␛[31m file\n");
  const Outcome broken = run({"break"});
  CHECK(broken.code == exit_usage);
  CHECK(broken.err == "tally-worker: the disk is full\n");
}

TEST_CASE("a command that is missing or unknown is told with those that there are") {
  const Home home;
  CHECK(run({}).err ==
        "tally-worker: say what to do: join, hello, break, fail, wait (tally-worker --help shows what there is)\n");
  CHECK(run({"helo"}).err ==
        "tally-worker: 'helo' is no command here; did you mean 'hello'? (tally-worker --help shows what there is)\n");
  CHECK(run({"--nonsense"}).err.starts_with("tally-worker: '--nonsense' is no option here"));
  CHECK(run({"join"}).err == "tally-worker: LINE is required (tally-worker join --help shows what there is)\n");
}

TEST_CASE("help shows placeholders and defaults, and no types of C++") {
  const std::string help = run({"--help"}).out;
  CHECK(help.find("--wait SECONDS ") != std::string::npos);
  CHECK(help.find("(30)") != std::string::npos);
  for (const char* type : {"INT", "TEXT", " in ["}) CHECK(help.find(type) == std::string::npos);
  CHECK(run({"join", "--help"}).out.find("LINE TEXT") == std::string::npos);
}

TEST_CASE("a program tells its version and its commands") {
  const Outcome version = run({"--version"});
  CHECK(version.code == exit_done);
  CHECK(version.out == std::string("tally-worker ") + TALLY_VERSION + "\n");
  const Outcome help = run({"--help"});
  CHECK(help.code == exit_done);
  CHECK(help.out.find("hello") != std::string::npos);
  CHECK(help.out.find("join") != std::string::npos);
  CHECK(help.out.find("--profile") != std::string::npos);
}

TEST_CASE("the command join enrols, says who you are and what to try next") {
  const Home home;
  const net::CurveServer server(broker);
  const std::string line = net::to_text({"127.0.0.1", server.port(), server.public_key(), "c0de"});
  const Outcome joined = run({"join", line.c_str()});
  CHECK(joined.err.empty());
  CHECK(joined.code == exit_done);
  CHECK(joined.out.starts_with("You are Ada␛[31m, worker, account 33. Your key is in " +
                               (home.path() / "worker.toml").string()));
  CHECK(joined.out.find("tally-worker work") != std::string::npos);
  const Outcome wrong = run({"join", "hello"});
  CHECK(wrong.code != exit_done);
  CHECK(wrong.err.find("tally://HOST:PORT/SERVERKEY/CODE") != std::string::npos);
}

TEST_CASE("a join that was not finished is told before anything is asked") {
  const Home home;
  const net::CurveServer server(broker);
  KeyFile file;
  file.host = "127.0.0.1";
  file.server_key = server.public_key();
  file.keys = net::make_key_pair();
  save_key_file(key_file_path("half"), file);
  const Outcome outcome = run({"--profile", "half", "hello"});
  CHECK(outcome.code == exit_usage);
  CHECK(outcome.err.find("tally-worker --profile half join LINE") != std::string::npos);
}

TEST_CASE("two commands never have the same key") {
  const std::string one = new_command_key();
  CHECK(one.size() == 32);
  CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(one != new_command_key());
}

}  // namespace tally::cli
