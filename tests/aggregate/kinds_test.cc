// What answers are decides how they become verdicts.
#include "aggregate/kinds.h"

#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "common/cli/program.h"

using namespace tally;
using namespace tally::aggregate;
using Catch::Contains;

namespace {

Answers read(const std::string& csv, const Columns& columns = {}, Repeats repeats = Repeats::last) {
  std::istringstream in(csv);
  auto answers = read_answers(in, "a.csv", columns, repeats);
  REQUIRE(answers);
  return std::move(*answers);
}

Answers with_gold(Answers answers, const std::string& csv) {
  std::istringstream in(csv);
  REQUIRE(read_gold(in, "g.csv", {}, answers));
  return answers;
}

struct Made {
  std::string verdicts, workers, metrics;
};

Made make(const Wanted& wanted, const Answers& answers) {
  aggregation::OneWorker workforce;
  const Tables tables = kind_of(wanted.kind).make(wanted, answers, workforce);
  const auto text = [](const std::function<void(RowWriter&)>& table) {
    if (!table) return std::string("none");
    std::ostringstream out;
    RowWriter rows(out, RowFormat::csv);
    table(rows);
    return out.str();
  };
  return {text(tables.verdicts), text(tables.workers), text(tables.metrics)};
}

Made make(Kind kind, const Answers& answers, const std::string& method = "", double tolerance = 0) {
  Wanted wanted;
  wanted.kind = kind;
  wanted.method = method;
  wanted.tolerance = tolerance;
  return make(wanted, answers);
}

std::string failure(Kind kind, const Answers& answers, const std::string& method = "") {
  try {
    static_cast<void>(make(kind, answers, method));
  } catch (const cli::Failure& failed) {
    return failed.text;
  }
  return "";
}

}  // namespace

TEST_CASE("labels come with how far workers agree, and with gold, how right they are") {
  const Answers answers = with_gold(read("task,worker,label\nt,ann,cat\nt,bob,cat\nt,cem,dog\nu,ann,dog\nu,bob,dog\n"),
                                    "task,label\nt,cat\n");
  const Made made = make(Kind::labels, answers);
  CHECK_THAT(made.verdicts, Contains("t,cat,") && Contains("u,dog,"));
  CHECK_THAT(made.workers, Contains("ann,2,") && Contains("gold_right"));
  CHECK_THAT(made.metrics, Contains("answers,5") && Contains("observed_agreement,0.6667") &&
                               Contains("krippendorff_alpha,") && Contains("answers_right_share,0.6667"));
}

TEST_CASE("texts come together word by word") {
  const Answers answers = with_gold(read("task,worker,label\nt,ann,the cat sat\nt,bob,the cat sad\nt,cem,a cat sat\n"),
                                    "task,label\nt,The cat sat\n");
  const Made made = make(Kind::texts, answers);
  CHECK_THAT(made.verdicts, Contains("t,the cat sat,"));
  CHECK_THAT(made.workers, Contains("worker,answers,skill"));
  CHECK_THAT(made.metrics, Contains("word_error_rate,0.0"));
  CHECK_THAT(make(Kind::texts, answers, "medoid").verdicts, Contains("t,the cat sat,"));
}

