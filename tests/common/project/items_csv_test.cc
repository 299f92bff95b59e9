#include "common/project/items_csv.h"

#include <random>
#include <sstream>

#include <catch2/catch.hpp>

#include "common/cli/csv_writer.h"

using namespace tally;
using namespace tally::project;

namespace {

using Rows = std::vector<std::vector<std::string>>;

// All of a file: its good rows, and its mistakes as the user sees them.
struct Read {
  std::vector<std::string> header;
  Rows rows;
  std::vector<ItemRow> items;
  std::vector<std::string> mistakes;
};

Read read(const std::string& text, ItemsLimits limits = {}) {
  std::istringstream in(text);
  auto reader = ItemsReader::open(in, limits);
  Read all;
  if (!reader) {
    all.mistakes.push_back(to_text(reader.error(), "f"));
    return all;
  }
  all.header = reader->header();
  while (true) {
    auto row = reader->next();
    if (!row) {
      all.mistakes.push_back(to_text(row.error(), "f"));
      REQUIRE(all.mistakes.size() < 1000);
      continue;
    }
    if (!*row) break;
    all.rows.push_back((*row)->item.values);
    all.items.push_back(**row);
  }
  return all;
}

std::string only_mistake(const std::string& text, ItemsLimits limits = {}) {
  const Read all = read(text, limits);
  INFO(text);
  REQUIRE(all.mistakes.size() == 1);
  return all.mistakes[0];
}

}  // namespace

TEST_CASE("rows are read as RFC 4180 has them") {
  const Read all = read("a,b\n1,2\n\"x,y\",\"he said \"\"no\"\"\"\n\"two\nlines\",\n\"\",last");
  CHECK(all.mistakes.empty());
  CHECK(all.header == std::vector<std::string>{"a", "b"});
  CHECK(all.rows == Rows{{"1", "2"}, {"x,y", "he said \"no\""}, {"two\nlines", ""}, {"", "last"}});
}

TEST_CASE("a byte order mark, CR LF and empty lines do not matter; spaces and line ends within a cell do") {
  const Read all = read(
      "\xef\xbb\xbf"
      "a,b\r\n\r\n 1 ,\"x\r\ny\"\r\n\n2,3\r\n\r\n");
  CHECK(all.mistakes.empty());
  CHECK(all.header == std::vector<std::string>{"a", "b"});
  CHECK(all.rows == Rows{{" 1 ", "x\r\ny"}, {"2", "3"}});
}

TEST_CASE("each row tells the line and the byte where it begins") {
  const std::string text =
      "\xef\xbb\xbf"
      "a,b\r\n\n1,\"x\ny\"\n2,3\n";
  const Read all = read(text);
  REQUIRE(all.items.size() == 2);
  CHECK(all.items[0].line == 3);
  CHECK(all.items[1].line == 5);
  CHECK(text.substr(static_cast<std::size_t>(all.items[0].offset), 3) == "1,\"");
  CHECK(text.substr(static_cast<std::size_t>(all.items[1].offset)) == "2,3\n");
}

TEST_CASE("an empty file and one without rows are told apart") {
  CHECK_THAT(only_mistake(""), Catch::Contains("f:1: the file is empty"));
  CHECK_THAT(only_mistake("\n\r\n"), Catch::Contains("the file is empty"));
  CHECK_THAT(only_mistake("\xef\xbb\xbf"), Catch::Contains("the file is empty"));
  CHECK_THAT(only_mistake("a,b\n"), Catch::Contains("no row after the names"));
}

TEST_CASE("a header needs names that can be used, each once") {
  CHECK_THAT(only_mistake("a,a\n1,2\n"), Catch::Contains("f:1: column 2: the name 'a' is there twice"));
  CHECK_THAT(only_mistake("_answers,_answers,a\n"), Catch::Contains("column 2: the name '_answers' is there twice"));
  CHECK_THAT(only_mistake("a,\n1,2\n"), Catch::Contains("column 2: the name in the first line is empty"));
  CHECK_THAT(only_mistake("a, b\n"), Catch::Contains("column 2: the name in the first line has a space"));
  CHECK_THAT(only_mistake("a,_b\n"), Catch::Contains("begins with _"));
  CHECK_THAT(only_mistake("a,\"x\ny\"\n"), Catch::Contains("not one line"));
  CHECK_THAT(only_mistake("a,\xff\n"), Catch::Contains("column 2: not UTF-8"));
  CHECK_THAT(only_mistake("_answers\n3\n"), Catch::Contains("must name 1 to 200 columns"));
  std::string wide = "c0";
  for (int i = 1; i <= 200; ++i) wide += ",c" + std::to_string(i);
  CHECK_THAT(only_mistake(wide + "\n"), Catch::Contains("1 to 200"));
}

