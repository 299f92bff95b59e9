#include "broker/storage/postgres_programs.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "broker/storage/child_process.h"

namespace tally::storage {
namespace {

using std::filesystem::path;

bool has_programs(const path& folder) {
  return access((folder / "initdb").c_str(), X_OK) == 0 && access((folder / "postgres").c_str(), X_OK) == 0;
}

std::string first_line_of(const ChildResult& result) {
  if (result.status != 0) return {};
  return result.output.substr(0, result.output.find('\n'));
}

std::string output_of(std::vector<std::string> command) {
  ChildSpec spec;
  spec.command = std::move(command);
  spec.folder = "/";
  return first_line_of(run_child(spec));
}

// 15 of "postgres (PostgreSQL) 15.20 (Debian …)".
int major_version(const path& folder) {
  const std::string text = output_of({(folder / "postgres").string(), "--version"});
  const auto mark = text.find(") ");
  return mark == std::string::npos ? 0 : std::atoi(text.c_str() + mark + 2);
}

// Where they may be, best first.
std::vector<path> candidates(const path& given) {
  if (!given.empty()) return {given};
  std::vector<path> folders;
  if (access("/usr/bin/pg_config", X_OK) == 0) folders.emplace_back(output_of({"/usr/bin/pg_config", "--bindir"}));
  std::vector<path> debian;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none))
    debian.push_back(entry.path() / "bin");
  std::sort(debian.begin(), debian.end(), [](const path& a, const path& b) {
    return std::atoi(a.parent_path().filename().c_str()) > std::atoi(b.parent_path().filename().c_str());
  });
  folders.insert(folders.end(), debian.begin(), debian.end());
  for (const char* folder : {"/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"}) folders.emplace_back(folder);
  return folders;
}

}  // namespace

path find_postgres_programs(const path& given, const path& data) {
  int wanted = 0;
  if (std::ifstream version(data / "PG_VERSION"); version) version >> wanted;
  int found = 0;
  for (const path& folder : candidates(given)) {
    if (folder.empty() || !has_programs(folder)) continue;
    const int version = major_version(folder);
    if (wanted == 0 || version == wanted) return folder;
    if (found == 0) found = version;
  }
  if (found != 0) {
    throw std::runtime_error("the data in " + data.string() + " was made by PostgreSQL " + std::to_string(wanted) +
                             "; only version " + std::to_string(found) + " is installed: install postgresql-" +
                             std::to_string(wanted) + ", or upgrade the data with pg_upgrade");
  }
  throw std::runtime_error(
      "PostgreSQL's programs (initdb, postgres) were not found" +
      (given.empty() ? std::string() : " in " + given.string()) +
      ": install them (Debian: apt install postgresql), or name a database to use in the configuration");
}

}  // namespace tally::storage
