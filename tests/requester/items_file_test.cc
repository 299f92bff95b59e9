#include "requester/items_file.h"

#include <catch2/catch.hpp>

#include "tests/support/scratch_folder.h"

using namespace tally;
using namespace tally::requester;
using tally::test::ScratchFolder;

namespace {

// A choice of two birds, at most five answers an item.
ProjectSpec five_answers() {
  ProjectSpec spec;
  spec.redundancy.max = 5;
  spec.form = {{"bird", "choice", "Which?", true, {"bunting", "other"}, {}}};
  return spec;
}

Survey surveyed(const std::string& path) {
  auto survey = survey_items(path, five_answers());
  REQUIRE(survey);
  return *survey;
}

// What stops the second reading; empty when it comes to the end.
std::string stopped_by(ItemsStream& stream) {
  while (true) {
    auto item = stream.next();
    if (!item) return item.error();
    if (!item->has_value()) return "";
  }
}

}  // namespace

TEST_CASE("the first reading counts items and the most answers they may get") {
  const ScratchFolder folder;
  const Survey survey =
      surveyed(folder.write("i.csv", "\xef\xbb\xbftext,_answers\r\none,\r\n\"tw,o\",2\r\nthree,100\r\n"));
  CHECK(survey.mistakes_count == 0);
  CHECK(survey.items == 3);
  CHECK(survey.answers_max == 5 + 2 + 100);
  CHECK(survey.header == std::vector<std::string>{"text"});
}

TEST_CASE("the first reading knows which items are gold") {
  const ScratchFolder folder;
  const Survey survey = surveyed(folder.write("i.csv", "text,_gold.bird\none,bunting\ntwo,\nthree,other\n"));
  CHECK(survey.mistakes_count == 0);
  CHECK(survey.gold == 2);
  CHECK(survey.is_gold == std::vector<bool>{true, false, true});
}

TEST_CASE("every bad row is named by its line, and the good ones are counted on") {
  const ScratchFolder folder;
  std::string csv = "text,_answers\ngood,1\nbad\xff,\nx,0\ntoo,many,cells\n\"stray\"quote,\n";
  csv.append(10'000'000, 'x');
  csv += ",\nlast,\n";
  const Survey survey = surveyed(folder.write("i.csv", csv));
  REQUIRE(survey.mistakes.size() == 5);
  const std::vector<int> lines{3, 4, 5, 6, 7};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    INFO(survey.mistakes[i].substr(0, 300));
    CHECK_THAT(survey.mistakes[i], Catch::Contains("i.csv:" + std::to_string(lines[i]) + ":"));
    CHECK(survey.mistakes[i].size() < 1000);
  }
  CHECK(survey.items == 2);
}

TEST_CASE("gold is held against the form before anything is posted") {
  const ScratchFolder folder;
  const Survey good = surveyed(folder.write("i.csv", "a,_gold.bird\n1,bunting\n2,\n3,other\n"));
  CHECK(good.mistakes_count == 0);
  CHECK(good.gold == 2);
  const Survey bad = surveyed(folder.write("j.csv", "a,_gold.bird,_gold.size\n1,penguin,\n2,,small\n3,other,\n"));
  REQUIRE(bad.mistakes.size() == 2);
  CHECK_THAT(bad.mistakes[0], Catch::Contains("j.csv:2: gold for 'bird' is 'penguin', which is none of its options"));
  CHECK_THAT(bad.mistakes[1], Catch::Contains("j.csv:3: gold for 'size', which is no field of the form"));
}

TEST_CASE("of many mistakes the first are listed and all are counted") {
  const ScratchFolder folder;
  std::string csv = "a,b\n";
  for (int i = 0; i < 500; ++i) csv += "one\n";
  const Survey survey = surveyed(folder.write("i.csv", csv));
  CHECK(survey.mistakes.size() == mistakes_max);
  CHECK(survey.mistakes_count == 500);
}

TEST_CASE("a path that is no file to be read twice is refused with the reason") {
  const ScratchFolder folder;
  const auto missing = survey_items((folder.path() / "none.csv").string(), five_answers());
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error(), Catch::Contains("none.csv: No such file"));
  const auto is_folder = survey_items(folder.path().string(), five_answers());
  REQUIRE_FALSE(is_folder);
  CHECK_THAT(is_folder.error(), Catch::Contains("is a folder"));
  const auto pipe = survey_items("/dev/null", five_answers());
  REQUIRE_FALSE(pipe);
  CHECK_THAT(pipe.error(), Catch::Contains("not a regular file"));
}

TEST_CASE("the second reading of an unchanged file comes to its end") {
  const ScratchFolder folder;
  const std::string path = folder.write("i.csv", "a\n1\n2\n3\n");
  const Survey survey = surveyed(path);
  auto stream = ItemsStream::open(path, survey);
  REQUIRE(stream);
  CHECK(stopped_by(*stream).empty());
}

TEST_CASE("a file that was changed between the two readings is refused before its first item") {
  const ScratchFolder folder;
  const std::string path = folder.write("i.csv", "a\n1\n2\n");
  const Survey survey = surveyed(path);
  folder.write("i.csv", "a\n1\n2\n3\n");
  const auto stream = ItemsStream::open(path, survey);
  REQUIRE_FALSE(stream);
  CHECK_THAT(stream.error(), Catch::Contains("changed"));
}

TEST_CASE("a change that leaves size and time as they were is found by the content") {
  const ScratchFolder folder;
  const std::string path = folder.write("i.csv", "a\n1\n2\n");
  Survey survey = surveyed(path);
  folder.write("i.csv", "a\n1\n9\n");
  const auto stamp = stamp_of(path);
  REQUIRE(stamp);
  survey.stamp = *stamp;
  auto stream = ItemsStream::open(path, survey);
  REQUIRE(stream);
  CHECK_THAT(stopped_by(*stream), Catch::Contains("changed"));
}

TEST_CASE("a file that grows while it is read is refused") {
  const ScratchFolder folder;
  std::string csv = "a\n";
  for (int i = 0; i < 100'000; ++i) csv += "row " + std::to_string(i) + "\n";
  const std::string path = folder.write("i.csv", csv);
  const Survey survey = surveyed(path);
  auto stream = ItemsStream::open(path, survey);
  REQUIRE(stream);
  REQUIRE(stream->next());
  std::ofstream(path, std::ios::app) << "one more\n";
  CHECK_THAT(stopped_by(*stream), Catch::Contains("changed"));
}
