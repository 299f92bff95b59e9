#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "tools/stack/temporary_folder.h"

namespace tally::faults {

// While it lives, programs that are started have a wall clock of their own, by libfaketime; their monotonic clock is
// the true one, as with a machine whose clock is set.
class FakeClock {
 public:
  FakeClock() : folder_("tally-faults-") {
    set(0);
    setenv("LD_PRELOAD", library().c_str(), 1);
    setenv("FAKETIME_TIMESTAMP_FILE", file().c_str(), 1);
    setenv("FAKETIME_NO_CACHE", "1", 1);
    setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
    const char* options = std::getenv("ASAN_OPTIONS");
    options_ = options == nullptr ? "" : options;
    // The library stands before the sanitizer's own, and touches nothing that this one looks after.
    setenv("ASAN_OPTIONS", (options_ + ":verify_asan_link_order=0").c_str(), 1);
  }
  ~FakeClock() {
    for (const char* name :
         {"LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC"}) {
      unsetenv(name);
    }
    setenv("ASAN_OPTIONS", options_.c_str(), 1);
  }
  FakeClock(const FakeClock&) = delete;
  FakeClock& operator=(const FakeClock&) = delete;

  [[nodiscard]] static bool is_there() { return !library().empty(); }
  // Seconds that it is ahead of the true clock, from now on, also for what runs already.
  void set(long seconds) const {
    // Whole or not at all: it is read at any moment.
    const std::filesystem::path next = folder_.path() / "next";
    std::ofstream(next) << (seconds < 0 ? "" : "+") << seconds << '\n';
    std::filesystem::rename(next, file());
  }

 private:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "offset"; }
  static std::string library() {
    for (const char* place : {"/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                              "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"}) {
      if (std::filesystem::exists(place)) return place;
    }
    return "";
  }

  stack::TemporaryFolder folder_;
  std::string options_;
};

}  // namespace tally::faults
