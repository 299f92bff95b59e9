// A statement that is on no list is not prepared, and fails when it is first used: perhaps on a path of its own.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What stands between the braces of the lists: inline constexpr Statement NAME[] = {…}.
std::string lists_in(const std::string& text) {
  const std::regex list(R"(Statement \w+\[\] = \{([^}]*)\})");
  std::string names;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), list); it != std::sregex_iterator(); ++it) {
    names += (*it)[1].str() + ',';
  }
  return names;
}

}  // namespace

TEST_CASE("every statement is on the list of those that are prepared") {
  const std::filesystem::path tree = std::getenv("TALLY_SOURCE_DIR");
  for (const char* file : {"broker/storage/statements.h", "broker/storage/read_statements.h"}) {
    const std::string text = text_of(tree / file);
    const std::string lists = lists_in(text);
    REQUIRE_FALSE(lists.empty());
    const std::regex statement(R"(inline constexpr Statement (\w+)\{)");
    int count = 0;
    for (auto it = std::sregex_iterator(text.begin(), text.end(), statement); it != std::sregex_iterator(); ++it) {
      const std::string name = (*it)[1].str();
      INFO(file << ": " << name);
      CHECK(std::regex_search(lists, std::regex("\\b" + name + "\\b")));
      ++count;
    }
    CHECK(count > 10);
  }
}
