// Keeps the include table of docs/architecture.md true: who may know whom. CMakeLists.txt links along the same table.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

namespace {

struct Rule {
  std::vector<std::string_view> folders;    // Of ours, besides the folder itself; each with what is below it.
  std::vector<std::string_view> libraries;  // Keys of `libraries`.
  bool is_pure = false;                     // Without I/O, clock, chance and threads.
  bool is_free = false;                     // May include anything that exists.
};

// By folder; the longest that matches a file's path is its rule. A source outside of these folders is an error.
const std::map<std::string_view, Rule> rules = {
    {"common/base", {{}, {"openssl"}}},
    {"schemas", {{"common/base"}, {}}},
    {"common/aggregation", {{"schemas", "common/base"}, {"eigen"}, true}},
    {"common/forms", {{"schemas", "common/base"}, {"utf8proc"}, true}},
    {"common/reliability", {{"schemas", "common/base", "common/forms", "common/aggregation"}, {}, true}},
    {"common/codec", {{"schemas", "common/base"}, {"msgpack", "json"}}},
    {"common/net", {{"schemas", "common/base", "common/codec"}, {"zmq", "msgpack", "sodium", "system"}}},
    {"common/ops", {{"schemas", "common/base"}, {"spdlog", "toml", "system"}}},
    {"common/project", {{"schemas", "common/base", "common/forms", "common/aggregation"}, {"toml", "csv"}}},
    {"common/cli", {{"schemas", "common"}, {"cli11", "json", "readline", "sodium", "toml", "system"}}},

    {"broker/core", {{"schemas", "common/base", "common/aggregation", "common/forms"}, {}, true}},
    // The codec turns records into the bytes of the journal; it knows no socket. Forms say how a ballot is read.
    {"broker/storage", {{"schemas", "common/base", "common/forms", "common/codec", "common/ops"}, {"pqxx", "system"}}},
    {"broker/transport", {{"schemas", "common/base", "common/codec", "common/net", "common/ops"}, {"zmq", "system"}}},
    // Proves the core's work, so it takes nothing from it.
    {"broker/audit",
     {{"schemas", "common/base", "common/aggregation", "common/forms", "common/codec", "common/ops", "broker/storage"},
      {}}},
    {"broker",
     {{"schemas", "common", "broker/core", "broker/audit", "broker/storage", "broker/transport"},
      {"cli11", "json", "sodium", "toml", "system"}}},

    {"requester", {{"schemas", "common"}, {"cli11", "json", "readline", "system"}}},
    {"worker-client", {{"schemas", "common"}, {"cli11", "json", "readline", "system"}}},
    {"admin", {{"schemas", "common"}, {"cli11", "json", "readline", "system"}}},
    {"aggregate", {{"schemas", "common"}, {"cli11", "json", "system"}}},
    // A room that knows no word of the domain: HTTP, and what a browser needs of it.
    {"gateway/http", {{"common/base"}, {"boost", "openssl", "zlib", "system"}}},
    {"gateway", {{"schemas", "common", "gateway/http"}, {"boost", "cli11", "json", "sodium", "system"}}},

    {"bench", {{}, {}, false, true}},
    {"tools", {{}, {}, false, true}},
    {"tests", {{}, {}, false, true}},
};

// Which headers are whose. What is in none of these and not of the standard library is an error.
const std::map<std::string_view, std::regex> libraries = {
    {"boost", std::regex("boost/.*")},
    {"cli11", std::regex("CLI/.*")},
    {"csv", std::regex("csv\\.h")},
    {"eigen", std::regex("Eigen/.*")},
    {"json", std::regex("nlohmann/.*")},
    {"msgpack", std::regex("msgpack(\\.hpp|/.*)")},
    {"pqxx", std::regex("pqxx/.*|libpq.*|postgresql/.*")},
    {"readline", std::regex("readline/.*")},
    {"openssl", std::regex("openssl/.*")},
    {"sodium", std::regex("sodium\\.h|sodium/.*")},
    {"spdlog", std::regex("(spdlog|fmt)/.*")},
    {"toml", std::regex("toml\\+\\+/.*|toml\\.hpp")},
    {"utf8proc", std::regex("utf8proc\\.h")},
    {"zlib", std::regex("zlib\\.h")},
    {"zmq", std::regex("zmq.*\\.hp?p?")},
    {"system", std::regex("(sys|net|netinet|arpa|linux)/.*|(dirent|fcntl|grp|netdb|poll|pthread|pwd|sched|signal|spawn|"
                          "termios|unistd)\\.h")},
};

const std::set<std::string_view> impure = {
    "atomic",     "chrono",       "condition_variable", "cstdio", "ctime", "filesystem",
    "fstream",    "future",       "iostream",           "mutex",  "print", "random",
    "syncstream", "shared_mutex", "stop_token",         "thread",
};

bool is_within(std::string_view path, std::string_view folder) {
  return path == folder || (path.substr(0, folder.size()) == folder && path.substr(folder.size(), 1) == "/");
}

// The key in `rules` of the folder that a path belongs to; empty when none does.
std::string_view folder_of(std::string_view path) {
  std::string_view found;
  for (const auto& [folder, rule] : rules) {
    if (is_within(path, folder) && folder.size() > found.size()) found = folder;
  }
  return found;
}

using Exists = std::function<bool(const std::string&)>;

// Why a file may not include one of our headers; empty when it may.
std::string objection_to_ours(std::string_view folder, const std::string& header, const Exists& exists) {
  if (!exists(header)) return "is not a path from the top of the tree";
  const Rule& rule = rules.at(folder);
  const std::string_view other = folder_of(header);
  if (rule.is_free || other == folder) return "";
  for (const std::string_view allowed : rule.folders) {
    if (is_within(other, allowed)) return "";
  }
  return std::string(folder) + " may not include " + std::string(other.empty() ? "this" : other);
}

std::string objection_to_theirs(std::string_view folder, const std::string& header) {
  const Rule& rule = rules.at(folder);
  if (rule.is_free) return "";
  for (const auto& [library, pattern] : libraries) {
    if (!std::regex_match(header, pattern)) continue;
    if (std::count(rule.libraries.begin(), rule.libraries.end(), library) > 0) return "";
    return std::string(folder) + " may not use " + std::string(library);
  }
  if (header.find_first_of("/.") != std::string::npos) return "is of a library that the table does not know";
  if (rule.is_pure && impure.count(header) > 0) return std::string(folder) + " has no I/O, clock, chance or threads";
  return "";
}

// One line for each include that the table forbids: "path:line: #include <x>: reason".
std::vector<std::string> complaints_about(const std::string& path, std::istream& text, const Exists& exists) {
  static const std::regex include("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"].*$");
  const std::string_view folder = folder_of(path);
  if (folder.empty()) return {path + ": the table has no rule for this folder"};

  std::vector<std::string> complaints;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    std::smatch match;
    if (!std::regex_match(line, match, include)) continue;
    const std::string header = match[2];
    const std::string objection =
        match[1] == "\"" ? objection_to_ours(folder, header, exists) : objection_to_theirs(folder, header);
    if (!objection.empty()) complaints.push_back(path + ":" + std::to_string(number) + ": " + line + ": " + objection);
  }
  return complaints;
}

