#include "common/project/toml_section.h"

#include <algorithm>
#include <cmath>

#include "common/project/nearest.h"

namespace tally::project {

void TomlSource::mistake(const toml::source_region& where, const std::string& what) {
  if (!what_.empty() && where.begin.line >= line_) return;
  line_ = where.begin.line;
  what_ = what;
}

std::string TomlSource::first_mistake() const {
  return what_.empty() ? std::string() : file_ + ":" + std::to_string(line_) + ": " + what_;
}

std::string TomlSource::as_typed(const toml::node& node) const {
  const toml::source_region& where = node.source();
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < where.begin.line; ++line) at = text_.find('\n', at) + 1;
  // Columns count characters, and what stands before the value may be more than ASCII.
  for (std::uint32_t column = 1; at < text_.size(); ++at) {
    const bool is_first_byte = (static_cast<unsigned char>(text_[at]) & 0xC0U) != 0x80U;
    if (is_first_byte && column++ == where.begin.column) break;
  }
  const std::string_view rest = text_.substr(std::min(at, text_.size()));
  return std::string(rest.substr(0, rest.find_first_of(" \t\r\n,]}#")));
}

TomlSection::TomlSection(const toml::table& table, std::string name, TomlSource& source)
    : table_(table), name_(std::move(name)), source_(source) {}

const toml::node* TomlSection::take(const std::string& key) {
  taken_.insert(key);
  return table_.get(key);
}

void TomlSection::wrong(const toml::node& node, const std::string& key, const std::string& what) {
  source_.mistake(node.source(), key + " " + what);
}

void TomlSection::missing(const std::string& key) {
  source_.mistake(table_.source(), key + " is missing" + (name_.empty() ? "" : " in " + name_));
}

std::optional<std::string> TomlSection::text(const std::string& key) {
  const toml::node* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (auto value = node->value_exact<std::string>()) return value;
  wrong(*node, key, "must be text in quotes");
  return std::nullopt;
}

std::string TomlSection::required_text(const std::string& key) {
  if (!table_.contains(key)) missing(key);
  return text(key).value_or("");
}

std::int64_t TomlSection::whole(const std::string& key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  const toml::node* node = take(key);
  if (node == nullptr) return fallback;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= min && *value <= max) return *value;
  wrong(*node, key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return fallback;
}

std::int64_t TomlSection::share(const ShareKey& key, std::int64_t fallback) {
  const toml::node* node = take(key.name);
  if (node == nullptr) return fallback;
  const auto share = node->is_number() ? node->value<double>() : std::nullopt;
  const auto ppm = share && std::isfinite(*share) ? std::llround(std::clamp(*share, -1.0, 2.0) * 1e6) : -1;
  if (ppm >= key.min_ppm && ppm <= key.max_ppm) return ppm;
  wrong(*node, key.name, key.what);
  return fallback;
}

bool TomlSection::yes_or_no(const std::string& key, bool fallback) {
  const toml::node* node = take(key);
  if (node == nullptr) return fallback;
  if (const auto value = node->value_exact<bool>()) return *value;
  wrong(*node, key, "must be true or false");
  return fallback;
}

Duration TomlSection::duration(const std::string& key, Duration fallback) {
  const toml::node* node = take(key);
  if (node == nullptr) return fallback;
  if (const auto text = node->value_exact<std::string>()) {
    if (const auto value = duration_from(*text)) return *value;
  }
  wrong(*node, key, "must be a length of time in quotes, such as \"90s\", \"10m\", \"2h\" or \"7d\"");
  return fallback;
}

std::vector<std::string> TomlSection::texts(const std::string& key) {
  const toml::node* node = take(key);
  std::vector<std::string> texts;
  if (node == nullptr) return texts;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    wrong(*node, key, "must be a list of texts, such as [\"yes\", \"no\"]");
    return texts;
  }
  for (const toml::node& element : *array) {
    if (auto value = element.value_exact<std::string>()) {
      texts.push_back(std::move(*value));
    } else {
      wrong(element, key, "must be a list of texts: put each of them in quotes");
    }
  }
  return texts;
}

const toml::table* TomlSection::table(const std::string& key) {
  const toml::node* node = take(key);
  if (node == nullptr) return nullptr;
  if (const toml::table* table = node->as_table()) return table;
  wrong(*node, key, "must be a table: [" + key + "]");
  return nullptr;
}

void TomlSection::done() {
  const std::vector<std::string> known(taken_.begin(), taken_.end());
  for (auto&& [key, node] : table_) {
    const std::string name(key.str());
    if (taken_.contains(name)) continue;
    source_.mistake(key.source(),
                    "unknown key '" + name + "'" + (name_.empty() ? "" : " in " + name_) + did_you_mean(name, known));
  }
}

}  // namespace tally::project
