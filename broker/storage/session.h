#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "broker/storage/connection.h"
#include "broker/storage/pipeline.h"
#include "broker/storage/projection.h"
#include "broker/storage/store.h"

// The Store's connections: opened when they are needed, anew after each loss, and what passes is tried again.
namespace tally::storage {

class Session {
 public:
  // Throws std::runtime_error when the database cannot be reached or is not at this program's migration.
  Session(StoreConfig config, const std::atomic<bool>& stop);

  [[nodiscard]] const StoreConfig& config() const { return config_; }
  [[nodiscard]] bool away() const { return away_.load(); }
  void log(const std::string& key_value_line) const;

  // The open connection; opens one where there is none. Throws pqxx::failure.
  Connection& connection();
  // Another one, that commits groups; as above.
  Pipeline& pipeline();
  // No connection was lost.
  [[nodiscard]] bool is_open() const {
    return (!connection_ || connection_->is_open()) && (!pipeline_ || pipeline_->is_open());
  }
  [[nodiscard]] KnownAccounts& known_accounts() { return known_accounts_; }
  // What is open is not to be trusted any more.
  void drop() {
    connection_.reset();
    pipeline_.reset();
  }

  // Makes up for an error that passes: drops the connection, waits longer each time. Throws Store::Stopped.
  void wait_after(const pqxx::failure& error, const char* what);
  // What was tried has succeeded.
  void succeeded();

  // Runs `work(connection)` until it succeeds; for work that may be done twice. Definite errors become
  // std::runtime_error.
  template <class Work>
  auto retry(const char* what, const Work& work) {
    for (;;) {
      try {
        auto result = work(connection());
        succeeded();
        return result;
      } catch (const pqxx::failure& error) {
        if (connection_ && trouble_of(error, is_open()) == Trouble::definite) {
          drop();
          throw std::runtime_error(std::string(what) + ": " + one_line(error.what()));
        }
        wait_after(error, what);
      }
    }
  }

 private:
  StoreConfig config_;
  std::string settings_;  // Of each session, besides those of all writers.
  const std::atomic<bool>& stop_;
  std::atomic<bool> away_{false};
  int attempts_ = 0;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Pipeline> pipeline_;
  KnownAccounts known_accounts_;
};

}  // namespace tally::storage
