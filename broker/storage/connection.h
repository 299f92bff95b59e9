#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pqxx/pqxx>

// One connection to PostgreSQL, and what its errors mean.
namespace tally::storage {

// A statement is a named constant; it is prepared at connect.
struct Statement {
  const char* name;
  const char* sql;
};

enum class Use {
  writer,     // The committer and the loader: short transactions, plans by index whatever the statistics say.
  reader,     // Reads for people: read only, bounded in time.
  migration,  // The owner's role: statements may take as long as they need.
};

class Connection {
 public:
  // Throws pqxx::failure (broken_connection) when the database cannot be reached.
  // `settings`: statements that the session begins with, after those of its use.
  Connection(const std::string& connection, Use use, std::span<const Statement> statements,
             const std::string& settings = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] pqxx::connection& get();
  [[nodiscard]] bool is_open() const;
  // Notices and warnings heard since the last call.
  std::int64_t take_notices();

 private:
  class Listener;
  std::unique_ptr<pqxx::connection> connection_;
  std::unique_ptr<Listener> listener_;
};

enum class Trouble {
  passing,  // The same again, on a new connection, may succeed: serialization, deadlock, lost connection, full disk, …
  definite,  // A constraint, a value, a right: trying again does not help.
};

// What an error before COMMIT means; by SQLSTATE and by whether the connection is still there, never by its text.
[[nodiscard]] Trouble trouble_of(const pqxx::failure& error, bool is_open);
[[nodiscard]] std::string sqlstate_of(const pqxx::failure& error);  // May be empty.
// The error on one line, for the log.
[[nodiscard]] std::string one_line(std::string_view text);

// What a session of this use begins with.
[[nodiscard]] std::string session_settings(Use use);

// Runs a prepared statement with these parameters (array literals, numbers as text).
pqxx::result exec(pqxx::transaction_base& tx, const Statement& statement, const std::vector<std::string>& parameters);

}  // namespace tally::storage
