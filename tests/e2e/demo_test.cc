// tally-demo, as scripts/demo runs it.
#include <catch2/catch.hpp>

#include "common/cli/key_file.h"
#include "tests/e2e/programs.h"

namespace tally::e2e {
namespace {

void save_key(const std::filesystem::path& home, Role role, const stack::Person& person) {
  cli::KeyFile file;
  file.host = person.config.host;
  file.port = person.config.port;
  file.enrolment_port = person.config.port;
  file.server_key = person.config.server_key;
  file.keys = person.config.keys;
  file.account = person.account;
  file.role = role;
  file.display_name = person.name;
  cli::save_key_file(home / (std::string(name_of(role)) + ".toml"), file);
}

}  // namespace

TEST_CASE("the demo's people stop quietly when they are interrupted, with the exit code of a shell") {
  Market market;
  const std::filesystem::path home = market.folder.path() / "home";
  save_key(home, Role::admin, market.admin->person());
  save_key(home, Role::requester, market.requester);
  market.post(small_spec(), numbered_items(600));
  const auto truth = write_file(market.folder.path() / "truth.csv", "text,bird\nItem 1,robin\n");
  const Ran ran = run_shell("TALLY_HOME=" + quoted(home) + " timeout --preserve-status -s INT 3 " +
                            quoted(program("tally-demo")) + " --pace 0.1 " + quoted(truth));
  INFO(ran.said);
  CHECK(ran.code == 130);
  CHECK_THAT(ran.said, !Catch::Contains("interrupted") && !Catch::Contains("tally-demo:"));
}

}  // namespace tally::e2e
