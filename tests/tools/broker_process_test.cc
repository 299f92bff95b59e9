#include "tools/stack/broker_process.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally::stack;

// A script in the place of a broker.
struct Stage {
  TemporaryFolder folder{"tally-stage"};
  [[nodiscard]] BrokerConfig config(const std::string& script) const {
    const auto program = folder.path() / "broker";
    std::ofstream(program) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return {.program = program,
            .data = folder.path() / "data",
            .log = folder.path() / "log",
            .start_max = std::chrono::seconds{20},
            .stop_max = std::chrono::seconds{20}};
  }
};

// Says what a broker says, with the ports it was given, and ends in order.
constexpr const char* well_behaved = R"(
[ -e "$2" ] || echo "invitation: tally://127.0.0.1:$6/abc/code"
mkdir -p "$2"
trap 'exit 0' TERM
echo "ready: main=$4 enrolment=$6"
while :; do sleep 0.05; done
)";

std::string failure_of(BrokerProcess& broker) {
  try {
    broker.start();
  } catch (const std::runtime_error& wrong) {
    return wrong.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a broker that was killed comes back at the same ports and keeps its invitation") {
  const Stage stage;
  BrokerProcess broker(stage.config(well_behaved));
  broker.start();
  const int main = broker.main_port();
  const std::string invitation = broker.invitation();
  CHECK(invitation == "tally://127.0.0.1:" + std::to_string(broker.enrolment_port()) + "/abc/code");
  CHECK(broker.is_running());
  CHECK(broker.resident_kib() > 0);
  broker.kill();
  CHECK(!broker.is_running());
  broker.start();
  CHECK(broker.main_port() == main);
  CHECK(broker.invitation() == invitation);
  broker.stop();
  CHECK(!broker.is_running());
}

TEST_CASE("a broker that ends at its start is reported with the end of its log") {
  const Stage stage;
  BrokerProcess broker(stage.config("echo 'no disk today' >&2; exit 3\n"));
  const std::string failure = failure_of(broker);
  CHECK_THAT(failure, Catch::Contains("ended at its start") && Catch::Contains("no disk today"));
}

TEST_CASE("a broker that ends with an error is reported when it is stopped") {
  const Stage stage;
  BrokerProcess broker(
      stage.config("trap 'exit 4' TERM; echo 'ready: main=1 enrolment=2'\n"
                   "while :; do sleep 0.05; done\n"));
  broker.start();
  CHECK_THROWS_WITH(broker.stop(), Catch::Contains("status 4"));
}

TEST_CASE("a temporary folder is gone with its object, unless it is kept") {
  std::filesystem::path gone;
  std::filesystem::path kept;
  {
    TemporaryFolder first("tally-folder");
    TemporaryFolder second("tally-folder");
    std::ofstream(first.path() / "file") << "x";
    second.keep();
    gone = first.path();
    kept = second.path();
    CHECK((std::filesystem::status(gone).permissions() & std::filesystem::perms::others_exec) !=
          std::filesystem::perms::none);
  }
  CHECK(!std::filesystem::exists(gone));
  CHECK(std::filesystem::exists(kept));
  std::filesystem::remove_all(kept);
}
