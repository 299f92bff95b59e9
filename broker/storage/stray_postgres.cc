#include "broker/storage/stray_postgres.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace tally::storage {
namespace {

using std::filesystem::path;

bool is_postgres_in(const path& process, const path& data_folder) {
  std::error_code error;
  if (std::filesystem::read_symlink(process / "cwd", error) != data_folder || error) return false;
  // After an upgrade of the package the file of a running program is gone, and its name says so.
  std::string program = std::filesystem::read_symlink(process / "exe", error).filename().string();
  if (program.ends_with(" (deleted)")) program.resize(program.size() - 10);
  return !error && program == "postgres";
}

pid_t parent_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  // pid (name) state parent …; the name may hold anything.
  const auto after_name = text.rfind(") ");
  if (after_name == std::string::npos || after_name + 4 > text.size()) return 0;
  return std::atoi(text.c_str() + after_name + 4);
}

// The one that the others are children of.
std::vector<pid_t> heads_of(const std::vector<pid_t>& processes) {
  std::vector<pid_t> heads;
  for (const pid_t process : processes) {
    if (std::find(processes.begin(), processes.end(), parent_of(process)) == processes.end()) heads.push_back(process);
  }
  return heads;
}

bool wait_until_gone(const path& data_folder, std::chrono::seconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!postgres_in(data_folder).empty()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace

std::vector<pid_t> postgres_in(const path& data_folder) {
  std::vector<pid_t> found;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator("/proc", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    pid_t process = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), process);
    if (wrong != std::errc() || end != name.data() + name.size()) continue;
    if (is_postgres_in(it->path(), data_folder)) found.push_back(process);
  }
  return found;
}

void end_postgres_in(const path& data_folder, const std::function<void(std::string_view)>& log) {
  struct Step {
    int signal;
    bool all;
    std::chrono::seconds wait;
  };
  constexpr Step steps[] = {{SIGINT, false, std::chrono::seconds(20)},
                            {SIGQUIT, true, std::chrono::seconds(10)},
                            {SIGKILL, true, std::chrono::seconds(10)}};
  for (const Step& step : steps) {
    const std::vector<pid_t> processes = postgres_in(data_folder);
    if (processes.empty()) return;
    const std::vector<pid_t> to_end = step.all ? processes : heads_of(processes);
    if (log) {
      log("event=ending_stray_postgres processes=" + std::to_string(processes.size()) +
          " pid=" + std::to_string(to_end.empty() ? 0 : to_end.front()) + " signal=" + std::to_string(step.signal));
    }
    for (const pid_t process : to_end) kill(process, step.signal);
    if (wait_until_gone(data_folder, step.wait)) return;
  }
  throw std::runtime_error("PostgreSQL still runs in " + data_folder.string() + " (process " +
                           std::to_string(postgres_in(data_folder).front()) + ") and cannot be ended: end it by hand");
}

}  // namespace tally::storage
