#include "schemas/grant_token.h"

#include <algorithm>

namespace tally {
namespace {

constexpr std::size_t secret_digits = 64;

bool is_secret(std::string_view text) {
  return text.size() == secret_digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string to_text(const GrantToken& token) {
  return std::to_string(token.account.value) + '-' + std::to_string(token.grant) + '-' + token.secret;
}

std::optional<GrantToken> grant_token_from(std::string_view text) {
  if (text.size() > grant_token_bytes_max) return std::nullopt;
  const std::size_t first = text.find('-');
  const std::size_t second = first == std::string_view::npos ? first : text.find('-', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto account = whole_number_from(text.substr(0, first));
  const auto grant = whole_number_from(text.substr(first + 1, second - first - 1));
  const std::string_view secret = text.substr(second + 1);
  if (!account || !grant || *account < 0 || *grant < 1 || !is_secret(secret)) return std::nullopt;
  return GrantToken{AccountId{*account}, *grant, std::string(secret)};
}

Digest secret_digest_of(std::string_view secret) { return sha256(secret); }

}  // namespace tally
