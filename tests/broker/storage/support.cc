#include "tests/broker/storage/support.h"

#include <cstdlib>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "broker/storage/connection.h"
#include "common/codec/records_codec.h"

// libpqxx 6.4 leaks the result of the statement that finds its connection lost: 2 KB a loss.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx"; }

namespace tally::storage::testing {

const std::atomic<bool> keep_going{false};

EmbeddedConfig test_config(const std::filesystem::path& folder) {
  EmbeddedConfig config;
  config.folder = folder;
  config.unsafe_fast = true;
  return config;
}

EmbeddedCluster& cluster() {
  static const ScratchFolder folder;
  static EmbeddedCluster started(test_config(folder.path() / "postgres"));
  return started;
}

ProjectId new_project() {
  static std::int64_t last = 1000;
  return ProjectId{++last};
}

StoreConfig store_config(const std::string& broker_id) {
  StoreConfig config;
  config.connection = cluster().connection();
  config.broker_id = broker_id;
  config.retry_delay_max = Duration{50};
  return config;
}

std::vector<std::vector<std::string>> query(const std::string& sql) {
  Connection connection(cluster().owner_connection(), Use::migration, {});
  pqxx::nontransaction tx(connection.get());
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : tx.exec(sql)) {
    rows.emplace_back();
    for (const auto& field : row) rows.back().emplace_back(field.c_str());
  }
  return rows;
}

std::string query_one(const std::string& sql) {
  const auto rows = query(sql);
  return rows.empty() ? std::string() : rows.front().front();
}

PartBatch PartWriter::batch(std::vector<Record> records) {
  PartBatch batch;
  batch.part = part_;
  batch.created = commit_seq == 0;
  batch.epoch = epoch;
  batch.commit_seq = ++commit_seq;
  at = at + Duration{1000};
  batch.at = at;
  batch.encoded = codec::encode_records(records);
  batch.records = std::move(records);
  batch.previous = digest;
  batch.digest = batch_digest(batch.previous, part_, batch.commit_seq, batch.epoch, batch.at, batch.encoded);
  digest = batch.digest;
  batch.summary = summary;
  return batch;
}

void PartWriter::load(const LoadedPart& loaded) {
  epoch = loaded.epoch;
  commit_seq = loaded.commit_seq;
  digest = loaded.digest;
  at = loaded.at;
}

ProjectSpec simple_spec() {
  ProjectSpec spec;
  spec.title = "Is it \"a\" cat?";
  spec.columns = {{"url", ColumnKind::image}};
  FieldSpec choice;
  choice.name = "answer";
  choice.type = "choice";
  choice.options = {"yes", "no"};
  FieldSpec text;
  text.name = "why";
  text.type = "text";
  text.required = false;
  spec.form = {choice, text};
  spec.reward = Micros{50'000};
  return spec;
}

ProjectCreated created(const ProjectSpec& spec, std::int64_t items) {
  ProjectCreated record;
  record.opened.owner = requester;
  record.opened.spec = spec;
  record.opened.items = items;
  record.opened.answers_max = items * spec.redundancy.max;
  record.opened.fee_ppm = 200'000;
  record.opened.part_size = 4096;
  record.opened.amount = Micros{items * spec.redundancy.max * 60'000};
  record.at_ms = 5000;
  return record;
}

TransferPosted transfer(std::int32_t no, TransferKind kind, SubAccount from, SubAccount to, std::int64_t amount) {
  return TransferPosted{no, kind, from, to, Micros{amount}, 0, 0, 6000};
}

PayoutPosted payout(std::int32_t no, std::int32_t assignment, std::int64_t amount, std::int64_t fee) {
  return PayoutPosted{no, assignment, requester, worker, Micros{amount}, Micros{fee}, 6000};
}

}  // namespace tally::storage::testing
