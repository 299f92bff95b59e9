// Files and texts that others made, through the real programs: bad ones are named by line, dangerous ones shown
// harmlessly.
#include <catch2/catch.hpp>

#include "common/project/csv_rows.h"
#include "tests/e2e/programs.h"
#include "tests/e2e/shared_market.h"

namespace tally::e2e {
namespace {

using Catch::Contains;

constexpr std::string_view escape = "\x1b";

// A project file about birds, with a place for more lines at its top.
std::string project_toml(const std::string& reward = "\"0.01\"", const std::string& more = "") {
  return more + "title = \"Birds\"\ntemplate = \"${text}\"\nreward = " + reward +
         "\npay = \"all\"\n[redundancy]\nmin = 1\nmax = 1\nquorum = 1\n[[field]]\nname = \"bird\"\n"
         "type = \"text\"\nlabel = \"Which bird?\"\n";
}

// A requester with a full wallet, and a folder for their files.
struct Rita {
  explicit Rita(const std::string& name, const std::string& shown_as = "Rita")
      : market(shared_market()), program(market, Role::requester, shown_as, name), folder(market.folder.path() / name) {
    market.admin->deposit(program.account(), Micros{10'000'000});
  }

  [[nodiscard]] Ran post(const std::string& toml, const std::string& csv) const {
    const auto project = write_file(folder / "project.toml", toml);
    const auto items = write_file(folder / "items.csv", csv);
    return program.tally("post --yes " + quoted(project) + " " + quoted(items));
  }
  // Whether a posting was refused for this reason before anything was sent.
  void check_refused(const std::string& toml, const std::string& csv, const std::string& place,
                     const std::string& reason) const {
    const Ran ran = post(toml, csv);
    INFO(ran.said.substr(0, 2000));
    CHECK(ran.code == 2);
    CHECK_THAT(ran.said, Contains(place) && Contains(reason) && Contains("Nothing was posted."));
    CHECK(ran.said.size() < 5'000);
  }
  [[nodiscard]] std::string listed() const { return program.tally("list").said; }

  Market& market;
  ProgramUser program;
  std::filesystem::path folder;
};

// The number in "Project 17 is open".
ProjectId project_of(const Ran& posted) {
  INFO(posted.said);
  REQUIRE(posted.code == 0);
  const std::size_t at = posted.said.find("Project ");
  REQUIRE(at != std::string::npos);
  return ProjectId{std::stoll(posted.said.substr(at + 8))};
}

}  // namespace

TEST_CASE("a project file that is wrong is refused with its line, and nothing is posted") {
  const Rita rita("wrong-project");
  const std::string csv = "text\nOne\n";
  rita.check_refused(project_toml("\"0.0000001\""), csv, "project.toml:3: reward", "at most six places");
  rita.check_refused(project_toml("\"-1\""), csv, "project.toml:3: reward", "amount");
  rita.check_refused(project_toml("-1"), csv, "project.toml:3: reward", "negative");
  rita.check_refused(project_toml("0.01"), csv, "project.toml:3: reward", "in quotes");
  rita.check_refused(project_toml("\"0\""), csv, "project.toml: reward", "more than zero");
  rita.check_refused(project_toml("\"99999999999999\""), csv, "project.toml:3: reward", "amount");
  rita.check_refused(project_toml("\"0.01\"", "tittle = \"x\"\n"), csv, "project.toml:1: unknown key 'tittle'",
                     "did you mean");
  rita.check_refused("title = \"Birds\n", csv, "project.toml:1", "");
  rita.check_refused(std::string("\x00\xff\xfe rubbish", 11), csv, "project.toml", "");
  CHECK(rita.program.tally("post --yes missing.toml missing.csv").code == 2);
  CHECK_THAT(rita.listed(), !Contains("Birds"));
}

TEST_CASE("an items file that is wrong is refused with its line, and nothing is posted") {
  const Rita rita("wrong-items");
  const std::string toml = project_toml();
  rita.check_refused(toml, "word\nOne\n", "items.csv", "no column 'text'");
  rita.check_refused(project_toml() + "[columns]\ntext = \"text\"\nphoto = \"image\"\n", "text\nOne\n", "items.csv",
                     "photo");
  rita.check_refused(toml, "text,note\nOne,a\nTwo\n", "items.csv:3", "1 cell");
  rita.check_refused(toml, "text\nOne\nTw\"o\nThree\n", "items.csv:3", "quote");
  rita.check_refused(toml, "text\nOne\n\"Two\nThree\n", "items.csv:3", "never closed");
  std::string giant = "text\nOne\n";
  giant.append(10'000'000, 'x');
  rita.check_refused(toml, giant + "\n", "items.csv:3", "bytes");
  rita.check_refused(toml, "text\nOne\n\"" + std::string(100'000, 'x') + "\"\n", "items.csv:3: column 'text'", "bytes");
  rita.check_refused(toml, "text\nOne\nTw\xff\n", "items.csv:3: column 'text'", "UTF-8");
  rita.check_refused(toml, std::string("text\nOne\nT\0o\n", 13), "items.csv:3: column 'text'", "NUL");
  rita.check_refused(toml, "", "items.csv:1", "empty");
  rita.check_refused(toml, "text\n", "items.csv:1", "no row");
  // Several mistakes at once are all named; hostile names of columns do not reach the terminal.
  rita.check_refused(toml, "text\nOne\nT\xff\nThree\nF\xff\n", "items.csv:3", "items.csv:5");
  const Ran ran = rita.post(toml, "te\x1b[31mxt\nOne\n");
  CHECK(ran.code == 2);
  CHECK_THAT(ran.said, Contains("items.csv:1") && !Contains(std::string(escape)));
  CHECK_THAT(rita.listed(), !Contains("Birds"));
  CHECK(stack::audit(rita.market.admin->client()) == "clean");
}

TEST_CASE("a byte order mark and CR LF belong to the file, not to its items") {
  const Rita rita("from-a-spreadsheet");
  const ProjectId project = project_of(rita.post(project_toml(), "\xef\xbb\xbftext\r\nOne\r\n\"Two\r\nlines\"\r\n"));
  const auto worker = client_of(rita.market, new_worker(rita.market));
  const Tasks got = stack::must(*worker, Pull{project, 10, {}, 30'000});
  REQUIRE(got.tasks.size() == 2);
  CHECK(got.tasks[0].values == std::vector<std::string>{"One"});
  CHECK(got.tasks[1].values == std::vector<std::string>{"Two\r\nlines"});
}

TEST_CASE("formulas in items and answers come back as text that no spreadsheet runs") {
  const Rita rita("formulas");
  const ProjectId project = project_of(rita.post(project_toml(), "text\n\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\n"));
  const auto worker = client_of(rita.market, new_worker(rita.market));
  const Tasks got = stack::must(*worker, Pull{project, 1, {}, 30'000});
  REQUIRE(got.tasks.size() == 1);
  CHECK(got.tasks[0].values[0] == "=HYPERLINK(\"http://x\",\"y\")");
  const Submit submit{{{got.tasks[0].assignment, {{"bird", {"@SUM(1+1)*cmd|' /C calc'!A0"}}}}}, 0, {}};
  CHECK(stack::must(*worker, submit).outcomes[0].accepted);

  const std::string number = std::to_string(project.value);
  const std::filesystem::path out = rita.folder / "results.csv";
  for (const char* more : {"", "--answers "}) {
    const Ran ran = rita.program.tally("results " + number + " " + more + "-o " + quoted(out));
    INFO(ran.said);
    REQUIRE(ran.code == 0);
    std::ifstream csv(out, std::ios::binary);
    project::CsvRows rows(csv, 100'000);
    std::string all;
    for (auto row = rows.next(); row && *row; row = rows.next()) {
      for (const std::string& cell : (*row)->cells) {
        INFO(cell);
        CHECK(cell.substr(0, 1).find_first_of("=+-@\t\r") == std::string::npos);
        all += cell + '\n';
      }
    }
    CHECK_THAT(all, Contains("'=HYPERLINK(\"http://x\",\"y\")\n") && Contains("'@SUM(1+1)"));
  }
}

TEST_CASE("terminal escapes in names, items and answers are shown, not obeyed") {
  Market& market = shared_market();
  // A name of one line: control characters are refused, and what else moves a terminal is shown.
  for (const char* name : {"Ev\x1b[2Jil", "Two\nlines"}) {
    const auto invited =
        market.admin->client().ask(Invite{stack::random_key(), Role::worker, name, std::nullopt, 3'600'000});
    REQUIRE_FALSE(invited);
    CHECK(invited.error().code == RefusalCode::malformed);
  }
  const Rita rita("escapes",
                  "R\xc2\x9b"
                  "31mita \xe2\x80\xae"
                  "atir");
  const std::string evil =
      "\x1b]0;owned\x07\x1b[2J\xc2\x9b"
      "1mOne";
  const ProjectId project = project_of(rita.post(project_toml(), "text\n\"" + evil + "\"\n\"" + evil + "2\"\n"));
  const std::string number = std::to_string(project.value);

  const auto is_harmless = [&](const Ran& ran) {
    INFO(ran.said);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.said, !Contains(std::string(escape)) && !Contains("\xc2\x9b") && !Contains("\x07") &&
                             !Contains("\xe2\x80\xae"));
  };
  const ProgramUser wim(market, Role::worker,
                        "W\xc2\x9b"
                        "31mim",
                        "escapes-worker");
  is_harmless(wim.tally("projects"));
  is_harmless(wim.tally("projects " + number));
  const Ran work = run_shell("printf '\\033[31mrobin\\ny\\n' | " + wim.command("work --once --project " + number));
  is_harmless(work);
  CHECK_THAT(work.said, Contains("One"));
  // An answer that came from another client than ours.
  const auto client = client_of(market, new_worker(market));
  const Tasks got = stack::must(*client, Pull{project, 1, {}, 30'000});
  REQUIRE(got.tasks.size() == 1);
  const auto sent = client->ask(Submit{{{got.tasks[0].assignment, {{"bird", {evil}}}}}, 0, {}});
  REQUIRE(sent);

  const std::vector<std::string> commands{"list",
                                          "balance",
                                          "status " + number,
                                          "results " + number,
                                          "results --answers " + number,
                                          "results --format jsonl " + number};
  for (const std::string& arguments : commands) is_harmless(rita.program.tally_on_terminal(arguments));
  is_harmless(wim.tally("earnings"));
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace tally::e2e
