#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::storage {

// Brings the database up to this program: every file of schemas/sql that it has not had, statement by statement. Safe
// to run again, also after it was cut off in the middle, and by several at a time (a row is the lock). Then the rights
// of the broker's role. `connection` is that of the role which owns the schema. Throws std::runtime_error with a clear
// text when the database cannot be reached, is newer than the program, or had another file under the same name.
struct Migrated {
  std::vector<std::string> applied;  // Names of the files that were new.
  bool role_is_restricted = false;   // The broker's role exists, so append-only holds in the database too.
};
Migrated migrate(const std::string& connection, const std::function<void(std::string_view key_value_line)>& log = {});

// The statements of a file, each without its semicolon. Knows comments, quotes and dollar quotes.
[[nodiscard]] std::vector<std::string> split_statements(std::string_view sql);

// The number of the newest file that this program has: 4 for 0004_catalogue.sql.
[[nodiscard]] int newest_migration();

// Whether a database at this number can be used; the text says what to do when it cannot, and is empty when it can.
[[nodiscard]] std::string version_problem(int database_number);

// The role that the broker speaks to the database as.
inline constexpr const char* broker_role = "tally_broker";

}  // namespace tally::storage
