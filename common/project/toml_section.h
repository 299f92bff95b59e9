#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "schemas/time.h"

// Reading TOML with mistakes that name their line: for project files and configurations.
namespace tally::project {

// A TOML text that is being read, and the mistake in it that stands first.
class TomlSource {
 public:
  TomlSource(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  void mistake(const toml::source_region& where, const std::string& what);
  [[nodiscard]] bool has_mistake() const { return !what_.empty(); }
  // "file:line: what" of the first mistake by line; empty when there is none.
  [[nodiscard]] std::string first_mistake() const;
  // What stands in the file for a value, as it was typed.
  [[nodiscard]] std::string as_typed(const toml::node& node) const;

 private:
  std::string_view text_;
  std::string file_;
  std::uint32_t line_ = 0;
  std::string what_;
};

// A share, or a probability, as a file has it.
struct ShareKey {
  const char* name;
  std::int64_t min_ppm;
  std::int64_t max_ppm;
  const char* what;  // It must be.
};

// A table whose keys are taken one by one; done() then finds those that nobody knows. A value of the wrong type, out of
// its range or missing is noted in the source, and reading goes on with a default.
class TomlSection {
 public:
  // `name` is for messages: "" for the top of the file, "[redundancy]".
  TomlSection(const toml::table& table, std::string name, TomlSource& source);

  [[nodiscard]] const toml::node* take(const std::string& key);
  [[nodiscard]] std::optional<std::string> text(const std::string& key);
  [[nodiscard]] std::string required_text(const std::string& key);
  [[nodiscard]] std::int64_t whole(const std::string& key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  // In parts of a million.
  [[nodiscard]] std::int64_t share(const ShareKey& key, std::int64_t fallback);
  [[nodiscard]] bool yes_or_no(const std::string& key, bool fallback);
  [[nodiscard]] Duration duration(const std::string& key, Duration fallback);
  [[nodiscard]] std::vector<std::string> texts(const std::string& key);
  [[nodiscard]] const toml::table* table(const std::string& key);

  [[nodiscard]] bool has(const std::string& key) const { return table_.contains(key); }
  void wrong(const toml::node& node, const std::string& key, const std::string& what);
  void missing(const std::string& key);
  // Notes every key that was not taken, with the nearest of those that were.
  void done();

 private:
  const toml::table& table_;
  std::string name_;
  TomlSource& source_;
  std::set<std::string> taken_;
};

}  // namespace tally::project
