// A broker that cannot start says why and what to do, and leaves everything as it was.
#include <csignal>
#include <fstream>
#include <future>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"
#include "tests/e2e/shared_market.h"

namespace tally::e2e {
namespace {

using Catch::Contains;

Ran broker(const std::string& arguments) {
  return run_shell("timeout 60 " + quoted(program("tally-broker")) + " " + arguments);
}

}  // namespace

TEST_CASE("without a database that can be reached the broker ends with what it tried and why it failed") {
  const stack::TemporaryFolder folder("tally-e2e-");
  const Ran ran = broker("--data " + quoted(folder.path() / "data") +
                         " --port 0 --enrolment-port 0 --database 'host=/nonexistent dbname=tally password=secret'");
  INFO(ran.said);
  CHECK(ran.code == 1);
  CHECK_THAT(ran.said, Contains("tally-broker: ") && Contains("/nonexistent") && !Contains("secret"));
}

TEST_CASE("a port in use is named, with the way out") {
  Market& market = shared_market();
  const stack::TemporaryFolder folder("tally-e2e-");
  const std::string data = "--unsafe-fast --data " + quoted(folder.path() / "data");
  const std::string taken = std::to_string(market.broker.main_port());
  const Ran main = broker(data + " --enrolment-port 0 --port " + taken);
  INFO(main.said);
  CHECK(main.code == 1);
  CHECK_THAT(main.said, Contains(taken) && Contains("in use") && Contains("set another port"));
  const Ran enrolment = broker(data + " --port 0 --enrolment-port " + taken);
  INFO(enrolment.said);
  CHECK(enrolment.code == 1);
  CHECK_THAT(enrolment.said, Contains(taken) && Contains("in use") && Contains("set another enrolment_port"));
}

TEST_CASE("a second broker on the same folder is turned away, and the first goes on") {
  Market& market = shared_market();
  const Ran ran = broker("--unsafe-fast --port 0 --enrolment-port 0 --data " + quoted(market.folder.path() / "data"));
  INFO(ran.said);
  CHECK(ran.code == 1);
  CHECK_THAT(ran.said, Contains("is in use by another broker") && Contains("--data"));
  CHECK(market.broker.is_running());
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("a configuration can be checked without starting: its whole content, or the first line that is wrong") {
  const stack::TemporaryFolder folder("tally-e2e-");
  const auto check = [&](std::string_view text) {
    return broker("--check-config --data " + quoted(folder.path() / "data") + " --config " +
                  quoted(write_file(folder.path() / "broker.toml", text)));
  };
  const Ran good = check("[limits]\nfee_ppm = 150000\n");
  CHECK(good.code == 0);
  CHECK_THAT(good.said, Contains("fee_ppm = 150000") && Contains("[server]") && Contains("part_size = "));
  // What it shows is a configuration itself.
  const Ran again = check(good.said);
  CHECK(again.code == 0);
  CHECK(again.said == good.said);

  const auto check_bad = [&](std::string_view text, const std::string& place, const std::string& what) {
    const Ran ran = check(text);
    INFO(ran.said);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.said, Contains(place) && Contains(what));
  };
  check_bad("[limits]\nfee_pmm = 1\n", "broker.toml:2", "did you mean");
  check_bad("\n[limit]\nfee_ppm = 1\n", "broker.toml:2", "unknown key 'limit'");
  check_bad("[limits]\nfee_ppm = -1\n", "broker.toml:2", "fee_ppm must be a whole number from 0");
  check_bad("[times]\nlease = 5\n", "broker.toml:2", "length of time");
  check_bad("[limits\n", "broker.toml:1", "");
  const Ran missing = broker("--check-config --config " + quoted(folder.path() / "missing.toml"));
  CHECK(missing.code == 1);
  CHECK_THAT(missing.said, Contains("missing.toml: cannot be read"));
  const Ran directory = broker("--check-config --config " + quoted(folder.path()));
  CHECK(directory.code == 1);
  CHECK_THAT(directory.said, Contains("cannot be read"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "data"));
}

TEST_CASE("a broker that waits for its database can be stopped") {
  const stack::TemporaryFolder folder("tally-e2e-");
  // Takes the connection and says nothing.
  const int database = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = (folder.path() / ".s.PGSQL.5432").string();
  REQUIRE(name.size() < sizeof address.sun_path);
  name.copy(address.sun_path, name.size());
  REQUIRE(bind(database, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(database, 4) == 0);
  const std::filesystem::path pid_file = folder.path() / "pid";
  auto ended = std::async(std::launch::async, [&] {
    return run_shell("echo $$ >" + quoted(pid_file) + "; exec timeout --foreground -k 1 60 " +
                     quoted(program("tally-broker")) + " --data " + quoted(folder.path() / "data") +
                     " --port 0 --enrolment-port 0 --database 'host=" + folder.path().string() + " dbname=tally'");
  });
  pollfd waiting{database, POLLIN, 0};
  REQUIRE(poll(&waiting, 1, 60'000) == 1);
  pid_t pid = 0;
  std::ifstream(pid_file) >> pid;
  REQUIRE(pid > 1);
  // timeout hands the signal on.
  REQUIRE(kill(pid, SIGTERM) == 0);
  const Ran ran = ended.get();
  close(database);
  INFO(ran.said);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Contains("stopped while it was starting"));
}

TEST_CASE("words that the broker does not know are refused before anything is made") {
  CHECK(broker("--prot 5").code == 2);
  CHECK(broker("--port 70000").code == 2);
}

}  // namespace tally::e2e
