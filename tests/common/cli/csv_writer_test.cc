#include "common/cli/csv_writer.h"

#include <random>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>

using namespace tally::cli;

namespace {

std::string written(const std::vector<std::string>& cells) {
  std::ostringstream out;
  CsvWriter(out).row(cells);
  return out.str();
}

// The content of one cell, with quotes undone.
std::string content_of(std::string_view cell) {
  if (!cell.starts_with('"')) return std::string(cell);
  cell = cell.substr(1, cell.size() - 2);
  std::string content;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    content += cell[i];
    if (cell[i] == '"') ++i;
  }
  return content;
}

}  // namespace

TEST_CASE("a row is written as RFC 4180 has it") {
  CHECK(written({"a", "b c", ""}) == "a,b c,\r\n");
  CHECK(written({"a,b", "say \"hi\"", "two\nlines", " x"}) == "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" x\"\r\n");
  CHECK(written({""}) == "\"\"\r\n");
}

TEST_CASE("no cell can begin a formula in a spreadsheet") {
  CHECK(csv_cell("=1+1") == "'=1+1");
  CHECK(csv_cell("@SUM(A1)") == "'@SUM(A1)");
  CHECK(csv_cell("+cmd|' /C calc'!A0") == "'+cmd|' /C calc'!A0");
  CHECK(csv_cell("-2+3") == "'-2+3");
  CHECK(csv_cell("\t=1") == "\"'\t=1\"");
  CHECK(csv_cell("\r=1") == "\"'\r=1\"");
  CHECK(csv_cell("\uff1d1+1") == "'\uff1d1+1");
  CHECK(csv_cell("=HYPERLINK(\"http://x\",\"y\")") == "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
}

TEST_CASE("a plain number stays a number") {
  for (const char* number : {"-5", "+0.25", "-.5", "12", "0.05"}) CHECK(csv_cell(number) == number);
  CHECK(csv_cell("-5%") == "'-5%");
  CHECK(csv_cell("-1e5") == "'-1e5");
}

TEST_CASE("what was protected can be read back exactly") {
  std::mt19937 random(5);
  const std::string alphabet = "'=+-@\t\r\n\" ,a1";
  for (int i = 0; i < 50'000; ++i) {
    std::string value;
    for (auto n = random() % 6; n > 0; --n) value += alphabet[random() % alphabet.size()];
    const std::string content = content_of(csv_cell(value));
    INFO(value);
    REQUIRE(without_protection(content) == value);
    const bool is_number = value.find_first_not_of("+-1") == std::string::npos;
    if (!is_number) REQUIRE(std::string("=+-@\t\r").find(content.empty() ? 'a' : content[0]) == std::string::npos);
  }
}
