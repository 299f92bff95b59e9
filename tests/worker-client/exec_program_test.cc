#include "worker-client/exec_program.h"

#include <csignal>

#include "tests/worker-client/play.h"

using namespace tally::worker;
using Kind = ExecProgram::Heard::Kind;

namespace {

constexpr std::size_t line_max = 1'000;

// Runs a script of the shell, as a program of its own.
struct Script {
  explicit Script(const std::string& text, std::size_t line_bytes_max = line_max)
      : program({"/bin/sh", folder.write("script.sh", text), folder.path().string()}, line_bytes_max) {}

  // Waits for what it says, at most ten seconds.
  ExecProgram::Heard wait() {
    for (int i = 0; i < 1'000; ++i) {
      program.pump();
      const ExecProgram::Heard heard = program.hear();
      if (heard.kind != Kind::nothing) return heard;
      pollfd one{program.out_fd(), POLLIN, 0};
      ::poll(&one, 1, 10);
    }
    FAIL("the program said nothing in time");
    return {};
  }

  ScratchFolder folder;
  ExecProgram program;
};

bool is_running(pid_t process) { return ::kill(process, 0) == 0; }

// Whether a process that is no child of ours goes within ten seconds.
bool goes(pid_t process) {
  for (int i = 0; i < 1'000 && is_running(process); ++i) ::poll(nullptr, 0, 10);
  return !is_running(process);
}

}  // namespace

TEST_CASE("a program gets lines and gives lines") {
  Script script("while read -r line; do echo \"heard $line\"; done");
  script.program.give("one");
  CHECK(script.wait().text == "heard one");
  script.program.give("two");
  script.program.give("three");
  CHECK(script.wait().text == "heard two");
  CHECK(script.wait().text == "heard three");
  CHECK(script.program.hear().kind == Kind::nothing);
  ExecProgram::end({&script.program}, 5'000);
  CHECK(script.program.ending() == "it ended with exit code 0");
}

TEST_CASE("its arguments reach a program as they are: no shell looks at them") {
  const ScratchFolder folder;
  const std::string path = folder.write("show.sh", "for word; do echo \"[$word]\"; done");
  ExecProgram program({"/bin/sh", path, "$HOME; rm -rf x", "two words", "*"}, line_max);
  std::string said;
  for (int i = 0; i < 1'000 && count_of(said, "\n") < 3; ++i) {
    const auto heard = program.hear();
    if (heard.kind == Kind::line) said += heard.text + "\n";
    if (heard.kind == Kind::ended) break;
    ::poll(nullptr, 0, heard.kind == Kind::nothing ? 10 : 0);
  }
  CHECK(said == "[$HOME; rm -rf x]\n[two words]\n[*]\n");
}

TEST_CASE("a program that ends is heard to its last word, and says how it ended") {
  Script script("echo last; printf unfinished; exit 7");
  CHECK(script.wait().text == "last");
  const auto end = script.wait();
  CHECK(end.kind == Kind::ended);
  CHECK(end.text == "unfinished");
  CHECK(script.program.ending() == "it ended with exit code 7");
}

TEST_CASE("a program that is killed says by what") {
  Script script("kill -SEGV $$");
  CHECK(script.wait().kind == Kind::ended);
  CHECK_THAT(script.program.ending(), Catch::Contains("signal 11"));
}

TEST_CASE("a program that leaves its stdout to a child of its own has ended, and the child goes too") {
  Script script("sleep 1000 & echo $!; exit 3");
  const pid_t sleeper = std::stoi(script.wait().text);
  CHECK(script.wait().kind == Kind::ended);
  CHECK(script.program.ending() == "it ended with exit code 3");
  CHECK(goes(sleeper));
}

TEST_CASE("a program that closes its stdout and goes on is ended") {
  Script script("exec >&-; trap '' TERM; while :; do sleep 0.1; done");
  CHECK(script.wait().kind == Kind::ended);
  CHECK_THAT(script.program.ending(), Catch::Contains("closed its stdout"));
}

TEST_CASE("a line of ten megabytes is not kept") {
  Script script("head -c 10000000 /dev/zero | tr '\\0' x; echo");
  const auto heard = script.wait();
  CHECK(heard.kind == Kind::too_long);
  CHECK(heard.text == std::string(line_max, 'x'));
}

TEST_CASE("a line as long as the bound is a line, and one byte more is too long") {
  Script script("printf '%01000d\\n%01001d\\n' 0 0");
  CHECK(script.wait().kind == Kind::line);
  CHECK(script.wait().kind == Kind::too_long);
}

TEST_CASE("a program that does not read is not waited for, and gets what it reads later") {
  Script script("echo up; while [ ! -e \"$1/go\" ]; do sleep 0.01; done; head -c 300001 | wc -c", 1'000'000);
  CHECK(script.wait().text == "up");
  script.program.give(std::string(300'000, 'x'));
  CHECK(script.program.has_more_to_give());
  static_cast<void>(script.folder.write("go", ""));
  CHECK(script.wait().text == "300001");
  CHECK_FALSE(script.program.has_more_to_give());
}

TEST_CASE("a program that has closed its stdin does no harm") {
  std::signal(SIGPIPE, SIG_IGN);
  Script script("exec <&-; echo deaf; sleep 1000");
  CHECK(script.wait().text == "deaf");
  script.program.give(std::string(300'000, 'x'));
  script.program.give("more");
  CHECK_FALSE(script.program.has_more_to_give());
}

TEST_CASE("a program and all it started go with it, even if it does not want to") {
  pid_t child = 0;
  pid_t self = 0;
  {
    Script script("trap '' TERM; sleep 1000 & echo $!; echo $$; while :; do sleep 0.1; done");
    child = std::stoi(script.wait().text);
    self = std::stoi(script.wait().text);
    CHECK(is_running(self));
  }
  CHECK_FALSE(is_running(self));
  CHECK(goes(child));
}

TEST_CASE("ending is asked for first, by the end of stdin, then by SIGTERM, then done") {
  Script polite("while read -r line; do :; done; echo bye >\"$1/said\"");
  Script deaf("echo up; while :; do sleep 0.01; done");
  Script stubborn("trap '' TERM; echo up; while :; do sleep 0.01; done");
  CHECK(deaf.wait().text == "up");
  CHECK(stubborn.wait().text == "up");
  ExecProgram::end({&polite.program, &deaf.program, &stubborn.program}, 300);
  CHECK(polite.folder.read("said") == "bye\n");
  CHECK(polite.program.ending() == "it ended with exit code 0");
  CHECK_THAT(deaf.program.ending(), Catch::Contains("signal 15"));
  CHECK_THAT(stubborn.program.ending(), Catch::Contains("signal 9"));
}

TEST_CASE("a program that cannot be started says why") {
  CHECK_THROWS_WITH(ExecProgram({"/nowhere/at/all"}, line_max), Catch::Contains("No such file"));
  const ScratchFolder folder;
  const std::string text = folder.write("text", "no program\n");
  CHECK_THROWS_WITH(ExecProgram({text}, line_max), Catch::Contains("Permission denied"));
}

TEST_CASE("a program is found as a shell finds it, and what is none is said to be none") {
  CHECK_THAT(find_program("sh"), Catch::EndsWith("/sh"));
  CHECK(find_program("/bin/sh") == "/bin/sh");
  CHECK_THROWS_WITH(find_program("no-such-program-anywhere"), Catch::Contains("there is no program"));
  CHECK_THROWS_WITH(find_program("python3 answer.py"), Catch::Contains("words of their own"));
  CHECK_THROWS_WITH(find_program("/tmp"), Catch::Contains("no program that can be run"));
  CHECK_THROWS_AS(find_program(""), std::runtime_error);
}
