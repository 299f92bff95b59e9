#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tally {

// SHA-256 (FIPS 180-4, by OpenSSL, which uses the processor's instructions for it; libsodium takes six times as long).
// The one digest of Tally: the journal's chain, keys of commands, erased content.
using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view bytes);

// Feeds a digest piece by piece, for files that are not held in memory.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void add(std::string_view bytes);
  [[nodiscard]] Digest finish();  // Once.

 private:
  friend Digest sha256(std::string_view bytes);
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A digest as raw bytes (32 characters), as lower-case hex (64).
[[nodiscard]] std::string bytes_of(const Digest& digest);
[[nodiscard]] std::string hex_of(std::string_view bytes);
[[nodiscard]] inline std::string hex_of(const Digest& digest) { return hex_of(bytes_of(digest)); }

}  // namespace tally