TEST_CASE("texts too long and too unlike to be aligned exactly are counted, and others are not told of") {
  std::string csv = "task,worker,label\nt,ann,short\nt,bob,short\n";
  CHECK_THAT(make(Kind::texts, read(csv)).metrics, !Contains("tasks_aligned_roughly"));
  for (const std::string word : {"a ", "b "}) {
    csv += "u," + word + ",";
    for (int i = 0; i < 2'000; ++i) csv += word;
    csv += "\n";
  }
  CHECK_THAT(make(Kind::texts, read(csv)).metrics, Contains("tasks_aligned_roughly,1"));
}

TEST_CASE("numbers come with an interval") {
  const Answers answers = with_gold(
      read("task,worker,label\nt,ann,10\nt,bob,11\nt,cem,12\nu,ann,1\nu,bob,1.5\nu,cem,2\n"), "task,label\nt,11\n");
  const Made made = make(Kind::numbers, answers, "median");
  CHECK_THAT(made.verdicts, Contains("task,value,lower,upper,support,answers") && Contains("t,11.0,"));
  CHECK_THAT(made.metrics, Contains("mean_absolute_error,0") && Contains("krippendorff_alpha_interval,"));
  CHECK_THAT(make(Kind::numbers, answers, "cluster", 1).verdicts, Contains("t,11.0,"));
}

TEST_CASE("what is not a number is named, with what to do") {
  const Answers answers = read("task,worker,label\nt,ann,10\nt,bob,ten\n");
  CHECK_THAT(failure(Kind::numbers, answers), Contains("a.csv:3: 'ten' is not a number") && Contains("such as"));
  const Answers of_gold = with_gold(read("task,worker,label\nt,ann,10\n"), "task,label\nu,10\nt,many\n");
  CHECK_THAT(failure(Kind::numbers, of_gold), Contains("g.csv:3: 'many' is not a number"));
  for (const std::string bad : {"inf", "nan", "1e999", "1,5", "5 cm", "", " 5"}) {
    const Answers other = read("task,worker,label\nt,ann,\"" + (bad.empty() ? std::string("x") : bad) + "\"\n");
    CHECK_THAT(failure(Kind::numbers, other), Contains("is not a number"));
  }
}

TEST_CASE("sets hold the labels that more than half believe in, also such as nobody gave together") {
  const Answers answers = read(
      "task,worker,label\nt,ann,red; round\nt,bob,red;round\nt,cem,red\nu,ann,round\nu,bob,round;red\nu,cem,round\n");
  const Made made = make(Kind::sets, answers, "majority");
  CHECK_THAT(made.verdicts, Contains("t,\"red;round\",3") && Contains("u,round,3"));
  CHECK(made.metrics == "none");
}

TEST_CASE("pairs become a ranking") {
  Columns columns;
  columns.task = "worse";
  columns.label = "better";
  const Answers answers =
      read("worker,better,worse\nann,a,b\nann,b,c\nann,a,c\nbob,a,b\nbob,b,c\n", columns, Repeats::all);
  const Made made = make(Kind::pairs, answers);
  CHECK(made.verdicts.find("1,a,") < made.verdicts.find("2,b,"));
  CHECK(made.verdicts.find("2,b,") < made.verdicts.find("3,c,"));
  CHECK_THAT(made.verdicts, Contains("rank,item,score,standard_error,won,lost"));
  const Answers itself = read("worker,better,worse\nann,a,a\n", columns, Repeats::all);
  CHECK_THAT(failure(Kind::pairs, itself), Contains("finds 'a' better than itself"));
}

TEST_CASE("boxes that overlap become one with each side in the middle, and who drew them is counted") {
  const Answers answers = read(
      "task,worker,label\n"
      "t,ann,10 20 30 40; 200 200 50 50\nt,bob, 12 20 30 40 ;\nt,cem,11 22 30 40;400 400 9 9\n"
      "u,ann,;\nu,bob,;\nu,cem,-5 -5 10 10\n");
  const Made made = make(Kind::boxes, answers);
  CHECK(made.verdicts ==
        "task,boxes,drawn_by,answers\r\n"
        "t,11 20 30 40,3,3\r\n"
        "u,\";\",,3\r\n");
  CHECK(made.workers ==
        "worker,answers,boxes,boxes_kept,boxes_missed\r\n"
        "ann,2,2,1,0\r\n"
        "bob,2,1,1,0\r\n"
        "cem,2,3,1,0\r\n");
  CHECK(made.metrics == "none");
}

TEST_CASE("how much boxes must overlap can be said") {
  const Answers answers = read("task,worker,label\nt,ann,0 0 10 10\nt,bob,4 0 10 10\n");  // 60 of 140 in common.
  Wanted wanted;
  wanted.kind = Kind::boxes;
  CHECK_THAT(make(wanted, answers).verdicts, Contains("t,\";\",,2"));
  wanted.overlap = 0.42;
  CHECK_THAT(make(wanted, answers).verdicts, Contains("t,2 0 10 10,2,2"));
}

TEST_CASE("what is no list of boxes is told by its line, with what to write") {
  for (const std::string bad : {"10 20 30", "10 20 30 40 50", "10 20 30 0", "10 20 -3 4", "10 20 3.5 4",
                                "[10,20,30,40]", "1 1 2000000 1", "1 1 99999999999 1", "1x 1 1 1", "1 1 1 1; none"}) {
    const Answers answers = read("task,worker,label\nt,ann,1 2 3 4\nt,bob,\"" + bad + "\"\n");
    CHECK_THAT(failure(Kind::boxes, answers), Contains("a.csv:3: '" + bad + "' is not a list of boxes") &&
                                                  Contains("10 20 30 40") && Contains("';' alone"));
  }
}

TEST_CASE("a picture with more boxes than can be compared is told") {
  std::string csv = "task,worker,label\nt,ann,";
  for (int i = 0; i <= 3'000; ++i) csv += std::to_string(2 * i) + " 0 1 1;";
  CHECK_THAT(failure(Kind::boxes, read(csv + "\n")), Contains("task 't' has 3001 boxes, of at most 3000"));
}

TEST_CASE("workers come with how they confuse labels, in rows that add up to one") {
  std::string csv = "task,worker,label\n";
  for (int i = 0; i < 40; ++i) {
    const std::string task = "t" + std::to_string(i) + ",";
    const std::string truth = i % 2 == 0 ? "cat" : "dog";
    csv += task + "ann," + truth + "\n" + task + "bob," + truth + "\n" + task + "cem,cat\n";
  }
  const Made made = make(Kind::labels, read(csv), "dawid_skene");
  CHECK_THAT(made.workers, Contains("confusion:cat:cat,confusion:cat:dog,confusion:dog:cat,confusion:dog:dog\r\n") &&
                               Contains(",1.0,0.0,0.0,1.0\r\nbob,") && Contains(",1.0,0.0,1.0,0.0\r\n"));
  CHECK_THAT(make(Kind::labels, read(csv), "majority").workers, !Contains("confusion"));
  std::string many = "task,worker,label\n";
  for (int i = 0; i < 11; ++i) many += "t" + std::to_string(i) + ",ann,label" + std::to_string(i) + "\n";
  CHECK_THAT(make(Kind::labels, read(many), "dawid_skene").workers, !Contains("confusion"));
}

TEST_CASE("a method that is not there is told, whatever the kind") {
  const Answers answers = read("task,worker,label\nt,ann,1\nu,ann,2\n");
  for (const KindOf* kind : all_kinds()) {
    CAPTURE(std::string(kind->name));
    CHECK_THAT(failure(kind->kind, answers, "magic"), Contains("there is no method 'magic'") && Contains("--help"));
    CHECK_FALSE(kind->methods().empty());
  }
}
