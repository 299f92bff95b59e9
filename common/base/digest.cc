#include "common/base/digest.h"

#include <new>

#include <sodium.h>

namespace tally {
namespace {

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

crypto_hash_sha256_state* state_in(std::array<std::uint8_t, 256>& room) {
  static_assert(sizeof(crypto_hash_sha256_state) <= 256);
  return reinterpret_cast<crypto_hash_sha256_state*>(
      room.data());  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

}  // namespace

Digest sha256(std::string_view bytes) {
  Digest digest{};
  crypto_hash_sha256(digest.data(), as_bytes(bytes), bytes.size());
  return digest;
}

Sha256::Sha256() : state_{} { crypto_hash_sha256_init(state_in(state_)); }

void Sha256::add(std::string_view bytes) { crypto_hash_sha256_update(state_in(state_), as_bytes(bytes), bytes.size()); }

Digest Sha256::finish() {
  Digest digest{};
  crypto_hash_sha256_final(state_in(state_), digest.data());
  return digest;
}

std::string bytes_of(const Digest& digest) { return {digest.begin(), digest.end()}; }

std::string hex_of(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

}  // namespace tally
