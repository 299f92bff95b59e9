#include "broker/storage/migrate.h"

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "broker/storage/connection.h"
#include "tests/broker/storage/support.h"

using namespace tally;
using namespace tally::storage;
using namespace tally::storage::testing;

namespace {

using Rows = std::vector<std::vector<std::string>>;

// An empty database of the cluster; gone with the object.
class Database {
 public:
  Database() {
    static int last = 0;
    name_ = "other_" + std::to_string(++last);
    query("CREATE DATABASE " + name_);
  }
  ~Database() { query("DROP DATABASE " + name_ + " WITH (FORCE)"); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] std::string as_owner() const { return cluster().owner_connection() + " dbname=" + name_; }
  [[nodiscard]] StoreConfig config() const {
    StoreConfig config = store_config();
    config.connection += " dbname=" + name_;
    return config;
  }
  Rows rows(const std::string& sql) const {
    Connection connection(as_owner(), Use::migration, {});
    pqxx::nontransaction tx(connection.get());
    Rows rows;
    for (const auto& row : tx.exec(sql)) {
      rows.emplace_back();
      for (const auto& field : row) rows.back().emplace_back(field.c_str());
    }
    return rows;
  }
  // Tables, columns, constraints, indexes, rights, and what was applied when.
  [[nodiscard]] std::vector<Rows> everything() const {
    return {rows("SELECT table_name, column_name, data_type, is_nullable, column_default "
                 "FROM information_schema.columns WHERE table_schema = 'tally' ORDER BY 1, 2"),
            rows("SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                 "WHERE connamespace = 'tally'::regnamespace ORDER BY 1, 2, 3"),
            rows("SELECT indexdef FROM pg_indexes WHERE schemaname = 'tally' ORDER BY 1"),
            rows("SELECT relname, relkind, relacl, reloptions FROM pg_class WHERE relnamespace = 'tally'::regnamespace "
                 "AND relkind IN ('r', 'v', 'S') ORDER BY 1"),
            rows("SELECT number, name, digest FROM tally.schema_migrations ORDER BY 1")};
  }
  [[nodiscard]] Rows applied() const { return rows("SELECT * FROM tally.schema_migrations ORDER BY 1"); }

 private:
  std::string name_;
};

std::string problem_of(const Database& database) {
  try {
    migrate(database.as_owner());
    return {};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("migrating again changes nothing") {
  const Database database;
  const Migrated first = migrate(database.as_owner());
  CHECK(std::ssize(first.applied) == newest_migration());
  CHECK(first.role_is_restricted);
  const auto before = database.everything();
  const Rows applied = database.applied();
  REQUIRE(before[0].size() > 50);
  const Migrated second = migrate(database.as_owner());
  CHECK(second.applied.empty());
  CHECK(second.role_is_restricted);
  CHECK(database.everything() == before);
  CHECK(database.applied() == applied);
}

TEST_CASE("a migration that was cut off anywhere is finished by the next", "[fault-15]") {
  const Database whole;
  migrate(whole.as_owner());
  const Database database;
  migrate(database.as_owner());
  // All its statements were run, and the note of it was not.
  const int from = GENERATE(1, 2);
  database.rows("DELETE FROM tally.schema_migrations WHERE number >= " + std::to_string(from));
  // A statement of 0002 was not run, nor any right given.
  database.rows("DROP TABLE tally.answers");
  database.rows("REVOKE ALL ON ALL TABLES IN SCHEMA tally FROM tally_broker");
  CHECK(std::ssize(migrate(database.as_owner()).applied) == newest_migration() - from + 1);
  CHECK(database.everything() == whole.everything());
  Store store(database.config(), keep_going);
  CHECK_FALSE(store.take(part_of(new_project(), 1)).exists);
}

TEST_CASE("a migration whose connection is lost leaves no lock behind", "[fault-15]") {
  const Database database;
  migrate(database.as_owner());
  {
    Connection holder(database.as_owner(), Use::migration, {});
    pqxx::work lock(holder.get());
    lock.exec("SELECT 1 FROM tally.migration_lock FOR UPDATE");
    const std::string pid = query_one("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'");
    CHECK(query_one("SELECT pg_terminate_backend(" + pid + ", 10000)") == "t");
    CHECK(problem_of(database).empty());
  }
}

TEST_CASE("several that migrate an empty database at a time apply each file once", "[fault-15]") {
  const Database database;
  std::vector<std::future<Migrated>> all;
  all.reserve(4);
  for (int i = 0; i < 4; ++i) {
    all.push_back(std::async(std::launch::async, [&] { return migrate(database.as_owner()); }));
  }
  std::vector<std::string> applied;
  for (auto& one : all) {
    for (std::string& name : one.get().applied) applied.push_back(std::move(name));
  }
  CHECK(std::ssize(applied) == newest_migration());
  CHECK(std::is_sorted(applied.begin(), applied.end()));
}

TEST_CASE("a database that a newer Tally has used is refused, with both numbers and what to do") {
  const Database database;
  migrate(database.as_owner());
  database.rows("INSERT INTO tally.schema_migrations VALUES (9999, '9999_later.sql', '')");
  const auto before = database.everything();
  const std::string text = "the database is at migration 9999, this program knows " +
                           std::to_string(newest_migration()) +
                           ": a newer Tally has used this database; run that version, or a later one";
  CHECK(problem_of(database) == text);
  CHECK_THROWS_WITH(Store(database.config(), keep_going), text);
  CHECK(database.everything() == before);
}

TEST_CASE("a Store does not begin on a database that lacks a migration") {
  const Database database;
  CHECK_THROWS_WITH(Store(database.config(), keep_going),
                    Catch::Contains("migration 0") && Catch::Contains("migrate the database first"));
  migrate(database.as_owner());
  database.rows("DELETE FROM tally.schema_migrations WHERE number = " + std::to_string(newest_migration()));
  CHECK_THROWS_WITH(Store(database.config(), keep_going), Catch::Contains("migrate the database first"));
  migrate(database.as_owner());
  CHECK_NOTHROW(Store(database.config(), keep_going));
}

TEST_CASE("a file that was edited after it was applied is refused by its name, before anything is run") {
  const Database database;
  migrate(database.as_owner());
  database.rows("UPDATE tally.schema_migrations SET digest = sha256('another text') WHERE number = 2");
  database.rows("DELETE FROM tally.schema_migrations WHERE number = " + std::to_string(newest_migration()));
  const auto before = database.everything();
  CHECK_THAT(problem_of(database), Catch::Contains("another 0002_work.sql than this program has"));
  CHECK(database.everything() == before);
}

TEST_CASE("a database that cannot be reached is told in one line that says so") {
  CHECK_THROWS_WITH(migrate("host=/nonexistent dbname=tally"),
                    Catch::StartsWith("the database could not be migrated: ") && Catch::Contains("/nonexistent") &&
                        !Catch::Contains("\n"));
  StoreConfig config = store_config();
  config.connection = "host=/nonexistent dbname=tally";
  CHECK_THROWS_WITH(Store(config, keep_going),
                    Catch::StartsWith("the database cannot be used: ") && !Catch::Contains("\n"));
}

TEST_CASE("the broker's role cannot change or delete a row of what was promised, in any column or way") {
  const std::string table = GENERATE("answers", "transfers", "payouts", "batches", "verdicts", "inbox");
  std::vector<std::string> deeds{"DELETE FROM tally." + table,
                                 "DELETE FROM tally." + table + " WHERE part_id = 1",
                                 "TRUNCATE tally." + table,
                                 "SELECT 1 FROM tally." + table + " FOR UPDATE",
                                 "ALTER TABLE tally." + table + " DISABLE TRIGGER ALL",
                                 "CREATE TRIGGER t BEFORE INSERT ON tally." + table +
                                     " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                                 "DROP TABLE tally." + table};
  for (const auto& row : query("SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = "
                               "'tally." +
                               table + "'::regclass")) {
    deeds.push_back("UPDATE tally." + table + " SET " + row[0] + " = " + row[0]);
  }
  REQUIRE(deeds.size() > 9);
  pqxx::connection connection(cluster().connection());
  const std::string before = query_one("SELECT relacl FROM pg_class WHERE oid = 'tally." + table + "'::regclass");
  for (const std::string& deed : deeds) {
    INFO(deed);
    pqxx::work tx(connection);
    CHECK_THROWS_AS(tx.exec(deed), pqxx::insufficient_privilege);
  }
  // This is no error, it only gives nothing.
  pqxx::nontransaction(connection).exec("GRANT UPDATE ON tally." + table + " TO tally_broker");
  CHECK(query_one("SELECT relacl FROM pg_class WHERE oid = 'tally." + table + "'::regclass") == before);
  // Reading and adding is what it may.
  pqxx::work tx(connection);
  CHECK_NOTHROW(tx.exec("SELECT count(*) FROM tally." + table));
  CHECK_NOTHROW(tx.exec("INSERT INTO tally." + table + " SELECT * FROM tally." + table + " WHERE false"));
}

TEST_CASE("the broker's role may change rows of these tables and delete from this one, and owns nothing") {
  const std::string with =
      "SELECT relname FROM pg_class WHERE relnamespace = 'tally'::regnamespace AND relkind = 'r' AND ";
  CHECK(query(with + "has_any_column_privilege('tally_broker', oid, 'UPDATE') ORDER BY 1") == Rows{{"brokers"},
                                                                                                   {"contents"},
                                                                                                   {"outages"},
                                                                                                   {"parts"},
                                                                                                   {"pay_decisions"},
                                                                                                   {"people"},
                                                                                                   {"projects"},
                                                                                                   {"snapshots"},
                                                                                                   {"sub_accounts"}});
  CHECK(query(with + "has_table_privilege('tally_broker', oid, 'DELETE') ORDER BY 1") == Rows{{"outbox"}});
  // The ledger as an accountant reads it is there to be read.
  CHECK(query("SELECT has_table_privilege('tally_broker', 'tally.ledger_lines', 'SELECT'), "
              "has_table_privilege('tally_broker', 'tally.ledger_lines', 'INSERT, UPDATE, DELETE, TRUNCATE')") ==
        Rows{{"t", "f"}});
  CHECK(query(with + "has_table_privilege('tally_broker', oid, 'TRUNCATE')").empty());
  CHECK(query("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'tally_broker'").empty());
  CHECK(query_one("SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication OR "
                  "EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid) FROM pg_roles "
                  "WHERE rolname = 'tally_broker'") == "f");
  CHECK(query_one("SELECT has_schema_privilege('tally_broker', 'tally', 'CREATE')") == "f");
}

TEST_CASE("statements are split at semicolons that are not quoted or in a comment") {
  CHECK(split_statements("A ';' b; -- no; comment\nC $$ x; y $$ \";\";\n\n;  D") ==
        std::vector<std::string>{"A ';' b", "C $$ x; y $$ \";\"", "D"});
  CHECK(split_statements(" \n-- nothing;").empty());
}
