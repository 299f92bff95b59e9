#include "broker/storage/pipeline.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/broker/storage/support.h"

namespace tally::storage::testing {
namespace {

// A table with a column of each type that there is, for as long as a test takes.
class Table {
 public:
  Table() {
    query(
        "CREATE TABLE tally.pipelined (no bigint PRIMARY KEY, small smallint, number integer, flag boolean, said text, "
        "bytes bytea CHECK (octet_length(bytes) < 1000))");
  }
  ~Table() { query("DROP TABLE tally.pipelined"); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
};

constexpr Statement begin{"begin", "BEGIN"};
constexpr Statement insert{"insert",
                           "INSERT INTO pipelined SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::integer[], "
                           "$4::boolean[], $5::text[], $6::bytea[])"};
constexpr Statement update{"update", "UPDATE pipelined SET said = $2 WHERE no >= $1::bigint"};
constexpr Statement all[] = {begin, insert, update};

std::string rows_there() { return query_one("SELECT count(*) FROM tally.pipelined"); }

}  // namespace

TEST_CASE("what is sent in columns is what is stored, whatever its bytes") {
  const Table table;
  Pipeline pipeline(cluster().owner_connection(), all);
  const std::string bytes("\0\xff{\"\\,NULL", 10);
  Rows rows(6);
  rows.add(std::int64_t{INT64_MIN}, std::int16_t{-7}, std::int32_t{INT32_MAX}, true, "{\"a\\\",b}\n\u00e9",
           std::optional(Blob{bytes}));
  rows.add(std::int64_t{INT64_MAX}, std::int16_t{7}, std::int32_t{INT32_MIN}, false, "NULL", std::optional<Blob>());
  REQUIRE(rows.size() == 2);
  pipeline.send(begin, {});
  pipeline.send(insert, rows.take());
  CHECK(rows.empty());
  pipeline.send(update, {{"5"}, {"said later"}});
  pipeline.flush();
  pipeline.next();
  CHECK(pipeline.next() == 2);
  CHECK(pipeline.next() == 1);
  CHECK(rows_there() == "0");
  pipeline.commit();
  CHECK(query("SELECT no, small, number, flag, said, encode(bytes, 'hex') FROM tally.pipelined ORDER BY no") ==
        std::vector<std::vector<std::string>>{
            {"-9223372036854775808", "-7", "2147483647", "t", "{\"a\\\",b}\n\u00e9", "00ff7b225c2c4e554c4c"},
            {"9223372036854775807", "7", "-2147483648", "f", "said later", ""}});
  CHECK(pipeline.take_notices() == 0);
}

TEST_CASE("a statement that fails says why, those before it say what they did, and nothing is stored") {
  const Table table;
  Pipeline pipeline(cluster().owner_connection(), all);
  const auto row = [](std::int64_t no, const std::string& bytes) {
    Rows rows(6);
    rows.add(no, std::int16_t{1}, std::int32_t{1}, true, "x", Blob{bytes});
    return rows.take();
  };
  pipeline.send(begin, {});
  pipeline.send(insert, row(1, "short"));
  pipeline.send(insert, row(2, std::string(1000, 'x')));
  pipeline.send(insert, row(3, "short"));
  pipeline.flush();
  pipeline.next();
  CHECK(pipeline.next() == 1);
  std::string sqlstate;
  try {
    pipeline.next();
  } catch (const pqxx::sql_error& error) {
    sqlstate = error.sqlstate();
  }
  CHECK(sqlstate == "23514");
  CHECK_THROWS_AS(pipeline.commit(), pqxx::failure);
  CHECK(rows_there() == "0");
}

TEST_CASE("a pipeline whose server is not there, or that was ended, is broken") {
  CHECK_THROWS_AS(Pipeline("host=/nowhere port=1", all), pqxx::broken_connection);
  const Table table;
  Pipeline pipeline(cluster().owner_connection() + " application_name=tally-pipeline", all);
  CHECK(pipeline.is_open());
  query("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'tally-pipeline'");
  try {
    pipeline.send(begin, {});
    pipeline.flush();
    pipeline.next();
    FAIL("an ended server has answered");
  } catch (const pqxx::failure& error) {
    CHECK(trouble_of(error, pipeline.is_open()) == Trouble::passing);
  }
}

}  // namespace tally::storage::testing
