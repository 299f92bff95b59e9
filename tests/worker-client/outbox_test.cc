#include "worker-client/outbox.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/worker-client/play.h"

using namespace tally;
using namespace tally::worker;
namespace fs = std::filesystem;

namespace {

SubmittedAnswer answer(std::int32_t no) { return {assignment(no), {{"bird", {"robin"}}, {"note", {"ä\n\"x\""}}}}; }

mode_t mode_of(const fs::path& path) {
  struct stat about {};
  REQUIRE(stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

// While this lives every write to a file fails, as on a full disk.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    rlimit none = before_;
    none.rlim_cur = 0;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("an answer is on disk for its owner alone, and comes back as it was until it is removed") {
  const ScratchFolder temp;
  const fs::path folder = temp.path() / "outbox" / "worker" / "7";
  const Outbox outbox(folder);
  outbox.put(answer(2));
  outbox.put(answer(1));
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(folder / "a17.1.1.answer") == 0600);
  CHECK(names_in(folder) == std::vector<std::string>{"a17.1.1.answer", "a17.1.2.answer"});

  const Outbox::LeftOver left = Outbox(folder).load();
  CHECK(left.complaints.empty());
  REQUIRE(left.answers.size() == 2);
  CHECK(left.answers[0].assignment == assignment(1));
  CHECK(left.answers[0].values == answer(1).values);

  outbox.remove(assignment(1));
  outbox.remove(assignment(1));
  outbox.remove(assignment(99));
  CHECK(outbox.load().answers.size() == 1);
}

TEST_CASE("a later answer to the same assignment replaces the one before") {
  const ScratchFolder temp;
  const Outbox outbox(temp.path() / "o");
  outbox.put(answer(1));
  outbox.put({assignment(1), {{"bird", {"wren"}}}});
  const auto left = outbox.load();
  REQUIRE(left.answers.size() == 1);
  CHECK(left.answers[0].values == AnswerValues{{"bird", {"wren"}}});
}

TEST_CASE("a file that is no answer is set aside with a message, and the others are still read") {
  const ScratchFolder temp;
  const fs::path folder = temp.path() / "o";
  const Outbox outbox(folder);
  outbox.put(answer(1));
  outbox.put(answer(2));
  const std::string whole = temp.read("o/a17.1.2.answer");
  const auto damage =
      GENERATE_COPY(as<std::string>{}, "", "\n", whole.substr(0, whole.size() - 1), whole.substr(0, whole.size() / 2),
                    whole + "more\n", std::string(300, '\0'), "tally-answer 1 ", "tally-answer 2 x\n{}\n",
                    "not an answer at all\n", std::string("tally-answer 1 \n[[[[\n"));
  static_cast<void>(temp.write("o/a17.1.2.answer", damage));
  const auto left = outbox.load();
  REQUIRE(left.answers.size() == 1);
  CHECK(left.answers[0].assignment == assignment(1));
  REQUIRE(left.complaints.size() == 1);
  CHECK_THAT(left.complaints[0], Catch::Contains("a17.1.2.answer.damaged"));
  CHECK(names_in(folder) == std::vector<std::string>{"a17.1.1.answer", "a17.1.2.answer.damaged"});
  CHECK(outbox.load().complaints.empty());
}

TEST_CASE("an answer whose bits were changed on disk is not sent") {
  const ScratchFolder temp;
  const Outbox outbox(temp.path() / "o");
  outbox.put(answer(1));
  std::string text = temp.read("o/a17.1.1.answer");
  text.replace(text.find("robin"), 5, "roben");
  static_cast<void>(temp.write("o/a17.1.1.answer", text));
  const auto left = outbox.load();
  CHECK(left.answers.empty());
  REQUIRE(left.complaints.size() == 1);
  CHECK_THAT(left.complaints[0], Catch::Contains("its content was changed"));
}

TEST_CASE("an answer under the name of another, a folder or a link in its place are set aside") {
  const ScratchFolder temp;
  const Outbox outbox(temp.path() / "o");
  outbox.put(answer(1));
  fs::rename(temp.path() / "o/a17.1.1.answer", temp.path() / "o/a17.1.5.answer");
  fs::create_directory(temp.path() / "o/a17.1.6.answer");
  fs::create_symlink("/etc/passwd", temp.path() / "o/a17.1.7.answer");
  const auto left = outbox.load();
  CHECK(left.answers.empty());
  CHECK(left.complaints.size() == 3);
  CHECK(outbox.load().complaints.empty());
}

TEST_CASE("where an answer cannot be written, the error says where and why, and nothing half-written stays") {
  const ScratchFolder temp;
  const Outbox outbox(temp.path() / "o");
  outbox.put(answer(1));
  {
    const FullDisk full;
    CHECK_THROWS_WITH(outbox.put(answer(2)), Catch::Contains("a17.1.2") && Catch::Contains("File too large"));
  }
  CHECK(names_in(temp.path() / "o") == std::vector<std::string>{"a17.1.1.answer"});
  outbox.put(answer(2));
  CHECK(outbox.load().answers.size() == 2);
}

TEST_CASE("an outbox whose folder cannot be made says so") {
  const ScratchFolder temp;
  static_cast<void>(temp.write("file", ""));
  CHECK_THROWS_AS(Outbox(temp.path() / "file" / "o"), OutboxError);
  CHECK_THROWS_WITH(Outbox(temp.path() / "file"), Catch::Contains("Not a directory"));
}

TEST_CASE("what a writer left that was killed is no answer, and goes when it is old") {
  const ScratchFolder temp;
  const Outbox outbox(temp.path() / "o");
  const std::string young = temp.write("o/.a17.1.1.1234", "half");
  const std::string old = temp.write("o/.a17.1.2.1234", "half");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(48));
  const auto left = outbox.load();
  CHECK(left.answers.empty());
  CHECK(left.complaints.empty());
  CHECK(names_in(temp.path() / "o") == std::vector<std::string>{".a17.1.1.1234"});
  CHECK(fs::exists(young));
}
