#include "common/net/keys.h"

#include <array>

#include <sodium.h>

#include "common/base/digest.h"
#include "schemas/ids.h"

namespace tally::net {
namespace {

constexpr std::string_view scheme = "tally://";
constexpr std::string_view form = "an invitation looks like tally://HOST:PORT/SERVERKEY/CODE";

Unexpected<std::string> wrong(const std::string& what) { return {what + "; " + std::string(form)}; }

bool is_code(std::string_view code) {
  return !code.empty() && code.size() <= 100 && code.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

bool is_host(std::string_view host) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  if (host.starts_with('[') && host.ends_with(']')) {
    return host.size() > 2 &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  return !host.empty() && host.size() <= 255 && host.find_first_not_of(plain) == std::string_view::npos;
}

}  // namespace

KeyPair make_key_pair() {
  // The keys of CURVE are those of libsodium's box, as libzmq makes them itself.
  std::array<unsigned char, key_bytes> open{};
  std::array<unsigned char, key_bytes> secret{};
  crypto_box_keypair(open.data(), secret.data());
  KeyPair pair{std::string(open.begin(), open.end()), std::string(secret.begin(), secret.end())};
  sodium_memzero(secret.data(), secret.size());
  return pair;
}

std::optional<std::string> key_from_hex(std::string_view hex) {
  std::array<unsigned char, key_bytes> key{};
  std::size_t length = 0;
  if (hex.size() != 2 * key_bytes) return std::nullopt;
  if (sodium_hex2bin(key.data(), key.size(), hex.data(), hex.size(), nullptr, &length, nullptr) != 0)
    return std::nullopt;
  if (length != key_bytes) return std::nullopt;
  return std::string(key.begin(), key.end());
}

std::string to_text(const Invitation& invitation) {
  return std::string(scheme) + invitation.host + ':' + std::to_string(invitation.port) + '/' +
         hex_of(invitation.server_key) + '/' + invitation.code;
}

Result<Invitation, std::string> invitation_from(std::string_view line) {
  if (!line.starts_with(scheme)) return wrong("this is not an invitation");
  line.remove_prefix(scheme.size());
  const auto key_at = line.find('/');
  const auto code_at = key_at == std::string_view::npos ? key_at : line.find('/', key_at + 1);
  if (code_at == std::string_view::npos) return wrong("the line was cut: a part is missing");
  const std::string_view address = line.substr(0, key_at);
  const auto port_at = address.rfind(':');
  if (port_at == std::string_view::npos) return wrong("the port is missing");
  const auto port = whole_number_from(address.substr(port_at + 1));
  if (!port || *port < 1 || *port > 65535) return wrong("the port is not one");
  if (!is_host(address.substr(0, port_at))) return wrong("the host is not one");
  const auto key = key_from_hex(line.substr(key_at + 1, code_at - key_at - 1));
  if (!key) return wrong("the server key is not 64 hex digits: was the line cut?");
  const std::string_view code = line.substr(code_at + 1);
  if (!is_code(code)) return wrong("the code is not one: was the line cut?");
  return Invitation{std::string(address.substr(0, port_at)), static_cast<int>(*port), *key, std::string(code)};
}

}  // namespace tally::net
