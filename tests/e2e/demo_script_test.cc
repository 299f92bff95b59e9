// scripts/demo, as somebody runs it who has just cloned the tree and built it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"

namespace tally::e2e {
namespace {

namespace fs = std::filesystem;

fs::path tree() {
  const char* folder = std::getenv("TALLY_SOURCE_DIR");
  return folder == nullptr ? fs::current_path() : fs::path(folder);
}

fs::file_time_type newest_source() {
  fs::file_time_type newest = fs::last_write_time(tree() / "CMakeLists.txt");
  for (const char* folder : {"admin", "broker", "cmake", "common", "requester", "schemas", "tools", "worker-client"}) {
    for (const auto& entry : fs::recursive_directory_iterator(tree() / folder)) {
      const std::string path = entry.path().string();
      if (path.find("node_modules") != std::string::npos || !entry.is_regular_file()) continue;
      newest = std::max(newest, entry.last_write_time());
    }
  }
  return newest;
}

// The script builds what is not built, which takes minutes.
bool are_programs_built() {
  for (const char* name : {"tally-broker", "tally-requester", "tally-worker", "tally-admin", "tally-demo"}) {
    if (!fs::exists(tree() / "build/release/bin" / name)) return false;
  }
  // scripts/build writes it at its end.
  std::error_code none;
  const auto built = fs::last_write_time(tree() / "build/release.log", none);
  return !none && built > newest_source();
}

// Processes that were started with this folder among their words, or that work below it.
std::vector<std::string> processes_of(const fs::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::error_code gone;
    const std::string where = fs::read_symlink(entry.path() / "cwd", gone).string();
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    std::string words{std::istreambuf_iterator<char>(file), {}};
    std::replace(words.begin(), words.end(), '\0', ' ');
    const bool is_named = words.find(folder.string() + "/") != std::string::npos;
    if (is_named || where.starts_with(folder.string() + "/")) found.push_back(words);
  }
  return found;
}

}  // namespace

TEST_CASE("the demo comes to a clean audit, and leaves no process and no folder behind") {
  if (!are_programs_built()) {
    WARN("skipped: scripts/build tally-broker tally-requester tally-worker tally-admin tally-demo comes first");
    return;
  }
  const stack::TemporaryFolder folder("tally-e2e-");
  const Ran ran = run_shell("TMPDIR=" + quoted(folder.path()) + " timeout -k 30 300 " +
                            quoted(tree() / "scripts" / "demo") + " </dev/null");
  INFO(ran.said);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.said, Catch::Contains("The audit is clean") && Catch::Contains("verdict"));
  const std::vector<std::string> left_running = processes_of(folder.path());
  CAPTURE(left_running);
  CHECK(left_running.empty());
  CHECK(fs::is_empty(folder.path()));
}

}  // namespace tally::e2e
