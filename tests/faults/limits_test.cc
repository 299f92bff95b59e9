// Fault 16: the broker may open no more files, or take no more memory.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"
#include "tests/e2e/raw_client.h"
#include "tests/faults/load.h"
#include "tests/support/comes_true.h"

namespace tally::faults {
namespace {

using test::comes_true;

rlim_t files_of(pid_t process) {
  rlim_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd")) {
    ++count;
  }
  return count;
}

std::int64_t address_space_kib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmSize:")) return std::stoll(line.substr(7));
  }
  return 0;
}

// Programs of another build, while it lives.
class OtherPrograms {
 public:
  explicit OtherPrograms(const std::filesystem::path& folder) {
    const char* before = std::getenv("TALLY_BIN_DIR");
    before_ = before == nullptr ? "" : before;
    setenv("TALLY_BIN_DIR", folder.c_str(), 1);
  }
  ~OtherPrograms() { setenv("TALLY_BIN_DIR", before_.c_str(), 1); }
  OtherPrograms(const OtherPrograms&) = delete;
  OtherPrograms& operator=(const OtherPrograms&) = delete;

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("without files to open for more connections those that stand are served, and new ones when others leave",
          "[fault-16]") {
  e2e::Market market;
  const stack::Person late = market.admin->enrol(Role::worker, std::vector<std::string>{"late"}).at(0);
  const ProjectId project = staff(market, 6);
  Load load(market, project);
  load.reach(50);
  rlimit limit{};
  REQUIRE(prlimit(market.broker.pid(), RLIMIT_NOFILE, nullptr, &limit) == 0);
  limit.rlim_cur = files_of(market.broker.pid()) + 8;
  REQUIRE(prlimit(market.broker.pid(), RLIMIT_NOFILE, &limit, nullptr) == 0);

  zmq::context_t context{1};
  constexpr int too_many = 60;
  std::vector<std::unique_ptr<e2e::RawClient>> many;
  many.reserve(too_many);
  for (int i = 0; i < too_many; ++i) {
    many.push_back(std::make_unique<e2e::RawClient>(context, late.config, late.config.port));
  }
  load.reach(100);
  CHECK(market.broker.is_running());
  many.clear();
  net::BrokerClient newcomer(market.network, late.config, Duration{60'000});
  CHECK(stack::must(newcomer, Hello{"late"}).account == late.account);
  // Its database dies, and cannot start with so few files either: it is started again when it can be.
  const auto postmaster = market.broker.postmaster();
  REQUIRE(postmaster);
  ::kill(*postmaster, SIGKILL);
  CHECK(comes_true([&] { return market.log().find("event=database_away") != std::string::npos; }));
  CHECK(market.broker.is_running());
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(prlimit(market.broker.pid(), RLIMIT_NOFILE, &limit, nullptr) == 0);
  load.reach(100);
  check_books({market, project, 16, "limits on files", 1}, load.stop());
}

TEST_CASE("a broker that may open hardly a file does not start, and says why", "[fault-16]") {
  const stack::TemporaryFolder folder("tally-faults-");
  const e2e::Ran ran =
      // Whatever descriptors this test was started with, the broker has only its own.
      e2e::run_shell("for i in 3 4 5 6 7 8 9; do eval \"exec $i>&-\"; done; ulimit -n 12; timeout 60 " +
                     e2e::quoted(e2e::program("tally-broker")) + " --unsafe-fast --port 0 --enrolment-port 0 --data " +
                     e2e::quoted(folder.path() / "data"));
  INFO(ran.said);
  CHECK(ran.code == 1);
  CHECK_THAT(ran.said, Catch::Contains("tally-broker: ") && Catch::Contains("Too many open files"));
}

TEST_CASE("a broker whose memory ends may end, and has stored what it acknowledged", "[fault-16]") {
#ifdef __SANITIZE_ADDRESS__
  // The sanitizer takes terabytes of addresses for itself, so this needs the broker as it is used.
  const char* tree = std::getenv("TALLY_SOURCE_DIR");
  const std::filesystem::path programs = std::filesystem::path(tree == nullptr ? "." : tree) / "build/release/bin";
  if (!std::filesystem::exists(programs / "tally-broker")) {
    WARN("skipped: scripts/build tally-broker comes first");
    return;
  }
  const OtherPrograms release(programs);
#endif
  e2e::Market market;
  const ProjectId project = staff(market, 6);
  Load load(market, project);
  load.reach(50);
  rlimit limit{};
  REQUIRE(prlimit(market.broker.pid(), RLIMIT_AS, nullptr, &limit) == 0);
  limit.rlim_cur = static_cast<rlim_t>(address_space_kib(market.broker.pid()) + 8'000) * 1024;
  REQUIRE(prlimit(market.broker.pid(), RLIMIT_AS, &limit, nullptr) == 0);

  // Posts large items until it has no room; then until it runs again.
  std::int64_t refused = 0;
  ProjectSpec spec = loaded_spec();
  const std::string large(50'000, 'x');
  constexpr std::int64_t items = 100;
  net::ConversationConfig impatient = market.requester.config;
  impatient.resend_after = Duration{1'000};
  net::Conversation conversation(market.network, impatient);
  for (int i = 0; i < 40 && market.broker.is_running(); ++i) {
    conversation.send(OpenProject{stack::random_key(), spec, items, 0});
    for (int j = 0; j < 4; ++j) {
      PostItems post{project, 1, {}};
      for (std::int64_t k = 0; k < items / 2; ++k) post.items.push_back({{large}, std::nullopt});
      conversation.send(post);
    }
    while (const auto arrived = conversation.receive(Duration{20})) refused += arrived->reply ? 0 : 1;
  }
  const bool has_ended = !market.broker.is_running();
  if (has_ended) {
    market.broker.start();
  } else {
    limit.rlim_cur = RLIM_INFINITY;
    REQUIRE(prlimit(market.broker.pid(), RLIMIT_AS, &limit, nullptr) == 0);
  }
  load.reach(100);
  const std::string log = market.log();
  INFO(market.broker.end_of_log());
  check_books({market, project, 16, std::string(has_ended ? "ends" : "refusals") + " for want of memory", 1},
              load.stop());
}

}  // namespace tally::faults
