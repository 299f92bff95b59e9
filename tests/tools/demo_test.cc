#include "tools/stack/demo.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/project/check_spec.h"
#include "common/project/columns.h"
#include "common/project/items_csv.h"
#include "common/project/project_file.h"
#include "tools/stack/broker_process.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;

std::filesystem::path demo_folder() {
  const char* top = std::getenv("TALLY_SOURCE_DIR");
  return (top != nullptr ? std::filesystem::path(top) : std::filesystem::current_path()) / "demo";
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Batch {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> items;
};

Batch demo_batch() {
  std::ifstream in(demo_folder() / "items.csv", std::ios::binary);
  auto reader = project::ItemsReader::open(in);
  REQUIRE(reader);
  Batch batch{reader->header(), {}};
  for (;;) {
    auto row = reader->next();
    REQUIRE(row);
    if (!row.value()) return batch;
    batch.items.push_back((*row)->item.values);
  }
}

}  // namespace

TEST_CASE("the demo's project can be posted with its items") {
  auto file = project::load_project(demo_folder() / "project.toml");
  INFO((file ? "" : file.error()));
  REQUIRE(file);
  ProjectSpec* const spec = &file->spec;
  const Batch batch = demo_batch();
  const auto fitted = project::fit_columns(*spec, batch.header);
  REQUIRE(fitted);
  const auto checked = project::check_spec(*spec, Time{0});
  INFO((checked ? "" : checked.error().detail));
  CHECK(checked);
  CHECK(batch.items.size() >= 500);
}

TEST_CASE("each of the demo's notices is there once, and its truth is an option of the form") {
  const auto file = project::load_project(demo_folder() / "project.toml");
  const auto truth = stack::load_truth(demo_folder() / "truth.csv");
  REQUIRE(file);
  REQUIRE(truth);
  const auto& options = file->spec.form.front().options;
  std::set<std::string> notices;
  std::map<std::string, int> kinds;
  for (const auto& item : demo_batch().items) {
    CHECK(notices.insert(item.at(2)).second);
    const auto known = truth->find(item.at(0));
    REQUIRE(known != truth->end());
    CHECK(std::count(options.begin(), options.end(), known->second) == 1);
    ++kinds[known->second];
  }
  CHECK(truth->size() == notices.size());
  CHECK(kinds.size() == options.size());
}

TEST_CASE("the demo's script makes the demo's files again") {
  const stack::TemporaryFolder made("tally-demo-items");
  const std::string command =
      "python3 '" + (demo_folder() / "make_items.py").string() + "' '" + made.path().string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(cert-env33-c): our own script
  for (const char* name : {"items.csv", "truth.csv"}) {
    CHECK((text_of(made.path() / name) == text_of(demo_folder() / name)));
  }
}

TEST_CASE("thirty demo workers are careful and hasty ones, and two spammers") {
  std::map<std::string, int> kinds;
  for (const auto& kind : stack::demo_workers(30)) ++kinds[kind.name];
  CHECK(kinds == std::map<std::string, int>{{"careful", 14}, {"hasty", 14}, {"spammer", 2}});
}

TEST_CASE("the demo's totals count verdicts, first answers and money against the truth") {
  const std::map<std::string, std::string> truth{{"n1", "yes"}, {"n2", "no"}};
  const auto answer = [](std::int64_t worker, std::int32_t no, const std::string& value, std::int64_t paid) {
    AnswerRow row;
    row.worker = AccountId{worker};
    row.assignment = {PartId{}, no};
    row.values = {{"kind", {value}}};
    row.paid = Micros{paid};
    return row;
  };
  ResultRow settled;
  settled.values = {"n1"};
  settled.state = TaskState::settled;
  settled.judged = {{"kind", true, "yes"}};
  settled.cost = Micros{24};
  settled.given = {answer(1, 20, "yes", 10), answer(2, 10, "no", 0), answer(3, 30, "yes", 10)};
  ResultRow undecided;
  undecided.values = {"n2"};
  undecided.state = TaskState::undecided;
  undecided.cost = Micros{24};
  undecided.given = {answer(1, 10, "no", 10), answer(2, 20, "yes", 10)};

  stack::DemoTotals totals;
  totals.take(settled, truth);
  totals.take(undecided, truth);
  CHECK(totals.settled == 1);
  CHECK(totals.right == 1);
  CHECK(totals.first_right == 1);
  CHECK(totals.paid == Micros{40});
  CHECK(totals.cost == Micros{48});
  CHECK(totals.workers[AccountId{1}].right == 2);
  CHECK(totals.workers[AccountId{2}].paid_answers == 1);
  CHECK_THAT(report_of(totals, "USD"), Catch::Contains("50.0 %") && Catch::Contains("1 undecided"));
}
