#include "broker/storage/pipeline.h"

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <libpq-fe.h>

namespace tally::storage {
namespace {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

struct ConnectionDeleter {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, ConnectionDeleter>;

constexpr Statement commit_statement{"commit_group", "COMMIT"};

std::string one_field(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

std::size_t rows_hit(PGresult* result) {
  const std::string_view text = PQcmdTuples(result);
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace

class Pipeline::Impl {
 public:
  Impl(const std::string& connection, std::span<const Statement> statements, const std::string& settings)
      : connection_(PQconnectdb(connection.c_str())) {
    if (!is_open()) lose();
    PQsetNoticeReceiver(
        get(), [](void* heard, const PGresult*) { ++*static_cast<std::int64_t*>(heard); }, &heard_);
    must(ResultPtr(PQexec(get(), (session_settings(Use::writer) + "; " + settings).c_str())), "the session's settings");
    for (const Statement& statement : statements) prepare(statement);
    prepare(commit_statement);
    if (PQenterPipelineMode(get()) != 1) lose();
  }

  [[nodiscard]] bool is_open() const { return connection_ && PQstatus(get()) == CONNECTION_OK; }

  void send(const Statement& statement, const Parameters& parameters) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Parameter& parameter : parameters) {
      values.push_back(parameter.bytes.c_str());
      lengths.push_back(static_cast<int>(parameter.bytes.size()));
      formats.push_back(parameter.is_binary ? 1 : 0);
    }
    if (PQsendQueryPrepared(get(), statement.name, static_cast<int>(parameters.size()), values.data(), lengths.data(),
                            formats.data(), 0) != 1) {
      lose();
    }
  }

  void flush() {
    if (PQpipelineSync(get()) != 1) lose();
  }

  std::size_t next() {
    const ResultPtr result = next_result();
    const ResultPtr end(PQgetResult(get()));  // Null: this statement has no other result.
    if (end) lose();
    return rows_hit(result.get());
  }

  void commit() {
    send(commit_statement, {});
    if (PQpipelineSync(get()) != 1) lose();
    const ResultPtr result = next_result();
    // COMMIT of a transaction that has failed succeeds, as a ROLLBACK.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") throw pqxx::failure("COMMIT did not commit");
    const ResultPtr end(PQgetResult(get()));
    const ResultPtr sync(PQgetResult(get()));
    if (end || !sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) lose();
  }

  std::int64_t take_notices() { return std::exchange(heard_, 0); }

 private:
  [[nodiscard]] PGconn* get() const { return connection_.get(); }

  void prepare(const Statement& statement) {
    must(ResultPtr(PQprepare(get(), statement.name, statement.sql, 0, nullptr)), statement.name);
  }
  ResultPtr next_result() {
    ResultPtr result(PQgetResult(get()));
    // Where flush() was called.
    while (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) result.reset(PQgetResult(get()));
    must(result, "a group");
    return result;
  }
  void must(const ResultPtr& result, const char* what) {
    if (!result) lose();
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    const std::string sqlstate = one_field(result.get(), PG_DIAG_SQLSTATE);
    if (!is_open() || sqlstate.empty()) lose();
    throw pqxx::sql_error(PQresultErrorMessage(result.get()), what, sqlstate.c_str());
  }
  [[noreturn]] void lose() const { throw pqxx::broken_connection(PQerrorMessage(get())); }

  ConnectionPtr connection_;
  std::int64_t heard_ = 0;
};

Pipeline::Pipeline(const std::string& connection, std::span<const Statement> statements, const std::string& settings)
    : impl_(std::make_unique<Impl>(connection, statements, settings)) {}
Pipeline::~Pipeline() = default;
bool Pipeline::is_open() const { return impl_->is_open(); }
void Pipeline::send(const Statement& statement, const Parameters& parameters) { impl_->send(statement, parameters); }
void Pipeline::flush() { impl_->flush(); }
std::size_t Pipeline::next() { return impl_->next(); }
void Pipeline::commit() { impl_->commit(); }
std::int64_t Pipeline::take_notices() { return impl_->take_notices(); }

}  // namespace tally::storage
