#pragma once

#include <cstdint>
#include <filesystem>
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

// Seconds that a broker's threads have used so far: its event loop, those of libzmq that read, write and encrypt, and
// all others (the committer, the loader and the like).
struct BrokerCpu {
  double loop = 0;
  double sockets = 0;
  double others = 0;
};
[[nodiscard]] BrokerCpu cpu_of_broker(pid_t broker);
// Of this process and all its threads.
[[nodiscard]] double cpu_of_this_process();

// Seconds of a PostgreSQL and all its processes, found by its folder; those that ended are counted by their parent.
[[nodiscard]] double cpu_of_postgres(const std::filesystem::path& folder);
[[nodiscard]] double cpu_of_postgres(pid_t postmaster);

}  // namespace tally::stack
