#include "broker/storage/connection.h"

#include <algorithm>
#include <array>

namespace tally::storage {
namespace {

constexpr const char* settings_for_all =
    "SET search_path = tally; SET client_min_messages = warning; SET bytea_output = hex; SET timezone = 'UTC'; "
    "SET synchronous_commit = on; ";
// Every statement of the writer finds its rows by primary key. A plan that was made while a table was empty would walk
// it later, so the planner is told not to consider that.
constexpr const char* settings_of_writer =
    "SET statement_timeout = '30s'; SET lock_timeout = '10s'; "
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; "
    "SET plan_cache_mode = force_generic_plan";
constexpr const char* settings_of_reader =
    "SET default_transaction_read_only = on; SET statement_timeout = '20s'; "
    "SET idle_in_transaction_session_timeout = '60s'; SET jit = off";
constexpr const char* settings_of_migration = "SET statement_timeout = 0; SET lock_timeout = '60s'";

const char* settings_of(Use use) {
  switch (use) {
    case Use::writer:
      return settings_of_writer;
    case Use::reader:
      return settings_of_reader;
    case Use::migration:
      return settings_of_migration;
  }
  return "";
}

}  // namespace

// Counts what the server says beside results, and keeps it off stderr.
class Connection::Listener : public pqxx::errorhandler {
 public:
  explicit Listener(pqxx::connection_base& connection) : pqxx::errorhandler(connection) {}
  bool operator()(const char[]) noexcept override {
    ++heard;
    return false;
  }
  std::int64_t heard = 0;
};

Connection::Connection(const std::string& connection, Use use, std::span<const Statement> statements,
                       const std::string& settings)
    : connection_(std::make_unique<pqxx::connection>(connection)) {
  listener_ = std::make_unique<Listener>(*connection_);
  // Without this the library would open a lost connection again by itself, with none of what the session relies on.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection_->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  {
    pqxx::nontransaction session(*connection_);
    session.exec(session_settings(use) + "; " + settings);
  }
  for (const Statement& statement : statements) {
    connection_->prepare(statement.name, statement.sql);
    connection_->prepare_now(statement.name);
  }
}

Connection::~Connection() = default;

pqxx::connection& Connection::get() { return *connection_; }
bool Connection::is_open() const { return connection_->is_open(); }

std::int64_t Connection::take_notices() { return std::exchange(listener_->heard, 0); }

std::string session_settings(Use use) { return std::string(settings_for_all) + settings_of(use); }

std::string sqlstate_of(const pqxx::failure& error) {
  if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error)) return sql->sqlstate();
  if (dynamic_cast<const pqxx::deadlock_detected*>(&error) != nullptr) return "40P01";
  if (dynamic_cast<const pqxx::serialization_failure*>(&error) != nullptr) return "40001";
  return {};
}

Trouble trouble_of(const pqxx::failure& error, bool is_open) {
  if (!is_open || dynamic_cast<const pqxx::broken_connection*>(&error) != nullptr ||
      dynamic_cast<const pqxx::in_doubt_error*>(&error) != nullptr ||
      dynamic_cast<const pqxx::transaction_rollback*>(&error) != nullptr) {
    return Trouble::passing;
  }
  const std::string state = sqlstate_of(error);
  // Serialization, deadlock, lock not available, connection, operator intervention, insufficient resources, cancelled;
  // 25006: the server has become a standby. 25P03: it hung up because we were idle.
  constexpr std::array<std::string_view, 10> passing{"40001", "40P01", "55P03", "08",    "57P0",
                                                     "53",    "57014", "25006", "25P03", "40003"};
  const bool passes =
      std::any_of(passing.begin(), passing.end(), [&](std::string_view prefix) { return state.starts_with(prefix); });
  return passes ? Trouble::passing : Trouble::definite;
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, 400));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  std::replace(line.begin(), line.end(), '"', '\'');
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

pqxx::result exec(pqxx::transaction_base& tx, const Statement& statement, const std::vector<std::string>& parameters) {
  return tx.exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(parameters));
}

}  // namespace tally::storage
