// tally-aggregate as a shell runs it: files and pipes in, tables out, and what it says of a wrong file.
#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"
#include "tests/support/scratch_folder.h"

namespace tally::e2e {
namespace {

Ran aggregate(const std::string& arguments) {
  return run_shell("timeout 60 " + quoted(program("tally-aggregate")) + " " + arguments);
}

}  // namespace

TEST_CASE("tally-aggregate turns a table of answers into verdicts and workers, from a file or from a pipe") {
  const test::ScratchFolder folder;
  const std::string answers = folder.write("answers.csv",
                                           "task,worker,label\n"
                                           "t1,ann,cat\nt1,bob,cat\nt1,eve,dog\n"
                                           "t2,ann,dog\nt2,bob,dog\nt2,eve,dog\n");
  const std::string verdicts = "task,label,belief,answers,agreeing\r\nt1,cat,0.6667,3,2\r\nt2,dog,1.0,3,3\r\n";
  const Ran from_file = aggregate(quoted(answers) + " --method majority --quiet");
  CHECK(from_file.code == 0);
  CHECK(from_file.said == verdicts);
  const Ran from_pipe = aggregate("- --method majority --quiet < " + quoted(answers));
  CHECK(from_pipe.said == verdicts);

  const std::string workers = folder.path() / "workers.csv";
  const std::string out = folder.path() / "verdicts.csv";
  const Ran said = aggregate(quoted(answers) + " --workers " + quoted(workers) + " -o " + quoted(out));
  CHECK(said.code == 0);
  CHECK(said.said == "6 answers of 3 workers to 2 tasks, 2 labels\n");
  CHECK_THAT(folder.read("verdicts.csv"), Catch::StartsWith("task,label,belief,answers,agreeing\r\nt1,cat,"));
  CHECK_THAT(folder.read("workers.csv"), Catch::StartsWith("worker,answers,skill,confusion:cat:cat,"));
}

TEST_CASE("tally-aggregate tells a wrong file by its line, ends with 2 and writes nothing") {
  const test::ScratchFolder folder;
  const std::string answers = folder.write("answers.csv", "task,worker,label\nt,ann,1 2 3 4\nt,bob,a cat\n");
  const std::string out = folder.path() / "verdicts.csv";
  const Ran wrong = aggregate(quoted(answers) + " --kind boxes -o " + quoted(out));
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.said, Catch::StartsWith("tally-aggregate: ") &&
                             Catch::Contains("answers.csv:3: 'a cat' is not a list of boxes"));
  CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("tally-aggregate lists the methods of every kind in its help") {
  const Ran help = aggregate("--help");
  CHECK(help.code == 0);
  for (const std::string kind : {"labels", "texts", "numbers", "sets", "pairs", "boxes"}) {
    CHECK_THAT(help.said, Catch::Contains("Methods for " + kind + " ("));
  }
}

}  // namespace tally::e2e