TEST_CASE("a file in UTF-16 is refused with what to do") {
  CHECK_THAT(only_mistake(std::string("\xff\xfe"
                                      "a\0,\0b\0\n\0",
                                      10)),
             Catch::Contains("UTF-8"));
}

TEST_CASE("a row with the wrong number of cells is named, and the next ones are read") {
  const Read all = read("a,b\n1\n1,2,3\n4,5\n");
  CHECK(all.mistakes ==
        std::vector<std::string>{
            "f:2: the row has 1 cell, the first line 2",
            "f:3: the row has 3 cells, the first line 2; a cell with a comma in it must stand in quotes"});
  CHECK(all.rows == Rows{{"4", "5"}});
}

TEST_CASE("a stray quote is named by line and column, and the next rows are read") {
  const Read all = read("a,b\n1,x\"y\n\"p\"q,2\n4,5\n\"6\" ,7\n8,9\n");
  REQUIRE(all.mistakes.size() == 3);
  CHECK_THAT(all.mistakes[0], Catch::StartsWith("f:2: column 'b': a quote where none can be"));
  CHECK_THAT(all.mistakes[1], Catch::StartsWith("f:3: column 'a': a quote where none can be"));
  CHECK_THAT(all.mistakes[2], Catch::StartsWith("f:5: column 'a': a quote where none can be"));
  CHECK(all.rows == Rows{{"4", "5"}, {"8", "9"}});
}

TEST_CASE("a quote that is never closed costs its own row only") {
  Read all = read("a,b\n1,2\n3,\"open\n4,5\n6,7\n");
  REQUIRE(all.mistakes.size() == 1);
  CHECK_THAT(all.mistakes[0], Catch::StartsWith("f:3: column 'b': a quote opens here and is never closed"));
  CHECK(all.rows == Rows{{"1", "2"}, {"4", "5"}, {"6", "7"}});

  all = read("a,b\n3,\"open\n4,\"fine\"\n6,7\n");
  REQUIRE(all.mistakes.size() == 1);
  CHECK_THAT(all.mistakes[0], Catch::StartsWith("f:2: column 'b': a quote opens here"));
  CHECK(all.rows == Rows{{"4", "fine"}, {"6", "7"}});
  CHECK_THAT(only_mistake("a\n\"x"), Catch::StartsWith("f:2: column 'a': a quote opens here"));
}

TEST_CASE("a quote that is never closed cannot make memory grow past one row") {
  std::string text = "a,b\n1,\"open\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + ",x\n";
  const Read all = read(text, {.cell_bytes_max = 500, .row_bytes_max = 1000});
  REQUIRE(all.mistakes.size() == 1);
  CHECK_THAT(all.mistakes[0], Catch::StartsWith("f:2: column 'b': the row is over 1000 bytes; is a quote not closed?"));
  CHECK(all.rows.size() == 5000);
}

TEST_CASE("a cell or a row over its bound is named, and the next ones are read") {
  const ItemsLimits limits{.cell_bytes_max = 10, .row_bytes_max = 30};
  const Read all = read(
      "a,b\n" + std::string(10, 'x') + ",1\n" + std::string(11, 'x') + ",1\n" + std::string(1000, 'y') + ",1\nz,1\n",
      limits);
  REQUIRE(all.mistakes.size() == 2);
  CHECK_THAT(all.mistakes[0], Catch::StartsWith("f:3: column 'a': the cell is over 10 bytes"));
  CHECK_THAT(all.mistakes[1], Catch::StartsWith("f:4: column 'a': the row is over 30 bytes"));
  CHECK(all.rows == Rows{{std::string(10, 'x'), "1"}, {"z", "1"}});
}

