// What holds for every read: refusals, cursors, limits, lost connections, damaged rows, plans.
#include <algorithm>

#include <catch2/catch.hpp>

#include "broker/storage/connection.h"
#include "broker/storage/read_statements.h"
#include "common/codec/messages_codec.h"
#include "tests/broker/storage/reads_support.h"
#include "tests/broker/storage/stage.h"

namespace tally::storage {

using namespace testing;

TEST_CASE("what belongs to others is refused, and so is what does not exist") {
  Stage stage;
  const ProjectId project = stage.open(birds(), 1);
  stage.post(project, 1, 1);
  stage.commit();
  const auto refused = [&](const Request& request) {
    return stage.refused(stage.other_requester, Role::requester, request);
  };
  CHECK(refused(GetStatus{project}) == RefusalCode::not_yours);
  CHECK(refused(results_of(project)) == RefusalCode::not_yours);
  CHECK(refused(DescribeProject{project}) == RefusalCode::not_yours);
  for (const std::int64_t id : {std::int64_t{0}, std::int64_t{1}, project.value + 16, INT64_MAX}) {
    CHECK(refused(GetStatus{ProjectId{id}}) == RefusalCode::project_not_found);
    CHECK(refused(results_of(ProjectId{id})) == RefusalCode::project_not_found);
    CHECK(refused(DescribeProject{ProjectId{id}}) == RefusalCode::project_not_found);
  }
  CHECK(stage.get(stage.admin, Role::admin, GetStatus{project}).posted == 1);
  const Balance nothing = stage.get(stage.other_requester, Role::requester, GetBalance{});
  CHECK(nothing.wallet + nothing.reserved + nothing.under_way == Micros{0});
}

TEST_CASE("a cursor that is none of ours is refused") {
  Stage stage;
  const ProjectId project = stage.open(birds(), 1);
  stage.post(project, 1, 1);
  stage.commit();
  const std::string cursor =
      GENERATE("x", ".", "1.", "1.2.3.4", "-1", "1.-2", "99999999999999999999", " 1", "1.2'; DROP TABLE parts; --");
  INFO(cursor);
  GetResults results = results_of(project);
  results.after = cursor;
  CHECK(stage.refused(stage.requester, Role::requester, results) == RefusalCode::malformed);
  ListProjects projects;
  projects.after = cursor;
  CHECK(stage.refused(stage.requester, Role::requester, projects) == RefusalCode::malformed);
  Earnings earnings;
  earnings.after = cursor;
  CHECK(stage.refused(stage.workers["ann"], worker_role, earnings) == RefusalCode::malformed);
  ListAccounts accounts;
  accounts.after = cursor;
  CHECK(stage.refused(stage.admin, Role::admin, accounts) == RefusalCode::malformed);
  for (const std::string past : {"0.1", "1048576.1", "1.2147483648"}) {
    results.after = past;
    CHECK(stage.refused(stage.requester, Role::requester, results) == RefusalCode::malformed);
  }
  results.after = "7.1";
  CHECK(stage.get(stage.requester, Role::requester, results).rows.empty());
}

TEST_CASE("a limit is brought to between one and a thousand rows") {
  Stage stage(small_parts(800));
  const ProjectId project = stage.open(core::simple_spec(), 1100);
  stage.post(project, 1, 800);
  stage.post(project, 801, 300);
  stage.commit();
  GetResults request = results_of(project);
  for (const std::int64_t limit : {INT64_MIN, std::int64_t{0}}) {
    request.limit = limit;
    CHECK(stage.get(stage.requester, Role::requester, request).rows.size() == 1);
  }
  request.limit = INT64_MAX;
  const ResultsPage page = stage.get(stage.requester, Role::requester, request);
  CHECK(page.rows.size() == 1000);
  CHECK(page.rows.back().item_no == 1000);
  request.after = page.next;
  const ResultsPage rest = stage.get(stage.requester, Role::requester, request);
  CHECK(rest.rows.size() == 100);
  CHECK(rest.next.empty());
}

TEST_CASE("a database that is away is said so, and a lost connection is opened again by itself") {
  Stage stage;
  stage.commit();
  std::vector<std::string> lines;
  const auto log = [&](std::string_view line) { lines.emplace_back(line); };
  ReadsConfig nowhere;
  nowhere.connection = "host=/nonexistent connect_timeout=2";
  nowhere.retry_delay = Duration{1};
  nowhere.log = log;
  Reads away(nowhere, keep_going);
  for (int i = 0; i < 3; ++i) {
    const auto reply = away.answer(GetBalance{}, stage.requester, Role::requester, stage.world.now);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == RefusalCode::unavailable);
    CHECK(reply.error().retry_after_ms > 0);
  }
  CHECK(lines.size() == 1);

  CHECK(stage.get(stage.requester, Role::requester, GetBalance{}).wallet == Micros{100'000'000});
  query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%' "
      "AND backend_type = 'client backend'");
  CHECK(stage.get(stage.requester, Role::requester, GetBalance{}).wallet == Micros{100'000'000});
}

TEST_CASE("a damaged row is an error of the broker, which it logs, and the next request is answered") {
  Stage stage;
  const ProjectId project = stage.open(birds(), 1);
  stage.post(project, 1, 1);
  stage.commit();
  std::vector<std::string> lines;
  stage.reads_config.log = [&](std::string_view line) { lines.emplace_back(line); };
  query("UPDATE tally.contents SET body = 'rubbish' WHERE kind = 'item' RETURNING 1");
  CHECK(stage.refused(stage.requester, Role::requester, results_of(project)) == RefusalCode::internal_error);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("doing=get_results") != std::string::npos);
  CHECK(stage.get(stage.requester, Role::requester, GetStatus{project}).posted == 1);
}

TEST_CASE("no statement of a reader walks a table, and a page comes out of its index in order") {
  namespace sql = read_statements;
  Connection connection(cluster().connection(), Use::reader, sql::all);
  pqxx::nontransaction tx(connection.get());
  tx.exec(sql::settings);
  for (const Statement& statement : sql::all) {
    const std::string name = statement.name;
    const auto types =
        tx.exec("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = '" + name + "'")[0][0]
            .as<int>();
    std::string arguments = "NULL";
    for (int i = 1; i < types; ++i) arguments += ", NULL";
    std::string plan;
    for (const auto& row : tx.exec("EXPLAIN EXECUTE " + name + "(" + arguments + ")")) {
      plan += std::string(row[0].c_str()) + '\n';
    }
    INFO(name << "\n" << plan);
    CHECK(plan.find("Seq Scan") == std::string::npos);
    CHECK(plan.find("Bitmap") == std::string::npos);
    const Statement pages[] = {sql::projects_newest,  sql::projects_of_owner,   sql::projects_open,
                               sql::parts_with_tasks, sql::next_part_in_review, sql::accounts,
                               sql::accounts_of_role, sql::answers_waiting};
    const bool is_page =
        std::any_of(std::begin(pages), std::end(pages), [&](const Statement& page) { return page.name == name; });
    if (is_page) CHECK(plan.find("Sort") == std::string::npos);
  }
}

}  // namespace tally::storage
