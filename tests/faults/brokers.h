#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "broker/storage/connection.h"
#include "broker/storage/embedded.h"
#include "tests/e2e/market.h"

// One database, and several brokers that believe it is theirs.
namespace tally::faults {

// Of a part. Brokers here share two cores with their database, each other and whatever else runs: with a shorter one a
// broker that was not let run for a moment would lose its parts, which is right, but not what is tried.
inline constexpr int lease_seconds = 5;

class SharedDatabase {
 public:
  SharedDatabase() : folder_("tally-faults-"), cluster_(config(folder_.path() / "postgres")) {
    std::ofstream out(settings());
    out << "[database]\nconnection_of_owner = \"" << cluster_.owner_connection() << "\"\n[times]\nlease = \""
        << lease_seconds << "s\"\n";
    REQUIRE(out.flush());
  }
  // Of a broker that uses it.
  [[nodiscard]] std::vector<std::string> arguments() const {
    return {"--database", cluster_.connection(), "--config", settings().string()};
  }
  // As the owner of the tables: the first column of the first row; empty where there is none.
  [[nodiscard]] std::string ask(const std::string& statement) const {
    storage::Connection connection(cluster_.owner_connection(), storage::Use::migration, {});
    pqxx::nontransaction tx(connection.get());
    const pqxx::result rows = tx.exec(statement);
    return rows.empty() ? std::string() : std::string(rows[0][0].c_str());
  }
  // Within each part epochs only grow, and the batches are numbered without a gap: there was one writer at a time.
  void check_one_writer_at_a_time() const {
    CHECK(ask("SELECT count(*) FROM (SELECT epoch, commit_seq, lag(epoch, 1, epoch) OVER parts AS before, "
              "row_number() OVER parts AS place FROM tally.batches "
              "WINDOW parts AS (PARTITION BY part_id ORDER BY commit_seq)) AS journal "
              "WHERE epoch < before OR commit_seq <> place") == "0");
  }

  // Who has the parts, for how long, and who lives.
  [[nodiscard]] std::string state() const {
    return "the database: " +
           ask("SELECT string_agg(line, '; ') FROM (SELECT owner || ' has ' || count(*) || ' parts' || "
               "CASE WHEN bool_or(part_id = 0) THEN ' and the house' ELSE '' END || ', leases until ' || "
               "min(lease_until - now()) || ' to ' || max(lease_until - now()) || ' from now' AS line "
               "FROM tally.parts GROUP BY owner UNION ALL "
               "SELECT broker_id || ' gave a sign of life ' || (now() - seen) || ' ago' FROM tally.brokers UNION ALL "
               "SELECT 'outage of ' || (to_ms - from_ms) || ' ms' FROM tally.outages UNION ALL "
               "SELECT 'session ' || state || ' since ' || (now() - state_change) || ', waits for ' || "
               "coalesce(wait_event, 'nothing') || ': ' || left(query, 60) FROM pg_stat_activity "
               "WHERE usename = 'tally_broker') AS lines");
  }

  // A transaction of somebody else that has a table for itself, until the object ends.
  class TableLock {
   public:
    TableLock(const SharedDatabase& database, const std::string& table)
        : connection_(database.cluster_.owner_connection(), storage::Use::migration, {}), tx_(connection_.get()) {
      tx_.exec("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
    }

   private:
    storage::Connection connection_;
    pqxx::work tx_;
  };
  [[nodiscard]] bool someone_waits_for_a_lock() const {
    return ask("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0";
  }

 private:
  static storage::EmbeddedConfig config(const std::filesystem::path& folder) {
    storage::EmbeddedConfig config;
    config.folder = folder;
    config.unsafe_fast = true;
    return config;
  }
  [[nodiscard]] std::filesystem::path settings() const { return folder_.path() / "broker.toml"; }

  stack::TemporaryFolder folder_;
  storage::EmbeddedCluster cluster_;
};

// Another broker of the same house: the clients of the first trust it, at a port of its own.
class SecondBroker {
 public:
  SecondBroker(const e2e::Market& market, const SharedDatabase& database, const std::string& name)
      : folder_("tally-faults-"), process_(config(market, database, folder_.path(), name)) {}

  [[nodiscard]] stack::BrokerProcess& process() { return process_; }
  [[nodiscard]] std::filesystem::path log_file() const { return folder_.path() / "broker.log"; }
  // The same people, who come here.
  [[nodiscard]] std::vector<stack::Person> here(std::vector<stack::Person> people) const {
    for (stack::Person& person : people) person.config.port = process_.main_port();
    return people;
  }

 private:
  static stack::BrokerConfig config(const e2e::Market& market, const SharedDatabase& database,
                                    const std::filesystem::path& folder, const std::string& name) {
    stack::BrokerConfig config;
    config.program = e2e::program("tally-broker");
    config.data = folder / name;
    config.log = folder / "broker.log";
    config.arguments = database.arguments();
    std::filesystem::create_directories(config.data);
    std::filesystem::copy_file(market.folder.path() / "data" / "server.key", config.data / "server.key");
    return config;
  }

  stack::TemporaryFolder folder_;
  stack::BrokerProcess process_;
};

}  // namespace tally::faults
