#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "schemas/time.h"

// What happened, as a digest: the same seed gives the same one. And, for whoever looks for a cause, as lines.
namespace tally::sim {

class Trace {
 public:
  using Print = std::function<void(const std::string& line)>;
  explicit Trace(Print print = {}) : print_(std::move(print)) {}

  void add(Time at, std::string_view what, std::string_view bytes = {}) {
    mix(static_cast<std::uint64_t>(at.ms));
    for (const char c : what) mix(static_cast<unsigned char>(c));
    for (const char c : bytes) mix(static_cast<unsigned char>(c));
  }
  // Told to whoever looks; not a part of the digest, so that looking changes nothing.
  void say(Time at, const std::string& line) const {
    if (print_) print_(std::to_string(at.ms) + " " + line);
  }
  [[nodiscard]] bool is_watched() const { return static_cast<bool>(print_); }
  [[nodiscard]] std::uint64_t digest() const { return hash_; }

 private:
  void mix(std::uint64_t value) {  // FNV-1a.
    hash_ ^= value;
    hash_ *= 0x100000001b3U;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  Print print_;
};

}  // namespace tally::sim
