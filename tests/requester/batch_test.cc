#include "requester/batch.h"

#include <catch2/catch.hpp>

#include "tests/support/scratch_folder.h"

using namespace tally;
using namespace tally::requester;
using tally::test::ScratchFolder;

namespace {

const std::string toml =
    "title = \"Readable?\"\ntemplate = \"${text}\"\nreward = \"0.05\"\n"
    "[[field]]\nname = \"ok\"\ntype = \"choice\"\noptions = [\"yes\", \"no\"]\n";

std::string mistakes_in(const std::string& project_file, const std::string& csv) {
  const ScratchFolder folder;
  const auto batch = check_batch(folder.write("p.toml", project_file), folder.write("i.csv", csv));
  return batch ? "" : to_text(batch.error());
}

}  // namespace

TEST_CASE("a good project file and a good items file make a batch") {
  const ScratchFolder folder;
  const auto batch = check_batch(folder.write("p.toml", toml), folder.write("i.csv", "text\none\ntwo\n"));
  REQUIRE(batch);
  CHECK(batch->spec.columns == std::vector<ColumnSpec>{{"text", ColumnKind::text}});
  CHECK(batch->items.items == 2);
  CHECK(batch->items.answers_max == 10);
}

TEST_CASE("what is wrong with a batch is told by file and line, before anything is sent") {
  CHECK_THAT(mistakes_in(toml + "rewrd = 1\n", "text\none\n"), Catch::Contains("p.toml:"));
  CHECK_THAT(mistakes_in(toml, "text\n"), Catch::Contains("no row"));
  CHECK_THAT(mistakes_in(toml, ""), Catch::Contains("empty"));
  CHECK_THAT(mistakes_in(toml, "text\none\nt,wo\n"), Catch::Contains("i.csv:3:"));
  CHECK_THAT(mistakes_in(toml, "text\n\xff\n"), Catch::Contains("i.csv:2:") && Catch::Contains("UTF-8"));
  CHECK_THAT(mistakes_in("[columns]\nphoto = \"image\"\n", "text\none\n"), Catch::Contains("p.toml"));
}

TEST_CASE("a column that the items file does not have is told by that file's path, with what to do") {
  const ScratchFolder folder;
  const auto mistake = [&](const std::string& project_file, const std::string& csv) {
    const auto batch = check_batch(folder.write("p.toml", project_file), folder.write("i.csv", csv));
    return batch ? "" : to_text(batch.error());
  };
  const std::string project = (folder.path() / "p.toml").string();
  const std::string items = (folder.path() / "i.csv").string();
  CHECK(mistake(toml, "txet\none\n") == items + ": there is no column 'text', which the template of " + project +
                                            " names; did you mean 'txet'?\nGive it that column, or correct " + project +
                                            ".");
  CHECK_THAT(mistake(toml + "[columns]\nphoto = \"image\"\n", "text\none\n"),
             Catch::StartsWith(items + ": there is no column 'photo', which [columns] of " + project + " names\n"));
  // No file could have it: the project file is wrong.
  std::string broken = toml;
  broken.replace(broken.find("${text}"), 7, "${_x}");
  CHECK_THAT(mistake(broken, "text\none\n"),
             Catch::StartsWith(project + ": template, line 1: there is no column '_x'"));
}

TEST_CASE("mistakes that are not listed are counted") {
  std::string csv = "text\n";
  for (int i = 0; i < 1500; ++i) csv += "a,b\n";
  CHECK_THAT(mistakes_in(toml, csv), Catch::EndsWith("and 1,480 more mistakes"));
}

TEST_CASE("the worst case is the greatest number of answers times reward and fee, the fee rounded up on each") {
  const auto cost = estimate(Micros{50'001}, 1000, 200'000);
  REQUIRE(cost);
  CHECK(cost->fee == Micros{10'001});
  CHECK(cost->worst == Micros{60'002'000});
  CHECK_FALSE(estimate(amount_max, 2, 0));
}

TEST_CASE("what is shown before posting holds the money and no escape of the title") {
  Batch batch;
  batch.spec.title = "Nice \x1b[2J title\nPost it? y";
  batch.items.items = 1234;
  const auto cost = estimate(Micros{50'000}, 6170, 200'000);
  REQUIRE(cost);
  const std::string text = posting_text(batch, *cost, Micros{1'000'000'000}, "U\x1bSD");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK_THAT(text, Catch::StartsWith("Nice ␛[2J title␊Post it? y\n"));
  CHECK_THAT(text, Catch::Contains("1,234") && Catch::Contains("370.20 U␛SD") && Catch::Contains("3 to 5") &&
                       Catch::Contains("1000.00"));
}

TEST_CASE("a training file beside the project file comes with the batch, and is shown before posting") {
  const ScratchFolder folder;
  const std::string project =
      folder.write("p.toml", toml +
                                 "[training]\nfile = \"t.csv\"\ngrants = \"reader\"\n[require]\nqualifications = "
                                 "{ french = 80 }\ngold = 0.75\n");
  const std::string items = folder.write("i.csv", "text\none\ntwo\n");
  CHECK_THAT(to_text(check_batch(project, items).error()),
             Catch::Contains("t.csv: cannot be opened; [training] of " + project + " names it"));
  static_cast<void>(folder.write("t.csv", "text,_gold.ok,_explanation\nten,yes,It can.\nnil,no,\n"));
  const auto batch = check_batch(project, items);
  REQUIRE(batch);
  CHECK(batch->spec.training.tasks ==
        std::vector<TrainingTask>{{{"ten"}, {{"ok", {"yes"}}}, "It can."}, {{"nil"}, {{"ok", {"no"}}}, ""}});
  const std::string text = posting_text(*batch, *estimate(Micros{50'000}, 10, 0), Micros{0}, "USD");
  CHECK_THAT(text, Catch::Contains("the qualification 'french' with a score of 80 or more") &&
                       Catch::Contains("75% right of the tasks with a known answer, once 5 of them") &&
                       Catch::Contains("2 tasks, unpaid; 2 right pass; at most 2 rounds; who passes is given the "
                                       "qualification 'reader'"));

  // Another training is another batch.
  static_cast<void>(folder.write("t.csv", "text,_gold.ok\nten,yes\n"));
  CHECK(check_batch(project, items)->project_digest != batch->project_digest);
  std::string rows = "text,_gold.ok\n";
  for (int i = 0; i < 30; ++i) rows += "x,maybe\n";
  static_cast<void>(folder.write("t.csv", rows));
  CHECK_THAT(to_text(check_batch(project, items).error()),
             Catch::Contains("t.csv:2: what is right is no answer") && Catch::Contains("and 10 more mistakes"));
}
