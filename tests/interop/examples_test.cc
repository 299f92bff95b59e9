// Workers in other languages against the real broker, and the golden vectors in another language's MessagePack.
#include <cstdlib>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"

namespace tally::interop {
namespace {

using Catch::Contains;
using e2e::quoted;
using e2e::Ran;
using e2e::run_shell;

std::filesystem::path source(const std::string& path) {
  const char* top = std::getenv("TALLY_SOURCE_DIR");
  return std::filesystem::absolute(top == nullptr ? "." : top) / path;
}

// A Python that has the packages of scripts/packages.txt: another one may come first in the path.
std::string python() {
  for (const char* name : {"python3", "/usr/bin/python3"}) {
    if (run_shell(std::string(name) + " -c 'import msgpack, tomllib, zmq'").code == 0) return name;
  }
  FAIL("no Python of 3.11 or later has zmq and msgpack: run scripts/setup");
  return {};
}

// Has every type of field that an example must know how to answer.
ProjectSpec every_type_spec() {
  ProjectSpec spec = e2e::small_spec();
  spec.form.push_back({"seen", "choices", "What is it doing?", true, {"flies", "sings", "sits"}, {}});
  spec.form.push_back({"count", "number", "How many?", true, {}, {{"min", "1"}, {"max", "9"}}});
  spec.form.push_back({"note", "text", "Anything else?", true, {}, {}});
  spec.pay = PayPolicy::all;
  spec.redundancy = {1, 1, 1};
  return spec;
}

// Lets the example of this command work off a project, with the broker killed in between, and come a second time.
void check_example(const std::string& command) {
  e2e::Market market;
  const e2e::ProgramUser wim(market, Role::worker, "Wim", "wim");
  constexpr int items = 300;
  const ProjectId project = market.post(every_type_spec(), e2e::numbered_items(items));
  const std::string work = "timeout 120 " + command + " " + quoted(wim.home() / "worker.toml");
  Ran ran;
  {
    const std::jthread at_work([&] { ran = run_shell(work); });
    const auto is_begun = [](const ProjectStatus& now) { return now.row.answers >= items / 10; };
    stack::wait_for_status(*market.rita, project, is_begun, Duration{60'000});
    market.broker.kill();
    market.broker.start();
  }
  INFO(ran.said);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Contains("accepted") && !Contains("lease_expired") && Contains("no work:"));
  const Ran second = run_shell(work);
  INFO(second.said);
  CHECK(second.code == 0);
  CHECK_THAT(second.said, Contains("no work:") && !Contains("accepted"));

  // No answer is lost, and none is there twice.
  const auto is_over = [](const ProjectStatus& now) { return now.row.state == ProjectState::ended; };
  const ProjectStatus done = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
  CHECK(done.row.answers == items);
  CHECK(done.settled == items);
  CHECK(done.paid == Micros{items * 10'000LL});
  // What cannot succeed later ends the worker, and is said.
  static_cast<void>(stack::must(market.admin->client(), Suspend{wim.account(), true, "a test"}));
  const Ran suspended = run_shell(work);
  INFO(suspended.said);
  CHECK(suspended.code == 1);
  CHECK_THAT(suspended.said, Contains("refused: account_suspended"));
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace

TEST_CASE("the worker in Python answers every type of field through the death of the broker, and is paid") {
  check_example(python() + " " + quoted(source("worker-client/examples/worker.py")));
}

TEST_CASE("the worker in JavaScript answers every type of field through the death of the broker, and is paid") {
  const std::filesystem::path examples = source("worker-client/examples");
  const std::string finds =
      "cd " + quoted(examples) + " && node -e \"import('zeromq').then(() => import('@msgpack/msgpack'))\"";
  if (run_shell(finds).code != 0) {
    WARN("skipped: node does not find its packages; scripts/setup fetches them, or npm ci in " << examples);
    return;
  }
  check_example("node " + quoted(examples / "worker.mjs"));
}

TEST_CASE("every golden vector is the same to another MessagePack, and made again byte by byte") {
  const Ran ran = run_shell(python() + " " + quoted(source("tests/interop/golden_vectors.py")) + " " +
                            quoted(source("schemas/golden")));
  INFO(ran.said);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Contains(" vectors, 0 wrong"));
}

}  // namespace tally::interop
