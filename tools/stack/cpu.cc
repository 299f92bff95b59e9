#include "tools/stack/cpu.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

#include "tools/stack/broker_process.h"

namespace tally::stack {
namespace {

// utime and stime of a stat file; with those of children that ended where `children` is set.
double seconds_in(const std::filesystem::path& stat, bool children) {
  std::ifstream file(stat);
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;  // It has ended.
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0, children_user = 0, children_system = 0;
  fields >> user >> system >> children_user >> children_system;
  const double ticks = user + system + (children ? children_user + children_system : 0);
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

CpuTime CpuTime::of_thread() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return {static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9};
}

BrokerCpu cpu_of_broker(pid_t broker) {
  BrokerCpu cpu;
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(broker) + "/task", ignored)) {
    std::ifstream comm(task.path() / "comm");
    std::string name;
    std::getline(comm, name);
    // The event loop is the main thread; libzmq names its own.
    const bool is_loop = task.path().filename() == std::to_string(broker);
    double& part = is_loop ? cpu.loop : name.starts_with("ZMQ") ? cpu.sockets : cpu.others;
    part += seconds_in(task.path() / "stat", false);
  }
  return cpu;
}

double cpu_of_this_process() { return seconds_in("/proc/self/stat", false); }

double cpu_of_postgres(pid_t postmaster) {
  const auto of = [](pid_t pid, bool children) {
    return seconds_in("/proc/" + std::to_string(pid) + "/stat", children);
  };
  double seconds = of(postmaster, true);
  for (const pid_t child : children_of(postmaster)) seconds += of(child, true);
  return seconds;
}

double cpu_of_postgres(const std::filesystem::path& folder) {
  std::ifstream file(folder / "data" / "postmaster.pid");
  pid_t postmaster = 0;
  if (!(file >> postmaster)) return 0;
  return cpu_of_postgres(postmaster);
}

}  // namespace tally::stack
