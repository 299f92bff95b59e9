#pragma once

#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "broker/storage/connection.h"
#include "tests/e2e/market.h"

// What the owner of a broker's tables says to its database, which may be away just now.
namespace tally::faults {

[[nodiscard]] inline std::string owner_connection(const e2e::Market& market) {
  return "host=" + (market.folder.path() / "data" / "postgres").string() + " user=tally_owner dbname=tally";
}
// The first column of the first row, empty where there is none; nothing where the database does not answer.
[[nodiscard]] inline std::optional<std::string> try_ask(const std::string& connection, const std::string& statements) {
  try {
    storage::Connection open(connection, storage::Use::migration, {});
    pqxx::nontransaction tx(open.get());
    const pqxx::result rows = tx.exec(statements);
    return rows.empty() ? std::string() : std::string(rows[0][0].c_str());
  } catch (const pqxx::failure&) {
    return std::nullopt;
  }
}
// Where it must answer.
inline std::string ask(const std::string& connection, const std::string& statements) {
  const auto answer = try_ask(connection, statements);
  INFO(statements);
  REQUIRE(answer);
  return *answer;
}

}  // namespace tally::faults
