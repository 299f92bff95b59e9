// What every program does with arguments that are wrong, and with a call for help.
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"

namespace tally::e2e {

TEST_CASE("every program says what is wrong with its arguments and ends with 2, and helps with 0") {
  const std::string name = GENERATE("tally-requester", "tally-worker", "tally-admin", "tally-gateway", "tally-broker",
                                    "tally-demo", "tally-replay", "tally-bench-end-to-end");
  INFO(name);
  const std::string command = "timeout 60 " + quoted(program(name)) + " ";
  const Ran help = run_shell(command + "--help");
  CHECK(help.code == 0);
  CHECK_THAT(help.said, Catch::Contains("Usage: " + name));
  const Ran wrong = run_shell(command + "--nonsense nowhere");
  INFO(wrong.said);
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.said, Catch::StartsWith(name + ": ") && Catch::Contains("--nonsense") &&
                             Catch::Contains("(" + name + " --help shows what there is)\n"));
  CHECK(std::count(wrong.said.begin(), wrong.said.end(), '\n') == 1);
}

TEST_CASE("a value that an option cannot have is named, before anything is started") {
  for (const std::string arguments :
       {"tally-demo truth.csv --workers 1", "tally-replay set --min 0", "tally-replay set --kill-every -1",
        "tally-bench-end-to-end --workers 1,0", "tally-bench-end-to-end --tasks some",
        "tally-bench-end-to-end --broker /nowhere", "tally-broker --port 65536"}) {
    const std::size_t space = arguments.find(' ');
    const Ran wrong = run_shell("timeout 60 " + quoted(program(arguments.substr(0, space))) + arguments.substr(space));
    INFO(arguments << ": " << wrong.said);
    CHECK(wrong.code == 2);
    const std::size_t option = arguments.find("--");
    CHECK_THAT(wrong.said, Catch::Contains(arguments.substr(option, arguments.find(' ', option) - option)));
  }
}

}  // namespace tally::e2e
