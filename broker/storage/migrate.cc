#include "broker/storage/migrate.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>

#include "broker/storage/array.h"
#include "broker/storage/connection.h"
#include "broker/storage/migrations.h"
#include "common/base/digest.h"

namespace tally::storage {
namespace {

// Before the first file: the schema, what was applied, and the row that is the lock.
constexpr const char* ground[] = {
    "CREATE SCHEMA IF NOT EXISTS tally",
    ("CREATE TABLE IF NOT EXISTS tally.schema_migrations (number integer PRIMARY KEY, name text NOT NULL, "
     "digest bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"),
    "CREATE TABLE IF NOT EXISTS tally.migration_lock (only_row integer PRIMARY KEY CHECK (only_row = 1))",
    "INSERT INTO tally.migration_lock VALUES (1) ON CONFLICT DO NOTHING",
};

// 4 for "0004_catalogue.sql"; nothing for files that are no migrations.
std::optional<int> number_of(std::string_view name) {
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end == name.data() + name.size() || *end != '_') return std::nullopt;
  return number;
}

void run(pqxx::connection& connection, const std::string& statement) {
  pqxx::nontransaction step(connection);
  step.exec(statement);
}

// CREATE … IF NOT EXISTS of two at a time may collide in the catalogue of the database: the loser tries again.
void lay_ground(pqxx::connection& connection) {
  for (const char* statement : ground) {
    for (int attempt = 1;; ++attempt) {
      try {
        run(connection, statement);
        break;
      } catch (const pqxx::sql_error& error) {
        const std::string& code = error.sqlstate();
        const bool collided = code == "23505" || code == "42P06" || code == "42P07" || code == "42710";
        if (!collided || attempt == 10) throw;
      }
    }
  }
}

std::map<int, std::string> applied_digests(pqxx::connection& connection) {
  pqxx::nontransaction look(connection);
  std::map<int, std::string> digests;
  for (const auto& row : look.exec("SELECT number, digest FROM tally.schema_migrations")) {
    digests[row[0].as<int>()] = bytes_from_bytea(row[1].c_str());
  }
  return digests;
}

bool grant(pqxx::connection& connection) {
  {
    pqxx::nontransaction look(connection);
    if (look.exec("SELECT 1 FROM pg_roles WHERE rolname = '" + std::string(broker_role) + "'").empty()) return false;
  }
  for (const SqlFile& file : sql_files()) {
    if (number_of(file.name)) continue;
    for (const std::string& statement : split_statements(file.text)) run(connection, statement);
  }
  return true;
}

Migrated migrate_locked(pqxx::connection& connection, const std::function<void(std::string_view)>& log) {
  const auto digests = applied_digests(connection);
  if (!digests.empty()) {
    const int database = digests.rbegin()->first;
    if (database > newest_migration()) throw std::runtime_error(version_problem(database));
  }
  Migrated migrated;
  for (const SqlFile& file : sql_files()) {
    const auto number = number_of(file.name);
    if (!number) continue;
    const std::string digest = bytes_of(sha256(file.text));
    if (const auto known = digests.find(*number); known != digests.end()) {
      if (known->second == digest) continue;
      throw std::runtime_error("the database was migrated with another " + std::string(file.name) +
                               " than this program has; run the program that it was made with");
    }
    if (log) log("event=migration file=" + std::string(file.name));
    for (const std::string& statement : split_statements(file.text)) run(connection, statement);
    pqxx::work note(connection);
    note.exec_params("INSERT INTO tally.schema_migrations (number, name, digest) VALUES ($1, $2, $3::bytea)", *number,
                     std::string(file.name), bytea_text(digest));
    note.commit();
    migrated.applied.emplace_back(file.name);
  }
  migrated.role_is_restricted = grant(connection);
  return migrated;
}

// Where a quoted piece that begins at `from` ends; `from` itself when none begins there.
std::size_t end_of_quoted(std::string_view sql, std::size_t from) {
  const auto after = [&](std::string_view mark, std::size_t start) {
    const std::size_t found = sql.find(mark, start);
    return found == std::string_view::npos ? sql.size() : found + mark.size();
  };
  const std::string_view rest = sql.substr(from);
  if (rest.starts_with("--")) return after("\n", from);
  if (rest.starts_with("'")) return after("'", from + 1);
  if (rest.starts_with("\"")) return after("\"", from + 1);
  if (rest.starts_with("$$")) return after("$$", from + 2);
  return from;
}

}  // namespace

std::vector<std::string> split_statements(std::string_view sql) {
  std::vector<std::string> statements;
  std::string statement;
  const auto finish = [&] {
    const auto first = statement.find_first_not_of(" \n\t\r");
    if (first != std::string::npos) statements.push_back(statement.substr(first));
    statement.clear();
  };
  for (std::size_t i = 0; i < sql.size();) {
    const std::size_t quoted_end = end_of_quoted(sql, i);
    if (quoted_end > i) {
      if (sql.substr(i, 2) != "--") statement += sql.substr(i, quoted_end - i);
      i = quoted_end;
    } else if (sql[i] == ';') {
      finish();
      ++i;
    } else {
      statement += sql[i++];
    }
  }
  finish();
  return statements;
}

int newest_migration() {
  int newest = 0;
  for (const SqlFile& file : sql_files()) newest = std::max(newest, number_of(file.name).value_or(0));
  return newest;
}

std::string version_problem(int database_number) {
  const std::string both = "the database is at migration " + std::to_string(database_number) + ", this program knows " +
                           std::to_string(newest_migration());
  if (database_number > newest_migration()) {
    return both + ": a newer Tally has used this database; run that version, or a later one";
  }
  if (database_number < newest_migration()) return both + ": migrate the database first";
  return {};
}

Migrated migrate(const std::string& connection, const std::function<void(std::string_view)>& log) {
  try {
    Connection worker(connection, Use::migration, {});
    lay_ground(worker.get());
    // The lock is a row, held by a transaction of its own, so that it ends with this process and each step commits by
    // itself.
    Connection holder(connection, Use::migration, {});
    pqxx::work lock(holder.get());
    lock.exec("SELECT 1 FROM tally.migration_lock FOR UPDATE");
    return migrate_locked(worker.get(), log);
  } catch (const pqxx::failure& error) {
    throw std::runtime_error("the database could not be migrated: " + one_line(error.what()));
  }
}

}  // namespace tally::storage
