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

Made make(Kind kind, const Answers& answers, const std::string& method = "", double tolerance = 0) {
  Wanted wanted;
  wanted.kind = kind;
  wanted.method = method;
  wanted.tolerance = tolerance;
  aggregation::OneWorker workforce;
  const Tables tables = kind_of(kind).make(wanted, answers, workforce);
  const auto text = [](const std::function<void(RowWriter&)>& table) {
    if (!table) return std::string("none");
    std::ostringstream out;
    RowWriter rows(out, RowFormat::csv);
    table(rows);
    return out.str();
  };
  return {text(tables.verdicts), text(tables.workers), text(tables.metrics)};
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
  CHECK_THAT(failure(Kind::numbers, answers),
             Contains("task 't', worker 'bob'") && Contains("'ten' is not a number") && Contains("such as"));
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

TEST_CASE("a method that is not there is told, whatever the kind") {
  const Answers answers = read("task,worker,label\nt,ann,1\nu,ann,2\n");
  for (const KindOf* kind : all_kinds()) {
    CAPTURE(std::string(kind->name));
    CHECK_THAT(failure(kind->kind, answers, "magic"), Contains("there is no method 'magic'") && Contains("--help"));
    CHECK_FALSE(kind->methods().empty());
  }
}
