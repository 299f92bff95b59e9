#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "broker/storage/columns.h"
#include "broker/storage/connection.h"

// A connection on which statements are sent without waiting for each other's results (libpq's pipeline mode, which
// libpqxx 6.4 does not have), with binary parameters. It has one transaction at a time, of the writer's kind.
namespace tally::storage {

class Pipeline {
 public:
  // `settings` as of a Connection. Throws pqxx::broken_connection when the database cannot be reached, pqxx::sql_error
  // when a statement is not one.
  Pipeline(const std::string& connection, std::span<const Statement> statements, const std::string& settings = {});
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  [[nodiscard]] bool is_open() const;

  // Queues a statement. The parameters need not live on. Throws pqxx::broken_connection.
  void send(const Statement& statement, const Parameters& parameters);
  // What was queued is to be executed now, and its results sent back. From then on the server knows that it waits for
  // us, and ends the transaction when we are silent for too long: a broker that is paused holds nobody up.
  void flush();
  // The number of rows that the oldest statement without a result has hit; waits for it, after flush(). Throws
  // pqxx::sql_error with its SQLSTATE, or pqxx::broken_connection: the pipeline is of no use any more then.
  std::size_t next();
  // Ends the transaction whose statements all had their results, and waits until it is durable. Whatever is thrown,
  // pqxx::failure, leaves that in doubt.
  void commit();

  // Notices and warnings heard since the last call.
  std::int64_t take_notices();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
