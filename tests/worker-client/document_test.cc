// docs/worker.md is held true: its program is run, and its words are those of the program.
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/worker-client/play.h"
#include "worker-client/exec_line.h"
#include "worker-client/exec_loop.h"
#include "worker-client/form_reader.h"

using namespace tally;
using namespace tally::worker;

namespace {

std::string document() {
  const char* top = std::getenv("TALLY_SOURCE_DIR");
  const std::filesystem::path root = top != nullptr ? top : std::filesystem::current_path();
  std::ifstream file(root / "docs/worker.md", std::ios::binary);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

// The block of code that begins with ```language.
std::string block(const std::string& text, const std::string& language) {
  const std::string opening = "```" + language + "\n";
  const std::size_t begin = text.find(opening);
  REQUIRE(begin != std::string::npos);
  const std::size_t first = begin + opening.size();
  return text.substr(first, text.find("```", first) - first);
}

TaskOffer review(std::int32_t no, const std::string& text) { return bird_task(no, text); }

}  // namespace

TEST_CASE("the program in the workers' page answers and skips as the page says") {
  const ScratchFolder folder;
  const Outbox outbox(folder.path() / "outbox");
  PlayedBroker broker;
  PlayedStop stop;
  broker.spec.item_template = "${review}";
  broker.spec.columns = {{"review", ColumnKind::text}};
  broker.spec.form = {{"mood", "choice", "What does the writer think?", true, {"positive", "negative", "mixed"}, {}},
                      {"words", "choices", "Which words say so?", false, {"never", "again"}, {}}};
  broker.tasks = {review(1, "Great, came on time"), review(2, "Never again, sadly"), review(3, "It is a chair")};

  ExecConfig config;
  config.command = {find_program("python3"), folder.write("answer.py", block(document(), "python"))};
  config.work.stop_when_idle = true;
  config.work.leases_max = 10;
  std::ostringstream log;
  const int code = ExecLoop(broker, outbox, stop, log, config).run();
  INFO(log.str());
  CHECK(code == 0);
  CHECK(broker.answers.at(assignment(1)) == AnswerValues{{"mood", {"positive"}}});
  CHECK(broker.answers.at(assignment(2)) == AnswerValues{{"mood", {"negative"}}, {"words", {"never", "again"}}});
  CHECK(broker.handed_back(HandBackHow::skipped) == std::vector{assignment(3)});
  CHECK(broker.handed_back(HandBackHow::returned).empty());
}

TEST_CASE("the workers' page names every key of a task") {
  const std::string page = document();
  const TrainingFeedback feedback{1, false, {{"bird", {"wren"}}}, "Small."};
  const auto training = training_line({1, 2, {"1.jpg"}}, ProjectId{17}, bird_spec(), Duration{1'000}, feedback);
  for (const std::string& line : {task_line(bird_task(1), bird_spec(), Duration{1'000}), training}) {
    const auto task = nlohmann::json::parse(line);
    for (const auto& [key, value] : task.items()) {
      INFO(key);
      CHECK(page.find("`" + key + "`") != std::string::npos);
    }
  }
}

TEST_CASE("the answers in the workers' page are answers") {
  const std::vector<FieldSpec> form{{"mood", "choice", "Mood?", true, {"positive", "negative"}, {}},
                                    {"words", "choices", "Words?", false, {"so", "good"}, {}},
                                    {"stars", "number", "Stars?", false, {}, {}}};
  std::istringstream lines(block(document(), "json"));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(answer_from(line, to_text(assignment(9)), form));
  CHECK(count == 2);
}

TEST_CASE("the workers' page names every command of the keyboard") {
  std::ostringstream screen;
  PlayedLines lines({":help"});
  AnswerValues draft;
  const ProjectSpec spec = bird_spec();
  FormReader(lines, screen, spec.form, {.time_left = [] { return ""; }, .show_item = [] {}}).read(draft);
  const std::string page = document();
  std::istringstream words(screen.str());
  int count = 0;
  for (std::string word; words >> word;) {
    if (!word.starts_with(':')) continue;
    INFO(word);
    CHECK(page.find("`" + word + "`") != std::string::npos);
    ++count;
  }
  CHECK(count == 7);
}
