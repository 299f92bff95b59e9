#include "tools/stack/recorded_set.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tools/quality/label_set.h"
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

TEST_CASE("a recorded set keeps the last answer of a worker to a task and drops the others") {
  const auto set = loaded("task,worker,label,time\nt0,w0,yes,1\nt0,w1,no,2\nt0,w0,no,3\nt1,w0,no,4\n");
  CHECK(set.repeated == 1);
  REQUIRE(set.answers.size() == 3);
  CHECK(set.answers[0].worker == 1);
  CHECK(set.answers[1].label == "no");
  CHECK(set.answers[1].line == 4);
  CHECK(set.answers[2].task == 1);
  CHECK(set.workers == std::vector<std::string>{"w0", "w1"});
  CHECK(set.truth[0] == "yes");
  CHECK(!set.truth[1]);
}

TEST_CASE("the truth of a task that nobody answered is left out") {
  const auto set = loaded("task,worker,label\nt0,w0,no\n", "task,label\nt7,no\n");
  CHECK(set.truth == std::vector<std::optional<std::string>>{"yes"});
}

TEST_CASE("the replay and the measuring of methods read the same answers from a folder") {
  const Folder folder("task,worker,label\nt0,w0,yes\nt0,w1,no\nt1,w0,no\nt0,w0,maybe\nt1,w0,no\n",
                      "task,label\nt1,no\nt7,yes\n");
  const auto recorded = load_recorded_set(folder.path());
  const auto measured = quality::load_label_set(folder.path());
  REQUIRE(recorded);
  REQUIRE(measured);
  CHECK(recorded->name == measured->name);
  REQUIRE(recorded->answers.size() == measured->answers.size());
  for (std::size_t i = 0; i < recorded->answers.size(); ++i) {
    const auto& answer = measured->answers[i];
    CHECK(recorded->answers[i].task == static_cast<std::size_t>(answer.task));
    CHECK(recorded->answers[i].worker == static_cast<std::size_t>(answer.worker));
    CHECK(recorded->answers[i].label == measured->labels[static_cast<std::size_t>(answer.label)]);
  }
  CHECK(recorded->truth == std::vector<std::optional<std::string>>{std::nullopt, "no"});
  CHECK(measured->truth[0] == -1);
  CHECK(measured->labels[static_cast<std::size_t>(measured->truth[1])] == "no");
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
