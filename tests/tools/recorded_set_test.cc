#include "tools/stack/recorded_set.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tools/stack/broker_process.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;
using stack::load_recorded_set;

constexpr const char* truth_of_two = "task,label\nt0,yes\nt1,no\n";

// A set's folder, gone with the object.
class Folder {
 public:
  Folder(const std::string& answers, const std::string& truth) : folder_("tally-set") {
    write("answers.csv", answers);
    write("truth.csv", truth);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string error() const {
    const auto set = load_recorded_set(folder_.path());
    REQUIRE(!set);
    return set.error();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  stack::TemporaryFolder folder_;
};

stack::RecordedSet loaded(const std::string& answers, const std::string& truth = "task,label\n") {
  Folder folder(answers, truth + "t0,yes\n");
  auto set = load_recorded_set(folder.path());
  INFO((set ? "" : set.error()));
  REQUIRE(set);
  return std::move(set).value();
}

}  // namespace

TEST_CASE("a recorded set keeps the first answer of a worker to a task and drops the others") {
  const auto set = loaded("task,worker,label,time\nt0,w0,yes,1\nt0,w1,no,2\nt0,w0,no,3\nt1,w0,no,4\n");
  CHECK(set.repeated == 1);
  REQUIRE(set.answers.size() == 3);
  CHECK(set.answers[0].label == "yes");
  CHECK(set.answers[2].task == 1);
  CHECK(set.workers == std::vector<std::string>{"w0", "w1"});
  CHECK(set.truth[0] == "yes");
  CHECK(!set.truth[1]);
}

TEST_CASE("a folder that is no recorded set is refused by file and line") {
  const Folder good("task,worker,label\nt0,w0,yes\nt1,w0,no\n", truth_of_two);
  REQUIRE(load_recorded_set(good.path()));
  using Catch::Contains;
  SECTION("no such folder") {
    const auto set = load_recorded_set(good.path() / "nowhere");
    REQUIRE(!set);
    CHECK_THAT(set.error(), Contains("answers.csv") && Contains("cannot be read"));
  }
  SECTION("a column is missing") {
    good.write("answers.csv", "task,person,label\nt0,w0,yes\n");
    CHECK_THAT(good.error(), Contains("answers.csv:1") && Contains("'worker'"));
  }
  SECTION("an empty label") {
    good.write("answers.csv", "task,worker,label\nt0,w0,yes\nt1,w0, \n");
    CHECK_THAT(good.error(), Contains("answers.csv:3") && Contains("label is empty"));
  }
  SECTION("a truth of a task that nobody answered") {
    good.write("truth.csv", "task,label\nt7,yes\n");
    CHECK_THAT(good.error(), Contains("truth.csv:2") && Contains("t7"));
  }
  SECTION("two truths for a task") {
    good.write("truth.csv", "task,label\nt0,yes\nt0,no\n");
    CHECK_THAT(good.error(), Contains("truth.csv:3"));
  }
  SECTION("a stray quote") {
    good.write("answers.csv", "task,worker,label\nt0,w\"0,yes\n");
    CHECK_THAT(good.error(), Contains("answers.csv:2"));
  }
}

TEST_CASE("fewer workers leave out their answers and the tasks that only they had") {
  const auto all = loaded("task,worker,label\nt9,w0,no\nt0,w1,yes\nt0,w0,yes\nt5,w1,no\n");
  const auto set = with_workers_max(all, 1);
  CHECK(set.tasks == std::vector<std::string>{"t9", "t0"});
  CHECK(set.workers == std::vector<std::string>{"w0"});
  REQUIRE(set.answers.size() == 2);
  CHECK(set.answers[1].task == 1);
  CHECK(set.truth == std::vector<std::optional<std::string>>{std::nullopt, "yes"});
}

TEST_CASE("the field of a set follows from its labels") {
  const auto type_of = [](const std::string& labels) {
    const auto field = label_field(loaded("task,worker,label\n" + labels), "auto");
    return field ? field->type : field.error();
  };
  std::string numbers;
  std::string words;
  for (int i = 0; i < 50; ++i) {
    numbers += "t0,w" + std::to_string(i) + "," + std::to_string(i - 25) + "\n";
    words += "t0,w" + std::to_string(i) + ",word " + std::to_string(i) + "\n";
  }
  CHECK(type_of("t0,w0,yes\nt0,w1,no\n") == "choice");
  CHECK(type_of(numbers) == "number");
  CHECK(type_of(words) == "text");
  CHECK(type_of("t0,w0,yes\n") == "text");  // A choice has two options at least.

  const auto forced = label_field(loaded("task,worker,label\nt0,w0,yes\nt0,w1,no\n"), "number");
  REQUIRE(!forced);
  CHECK_THAT(forced.error(), Catch::Contains("answers.csv:2"));
}
