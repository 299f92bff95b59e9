#include "broker/storage/session.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "broker/storage/migrate.h"
#include "broker/storage/statements.h"

namespace tally::storage {
namespace {

constexpr Duration idle_in_transaction_max{15'000};

// A transaction that its broker left open, paused or cut off, must end before another broker may have its parts.
std::string settings_for(Duration lease) {
  return "SET idle_in_transaction_session_timeout = " +
         std::to_string(std::min(idle_in_transaction_max.ms, lease.ms / 2));
}

int migration_of(Connection& connection) {
  pqxx::nontransaction look(connection.get());
  // to_regclass is null where the table does not exist, so that an empty database is no error.
  if (look.exec("SELECT to_regclass('tally.schema_migrations')")[0][0].is_null()) return 0;
  return look.exec("SELECT coalesce(max(number), 0) FROM tally.schema_migrations")[0][0].as<int>();
}

}  // namespace

Session::Session(StoreConfig config, const std::atomic<bool>& stop)
    : config_(std::move(config)), settings_(settings_for(config_.lease)), stop_(stop) {
  try {
    Connection look(config_.connection, Use::reader, {});
    if (const std::string problem = version_problem(migration_of(look)); !problem.empty())
      throw std::runtime_error(problem);
  } catch (const pqxx::failure& error) {
    throw std::runtime_error("the database cannot be used: " + one_line(error.what()));
  }
}

void Session::log(const std::string& key_value_line) const {
  if (config_.log) config_.log(key_value_line);
}

Connection& Session::connection() {
  if (connection_ && !connection_->is_open()) connection_.reset();
  if (!connection_)
    connection_ = std::make_unique<Connection>(config_.connection, Use::writer, statements::others, settings_);
  return *connection_;
}

Pipeline& Session::pipeline() {
  if (pipeline_ && !pipeline_->is_open()) pipeline_.reset();
  if (!pipeline_) pipeline_ = std::make_unique<Pipeline>(config_.connection, statements::of_a_group, settings_);
  return *pipeline_;
}

void Session::wait_after(const pqxx::failure& error, const char* what) {
  drop();
  away_ = true;
  ++attempts_;
  // One line at first, then one for each doubling: an outage of an hour is not a log of an hour.
  if ((attempts_ & (attempts_ - 1)) == 0) {
    log("event=database_away doing=" + std::string(what) + " attempt=" + std::to_string(attempts_) +
        " sqlstate=" + sqlstate_of(error) + " error=\"" + one_line(error.what()) + '"');
  }
  constexpr std::int64_t first_ms = 10;
  const std::int64_t wait_ms = std::min(config_.retry_delay_max.ms, first_ms << std::min(attempts_ - 1, 20));
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  do {
    if (stop_.load()) throw Store::Stopped{};
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min<std::int64_t>(wait_ms, 20)));
  } while (std::chrono::steady_clock::now() < until);
}

void Session::succeeded() {
  if (attempts_ > 0) log("event=database_back attempts=" + std::to_string(attempts_));
  attempts_ = 0;
  away_ = false;
}

}  // namespace tally::storage