std::vector<std::string> complaints_about(const std::string& path, const std::string& text) {
  std::istringstream stream(text);
  return complaints_about(path, stream, [](const std::string& header) { return header.find("../") != 0; });
}

std::filesystem::path top_of_tree() {
  const char* top = std::getenv("TALLY_SOURCE_DIR");  // Set by CTest; by hand, run this at the top of the tree.
  return top != nullptr ? top : std::filesystem::current_path();
}

// Paths from the top of every C++ source; build folders and hidden ones are left out.
std::vector<std::string> sources_below(const std::filesystem::path& top) {
  std::vector<std::string> paths;
  for (auto entry = std::filesystem::recursive_directory_iterator(top);
       entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    if (entry->is_directory() && (name.front() == '.' || name == "build" || name == "node_modules")) {
      entry.disable_recursion_pending();
    }
    const std::string kind = entry->path().extension();
    if (kind == ".h" || kind == ".cc" || kind == ".hpp" || kind == ".cpp") {
      paths.push_back(entry->path().lexically_relative(top));
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

TEST_CASE("every include in the tree is one that the table allows") {
  const std::filesystem::path top = top_of_tree();
  INFO("the top of the tree is taken to be " << top);
  REQUIRE(std::filesystem::is_regular_file(top / "schemas/ids.h"));
  const std::vector<std::string> paths = sources_below(top);
  REQUIRE(paths.size() > 10);

  std::string all;
  for (const std::string& path : paths) {
    std::ifstream text(top / path);
    REQUIRE(text.is_open());
    const auto exists = [&](const std::string& header) { return std::filesystem::is_regular_file(top / header); };
    for (const std::string& complaint : complaints_about(path, text, exists)) all += complaint + "\n";
  }
  INFO(all);
  CHECK(all.empty());
}

TEST_CASE("a forbidden include is named with its file, its line and the reason") {
  const std::vector<std::string> complaints =
      complaints_about("broker/core/core.cc", "#include \"schemas/ids.h\"\n#include <pqxx/pqxx>\n");
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0] == "broker/core/core.cc:2: #include <pqxx/pqxx>: broker/core may not use pqxx");
}

TEST_CASE("the table forbids what the design says must never be") {
  const auto [path, line] = GENERATE(table<std::string, std::string>({
      {"common/base/result.h", "#include \"schemas/ids.h\""},
      {"schemas/messages.h", "#include <msgpack.hpp>"},
      {"schemas/messages.h", "#include <zmq.hpp>"},
      {"schemas/messages/worker.h", "#include <pqxx/pqxx>"},
      {"common/aggregation/majority.cc", "#include <fstream>"},
      {"common/forms/text.cc", "#include \"broker/core/core.h\""},
      {"common/reliability/reach.cc", "#include \"common/cli/figures.h\""},
      {"broker/core/core.cc", "#include <chrono>"},
      {"broker/core/core.cc", "  #  include <random>  // For a draw."},
      {"broker/core/core.cc", "#include <unistd.h>"},
      {"broker/core/core.cc", "#include \"common/ops/log.h\""},
      {"broker/storage/storage.cc", "#include \"broker/core/core.h\""},
      {"broker/storage/storage.cc", "#include <zmq.hpp>"},
      {"broker/storage/storage.cc", "#include \"common/net/client.h\""},
      {"broker/transport/server.cc", "#include \"broker/core/core.h\""},
      {"broker/transport/server.cc", "#include <pqxx/pqxx>"},
      {"broker/audit/auditor.cc", "#include \"broker/core/core.h\""},
      {"broker/audit/auditor.cc", "#include <pqxx/pqxx>"},
      {"broker/event_loop.cc", "#include <libpq-fe.h>"},
      {"common/net/client.cc", "#include \"broker/transport/server.h\""},
      {"requester/main.cc", "#include \"broker/config.h\""},
      {"requester/main.cc", "#include \"admin/audit.h\""},
      {"worker-client/main.cc", "#include \"requester/post.h\""},
      {"worker-client/main.cc", "#include <zmq.hpp>"},
      {"admin/main.cc", "#include <boost/asio.hpp>"},
      {"admin/main.cc", "#include \"../common/base/result.h\""},
      {"elsewhere/main.cc", "#include <vector>"},
  }));
  INFO(path << ": " << line);
  CHECK(complaints_about(path, line + "\n").size() == 1);
}

TEST_CASE("the table allows what the design says may be") {
  const auto [path, line] = GENERATE(table<std::string, std::string>({
      {"schemas/messages.h", "#include \"common/base/result.h\""},
      {"schemas/messages.h", "#include \"schemas/messages/worker.h\""},
      {"broker/core/core.cc", "#include \"common/aggregation/majority.h\""},
      {"broker/core/core.cc", "#include <map>"},
      {"broker/storage/storage.cc", "#include <pqxx/pqxx>"},
      {"broker/event_loop.cc", "#include \"broker/core/core.h\""},
      {"common/net/client.cc", "#include <zmq.hpp>"},
      {"requester/post.cc", "#include \"common/project/items.h\""},
      {"tests/broker/core_test.cc", "#include \"broker/core/core.h\""},
      {"broker/core/core.cc", "// #include <thread>"},
  }));
  INFO(path << ": " << line);
  CHECK(complaints_about(path, line + "\n").empty());
}
