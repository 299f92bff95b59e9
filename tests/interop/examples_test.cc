// Workers in other languages against the real broker, and the golden vectors in another language's MessagePack.
#include <cstdlib>
#include <sys/stat.h>

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
    if (run_shell(std::string(name) + " -c 'import msgpack, zmq'").code == 0) return name;
  }
  FAIL("no Python has zmq and msgpack: run scripts/setup");
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

// Lets the example of this command join and work off a project, and come a second time without an invitation.
void check_example(const std::string& command) {
  e2e::Market market;
  constexpr int items = 12;
  const ProjectId project = market.post(every_type_spec(), e2e::numbered_items(items));
  const Invited invited =
      stack::must(market.admin->client(), Invite{stack::random_key(), Role::worker, "Wim", std::nullopt, 3'600'000});
  const std::filesystem::path key = market.folder.path() / "worker.key";
  const std::string again = "timeout 120 " + command + " " + quoted(key);
  const Ran ran = run_shell(again + " '" + invited.line + "'");
  INFO(ran.said);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Contains("accepted") && Contains("no work:"));
  struct stat status {};
  REQUIRE(::stat(key.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  const Ran second = run_shell(again);
  INFO(second.said);
  CHECK(second.code == 0);
  CHECK_THAT(second.said, Contains("no work:"));
  // An invitation is good for one key.
  const Ran thief = run_shell("timeout 120 " + command + " " + quoted(market.folder.path() / "thief.key") + " '" +
                              invited.line + "'");
  INFO(thief.said);
  CHECK(thief.code != 0);
  CHECK_THAT(thief.said, Contains("refused: invitation_unknown"));

  const auto is_over = [](const ProjectStatus& now) { return now.row.state == ProjectState::ended; };
  const ProjectStatus done = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
  CHECK(done.settled == items);
  CHECK(done.paid == Micros{items * 10'000LL});
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace

TEST_CASE("the worker in Python joins, answers every type of field, and is paid") {
  check_example(python() + " " + quoted(source("worker-client/examples/worker.py")));
}

TEST_CASE("the worker in JavaScript joins, answers every type of field, and is paid") {
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
