// tally-gateway as a shell runs it: what it says when something is wrong, and that it ends in order.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

#include "tests/e2e/background.h"
#include "tests/e2e/programs.h"
#include "tests/gateway/browser.h"
#include "tests/support/comes_true.h"

namespace tally::gateway::testing {
namespace {

using e2e::quoted;
using e2e::Ran;
using e2e::run_shell;
using test::comes_true;

// Empty while there is no such file.
std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Ended by the shell when it takes longer.
Ran gateway(const std::filesystem::path& home, const std::string& arguments) {
  return run_shell("TALLY_HOME=" + quoted(home) + " timeout 30 " + quoted(e2e::program("tally-gateway")) + " " +
                   arguments);
}

}  // namespace

TEST_CASE("tally-gateway says what is wrong with what it was given, and what to do") {
  e2e::Market market;
  const e2e::ProgramUser pages(market, Role::gateway, "Pages", "pages");
  const auto wrong = [&](const std::string& arguments, int code = 2) {
    const Ran ran = gateway(pages.home(), arguments);
    INFO(arguments << ": " << ran.said);
    CHECK(ran.code == code);
    CHECK_THAT(ran.said, Catch::StartsWith("tally-gateway: "));
    return ran.said;
  };
  CHECK_THAT(wrong("serve --port 65536"), Catch::Contains("--port"));
  CHECK_THAT(wrong("serve --pages /nowhere"), Catch::Contains("/nowhere is no folder"));
  const auto empty = market.folder.path() / "empty";
  std::filesystem::create_directory(empty);
  CHECK_THAT(wrong("serve --pages " + quoted(empty)), Catch::Contains("index.html"));
  CHECK_THAT(wrong("serve --certificate /nowhere.pem"), Catch::Contains("--certificate and --key go together"));
  const auto no_pem = e2e::write_file(market.folder.path() / "no.pem", "nothing of the kind");
  CHECK_THAT(wrong("serve --port 0 --certificate " + quoted(no_pem) + " --key " + quoted(no_pem)),
             Catch::Contains("PEM files"));
  CHECK_THAT(wrong("serve --public-url ftp://tasks.example.org"), Catch::Contains("--public-url"));
  CHECK_THAT(wrong("serve --public-url https://tasks.example.org/tally"), Catch::Contains("without a path"));
  CHECK_THAT(wrong("join nonsense", 1), Catch::Contains("not an invitation"));
  const std::string taken = std::to_string(market.broker.main_port());
  CHECK_THAT(wrong("serve --port " + taken), Catch::Contains(taken) && Catch::Contains("stop what uses it"));

  INFO("without a key, and with a key that is no gateway's");
  const Ran stranger = gateway(empty, "serve");
  CHECK(stranger.code == 2);
  CHECK_THAT(stranger.said, Catch::Contains("join first"));
  const e2e::ProgramUser worker(market, Role::worker, "Ann", "ann");
  const Ran not_a_gateway = gateway(worker.home(), "serve --profile worker");
  CHECK(not_a_gateway.code == 2);
  CHECK_THAT(not_a_gateway.said, Catch::Contains("not a gateway's"));
}

TEST_CASE("tally-gateway serves until SIGTERM, ends with 0, and tally-admin sees and ends the sign-ins of an account") {
  e2e::Market market;
  const e2e::ProgramUser pages(market, Role::gateway, "Pages", "pages");
  const e2e::ProgramUser admin(market, Role::admin, "Ada", "ada");
  const auto out = market.folder.path() / "gateway.out";
  e2e::Background serving(pages.unbounded_command("serve --port 0") + " >" + quoted(out));
  REQUIRE(comes_true([&] { return text_of(out).starts_with("pages: ") && text_of(out).ends_with('\n'); }));
  const std::string ready = text_of(out);
  const int port = std::stoi(ready.substr(ready.rfind(':') + 1));

  const Invited ann =
      stack::must(market.admin->client(), Invite{stack::random_key(), Role::worker, "Ann", {}, 3'600'000});
  Browser browser(port);
  REQUIRE(browser.sign_in(ann.line).status == 200);
  const std::string account = std::to_string(ann.account.value);
  const Ran listed = admin.tally("sign-ins " + account);
  CHECK(listed.code == 0);
  CHECK_THAT(listed.said, Catch::Contains("sign-in") && Catch::Contains(std::to_string(pages.account().value)));
  CHECK(admin.tally("sign-out " + account + " --sign-in x").code == 2);
  CHECK(admin.tally("sign-out 4711000").code == 1);
  const Ran ended = admin.tally("sign-out " + account + " --sign-in 1");
  CHECK(ended.code == 0);
  CHECK_THAT(ended.said, Catch::Contains("that browser is signed out"));
  CHECK(browser.get("/api/session").json().is_null());
  CHECK_THAT(admin.tally("sign-out " + account).said, Catch::Contains("every browser"));

  serving.terminate();
  CHECK(serving.end().code == 0);
}

}  // namespace tally::gateway::testing
