#include "common/base/digest.h"

#include <openssl/evp.h>

#include "common/base/assert.h"

namespace tally {

// An algorithm is looked up by its name under a lock: once for all, and contexts start anew from it.
class Sha256::Impl {
 public:
  Impl() { start(); }
  void start() { must(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr)); }
  void add(std::string_view bytes) { must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }
  Digest finish() {
    Digest digest{};
    must(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
    return digest;
  }

 private:
  struct Free {
    void operator()(EVP_MD* one) const { EVP_MD_free(one); }
    void operator()(EVP_MD_CTX* one) const { EVP_MD_CTX_free(one); }
  };

  // Only without memory, or with an OpenSSL that has no SHA-256.
  static void must(int succeeded) { TALLY_ASSERT(succeeded == 1); }
  static const EVP_MD* algorithm() {
    static const std::unique_ptr<EVP_MD, Free> found(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    TALLY_ASSERT(found != nullptr);
    return found.get();
  }

  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
void Sha256::add(std::string_view bytes) { impl_->add(bytes); }
Digest Sha256::finish() { return impl_->finish(); }

Digest sha256(std::string_view bytes) {
  thread_local Sha256::Impl again;
  again.start();
  again.add(bytes);
  return again.finish();
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
