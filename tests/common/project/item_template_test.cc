#include "common/project/item_template.h"

#include <random>

#include <catch2/catch.hpp>

using namespace tally;
using namespace tally::project;

namespace {

const std::vector<ColumnSpec> columns{
    {"text", ColumnKind::text}, {"photo", ColumnKind::image}, {"page", ColumnKind::link}};
const std::vector<std::string> values{"hello ${photo} $$", "https://x/1.jpg", "https://x"};

std::string wrong_with(std::string_view text) {
  const auto result = check_template(text, columns);
  return result ? std::string() : result.error();
}

}  // namespace

TEST_CASE("a template shows values, links and pictures, and dollars that are doubled") {
  CHECK(render_template("${text}!\n${photo} ${page} for $$5$$", columns, {values.begin(), 3}) ==
        "hello ${photo} $$!\n[image] https://x/1.jpg [link] https://x for $5$");
}

TEST_CASE("an item without a template shows each column on its line") {
  CHECK(render_template("", columns, values) ==
        "text: hello ${photo} $$\nphoto: [image] https://x/1.jpg\npage: [link] https://x\n");
}

TEST_CASE("a dollar sign that is not a column is refused with its line") {
  CHECK_THAT(wrong_with("costs $5"), Catch::Contains("line 1: a $ that is not ${column}; write $$"));
  CHECK_THAT(wrong_with("\n\n$"), Catch::Contains("line 3: a $ that"));
  CHECK_THAT(wrong_with("a\n${text"), Catch::Contains("line 2: a ${ without its }"));
  CHECK_THAT(wrong_with("${te\nxt}"), Catch::Contains("a ${ without its }"));
  CHECK_THAT(wrong_with("$$$"), Catch::Contains("a $ that"));
}

TEST_CASE("a column that is not there is refused with the nearest name") {
  CHECK_THAT(wrong_with("${pohto}"), Catch::Contains("no column 'pohto'; did you mean 'photo'?"));
  CHECK_THAT(wrong_with("${}"), Catch::Contains("no column ''"));
  CHECK_THAT(wrong_with("${ text}"), Catch::Contains("no column ' text'"));
  CHECK_THAT(wrong_with("${$$}"), Catch::Contains("no column '$$'"));
}

TEST_CASE("a column that is missing is told apart from a template that is wrong") {
  CHECK(missing_column("${text} ${pohto}", columns) == "pohto");
  for (const char* other : {"${text}", "", "$", "${", "${}", "${_x}", "${ text}", "$ ${pohto}"}) {
    CHECK_FALSE(missing_column(other, columns));
  }
}

TEST_CASE("every template is either refused or can be shown") {
  std::mt19937 random(21);
  const std::vector<std::string> parts{"$", "{", "}", "text", "photo", "\n", "x", "${text}", "$$"};
  int shown = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 8; n > 0; --n) text += parts[random() % parts.size()];
    if (!wrong_with(text).empty()) continue;
    ++shown;
    CHECK_FALSE(render_template(text, columns, values).empty());
  }
  CHECK(shown > 1000);
}
