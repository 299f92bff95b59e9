#include "aggregate/run.h"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/cli/program.h"
#include "tests/support/scratch_folder.h"

using namespace tally;
using namespace tally::aggregate;

namespace {

const std::string three_workers =
    "task,worker,label\n"
    "t1,ann,cat\nt1,bob,cat\nt1,eve,dog\n"
    "t2,ann,dog\nt2,bob,dog\nt2,eve,dog\n"
    "=3,ann,cat\n=3,eve,dog\n";

class Run {
 public:
  explicit Run(const std::string& answers = three_workers) {
    wanted.answers = folder.write("answers.csv", answers);
    wanted.output = folder.path() / "out";
    wanted.quiet = true;
  }
  std::string verdicts() {
    run(wanted);
    return folder.read("out");
  }
  std::string failure() {
    try {
      run(wanted);
    } catch (const cli::Failure& failure) {
      CHECK(failure.code == cli::exit_usage);
      return failure.text;
    }
    return "";
  }

  test::ScratchFolder folder;
  Wanted wanted;
};

std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("verdicts are a row a task, safe for a spreadsheet, and of equals the first by name") {
  Run run;
  run.wanted.method = "majority";
  CHECK(run.verdicts() ==
        "task,label,belief,answers,agreeing\r\n"
        "t1,cat,0.6667,3,2\r\n"
        "t2,dog,1.0,3,3\r\n"
        "'=3,cat,0.5,2,1\r\n");
}

TEST_CASE("as lines of JSON verdicts are exact, with the belief in each label where it is asked for") {
  Run run;
  run.wanted.method = "majority";
  run.wanted.format = RowFormat::jsonl;
  run.wanted.all_beliefs = true;
  const auto lines = lines_of(run.verdicts());
  REQUIRE(lines.size() == 3);
  CHECK(lines[2]["task"] == "=3");
  CHECK(lines[0]["belief:cat"] == 0.6667);
  CHECK(lines[0]["belief:dog"] == 0.3333);
}

TEST_CASE("gold is believed, and tells how often each worker was right, with an interval") {
  Run run;
  run.wanted.method = "gold_majority";
  run.wanted.gold = run.folder.write("gold.csv", "task,label\nt1,dog\nt2,dog\n");
  run.wanted.workers = run.folder.path() / "workers";
  run.wanted.format = RowFormat::jsonl;
  const auto verdicts = lines_of(run.verdicts());
  CHECK(verdicts[0]["label"] == "dog");
  CHECK(verdicts[2]["label"] == "dog");  // Eve was right on both tasks of gold, Ann on one.
  const auto workers = lines_of(run.folder.read("workers"));
  REQUIRE(workers.size() == 3);
  CHECK(workers[0]["worker"] == "ann");
  CHECK(workers[0]["gold_answers"] == 2);
  CHECK(workers[0]["gold_right"] == 1);
  CHECK(workers[0]["accuracy_low"] == 0.0945);  // Wilson's interval of 1 of 2.
  CHECK(workers[0]["accuracy_high"] == 0.9055);
  CHECK(workers[2]["skill"] > workers[0]["skill"]);
}

TEST_CASE("one thread and many give the same tables") {
  std::string csv = "task,worker,label\n";
  for (int i = 0; i < 5'000; ++i) {
    csv += "t" + std::to_string(i / 5) + ",w" + std::to_string((i * 7) % 31) + "," + std::to_string((i * i) % 3) + "\n";
  }
  Run run(csv);
  run.wanted.repeats = Repeats::all;
  run.wanted.threads = 1;
  const std::string once = run.verdicts();
  run.wanted.threads = 4;
  CHECK(run.verdicts() == once);
}

TEST_CASE("wrong files and methods are told with what to do, and nothing is written") {
  Run run;
  run.wanted.method = "magic";
  CHECK_THAT(run.failure(), Catch::Contains("no method 'magic'"));
  run.wanted.method = "pooled";
  run.wanted.gold = run.folder.write("gold.csv", "task,label\nother,cat\n");
  CHECK_THAT(run.failure(), Catch::Contains("none of its tasks is in"));
  run.wanted.gold = run.folder.path() / "missing.csv";
  CHECK_THAT(run.failure(), Catch::Contains("cannot be read"));
  run.wanted.gold.clear();
  run.wanted.answers = run.folder.write("broken.csv", "task,worker,label\nt,ann\n");
  CHECK_THAT(run.failure(), Catch::Contains("broken.csv:2:"));
  CHECK(run.folder.read("out").empty());

  std::string free_text = "task,worker,label\n";
  for (int i = 0; i < 20'000; ++i) free_text += "t" + std::to_string(i) + ",ann,text " + std::to_string(i) + "\n";
  run.wanted.answers = run.folder.write("texts.csv", free_text);
  CHECK_THAT(run.failure(), Catch::Contains("too many for pooled"));
}
