#include "gateway/http/message.h"

#include <algorithm>

namespace tally::gateway::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// -1 for what is no hexadecimal digit.
int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Cuts off and gives what is before the first `end`; everything when there is none.
std::string_view cut(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view piece = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return piece;
}

// Whoever serves files or compares paths may rely on these: there is one way only to write a path.
std::optional<ClientError> objection_to_path(const std::string& path) {
  if (path.empty() || path.front() != '/') return ClientError{400, "the target is not a path"};
  if (path.size() > path_bytes_max) return ClientError{414, "the path is too long"};
  const auto has = [&path](std::string_view piece) { return path.find(piece) != std::string::npos; };
  if (std::any_of(path.begin(), path.end(), is_control)) return ClientError{400, "a control character in the path"};
  if (has("..") || has("//") || has("/./") || path.ends_with("/.")) return ClientError{400, "the path is not plain"};
  if (has("\\")) return ClientError{400, "a backslash in the path"};
  return std::nullopt;
}

Result<std::map<std::string, std::string>, ClientError> read_query(std::string_view text) {
  std::map<std::string, std::string> query;
  std::size_t fields = 0;
  while (!text.empty()) {
    std::string_view field = cut(text, '&');
    if (field.empty()) continue;
    if (++fields > query_fields_max) return Unexpected{ClientError{400, "too many fields in the query"}};
    const auto name = percent_decoded(cut(field, '='), true);
    const auto value = percent_decoded(field, true);
    if (!name || !value) return Unexpected{ClientError{400, "a bad percent sign in the query"}};
    if (name->find('\0') != std::string::npos || value->find('\0') != std::string::npos) {
      return Unexpected{ClientError{400, "a NUL in the query"}};
    }
    query.emplace(*name, *value);
  }
  return query;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [other, value] : headers) {
    if (equal_in_any_case(name, other)) return value;
  }
  return std::nullopt;
}

Result<Target, ClientError> read_target(std::string_view target) {
  if (target.size() > target_bytes_max) return Unexpected{ClientError{414, "the target is too long"}};
  if (!target.starts_with('/')) return Unexpected{ClientError{400, "the target is not a path"}};
  // A browser keeps what is behind '#' to itself.
  if (target.find('#') != std::string_view::npos) return Unexpected{ClientError{400, "the target is not a path"}};

  auto path = percent_decoded(cut(target, '?'), false);
  if (!path) return Unexpected{ClientError{400, "a bad percent sign in the path"}};
  if (auto objection = objection_to_path(*path)) return Unexpected{std::move(*objection)};
  auto query = read_query(target);
  if (!query) return Unexpected{query.error()};
  return Target{std::move(*path), std::move(query).value()};
}

std::optional<std::string> percent_decoded(std::string_view text, bool is_query) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && is_query) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = digit_of(text[i + 1]);
      const int low = digit_of(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

void read_cookies(std::string_view header, std::map<std::string, std::string>& cookies) {
  while (!header.empty() && cookies.size() < cookies_max) {
    std::string_view value = cut(header, ';');
    if (value.find('=') == std::string_view::npos) continue;
    const std::string_view name = trimmed(cut(value, '='));
    value = trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (!name.empty()) cookies.emplace(name, value);
  }
}

bool equal_in_any_case(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace tally::gateway::http
