#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>

// Who used the processors: by thread, by process, by part of the system.
namespace tally::stack {

struct CpuTime {
  double seconds = 0;

  [[nodiscard]] static CpuTime of_thread();  // This one.
  CpuTime& operator+=(CpuTime other) {
    seconds += other.seconds;
    return *this;
  }
  friend CpuTime operator-(CpuTime a, CpuTime b) { return {a.seconds - b.seconds}; }
};

// Seconds that each thread of a process has used so far, added up by the thread's name.
[[nodiscard]] std::map<std::string, double> cpu_of_threads(pid_t process);

// Seconds of a PostgreSQL and all its processes, found by its folder; those that ended are counted by their parent.
[[nodiscard]] double cpu_of_postgres(const std::filesystem::path& folder);
[[nodiscard]] double cpu_of_postgres(pid_t postmaster);

}  // namespace tally::stack