TEST_CASE("bytes that cannot be stored are named by line and column") {
  CHECK_THAT(only_mistake("a,b\n1,\xc3\n2,3\n"), Catch::StartsWith("f:2: column 'b': not UTF-8"));
  CHECK_THAT(only_mistake(std::string("a,b\n1,x\0y\n2,3\n", 14)), Catch::StartsWith("f:2: column 'b': a NUL byte"));
}

TEST_CASE("a carriage return alone does not end a line") {
  const Read all = read("a,b\n1,2\r3,4\n5,\"6\r7\"\n");
  REQUIRE(all.mistakes.size() == 1);
  CHECK_THAT(all.mistakes[0], Catch::StartsWith("f:2: ") && Catch::Contains("carriage return without a line feed"));
  CHECK(all.rows == Rows{{"5", "6\r7"}});
}

TEST_CASE("the reserved column gives an item its own number of answers and is no value") {
  const Read all = read("a,_answers,b\n1,10,x\n2,,y\n3,0,z\n4,101,z\n5,two,z\n6,1.5,z\n7,100,\xff\n8,1\n");
  CHECK(all.header == std::vector<std::string>{"a", "b"});
  REQUIRE(all.items.size() == 2);
  CHECK(all.items[0].item == Item{{"1", "x"}, 10});
  CHECK(all.items[1].item == Item{{"2", "y"}, std::nullopt});
  REQUIRE(all.mistakes.size() == 6);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK_THAT(all.mistakes[i], Catch::Contains("column '_answers': must be a whole number from 1 to 100"));
  CHECK_THAT(all.mistakes[4], Catch::StartsWith("f:8: column 'b': not UTF-8"));
  CHECK_THAT(all.mistakes[5], Catch::Equals("f:9: the row has 2 cells, the first line 3"));
}

TEST_CASE("reserved columns hold what is known to be true of an item, by field, and are no values") {
  const Read all = read("_gold.bird,a,_gold.size\nbunting,1,\n,2,\n\"a, b\",3,small\n\xff,4,\n");
  CHECK(all.header == std::vector<std::string>{"a"});
  REQUIRE(all.items.size() == 3);
  CHECK(all.items[0].item == Item{{"1"}, std::nullopt, {{"bird", "bunting"}}});
  CHECK(all.items[1].item == Item{{"2"}, std::nullopt, {}});
  CHECK(all.items[2].item == Item{{"3"}, std::nullopt, {{"bird", "a, b"}, {"size", "small"}}});
  REQUIRE(all.mistakes.size() == 1);
  CHECK_THAT(all.mistakes[0], Catch::StartsWith("f:5: column '_gold.bird': not UTF-8"));
  CHECK_THAT(only_mistake("a,_gold.b,_gold.b\n"), Catch::Contains("column 3: the name '_gold.b' is there twice"));
}

TEST_CASE("what our writer writes is read back") {
  std::mt19937 random(22);
  const std::string alphabet = "a,\"\r\n x'=";
  std::ostringstream out;
  cli::CsvWriter writer(out);
  writer.row(std::vector<std::string>{"a", "b"});
  Rows rows;
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> row(2);
    for (std::string& cell : row) {
      for (auto n = random() % 6; n > 0; --n) cell += alphabet[random() % alphabet.size()];
    }
    writer.row(row);
    rows.push_back(row);
  }
  Read all = read(out.str());
  CHECK(all.mistakes.empty());
  for (auto& row : all.rows) {
    for (std::string& cell : row) cell = std::string(cli::without_protection(cell));
  }
  CHECK(all.rows == rows);
}

TEST_CASE("any bytes at all are read to their end, with mistakes in bounded number") {
  std::mt19937 random(23);
  const std::string alphabet = "ab,,\"\"\r\n\n\xc3\xa9";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "a,b\n";
    for (auto n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const Read all = read(text, {.cell_bytes_max = 8, .row_bytes_max = 16});
    REQUIRE(all.mistakes.size() + all.rows.size() <= 42);
  }
}

TEST_CASE("a stream that breaks is no end of the file") {
  struct Broken : std::streambuf {
    int_type underflow() override { throw std::ios_base::failure("disk"); }
  } broken;
  std::istream in(&broken);
  CHECK_THROWS(ItemsReader::open(in));
}
