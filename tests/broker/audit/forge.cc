#include "tests/broker/audit/forge.h"

#include "broker/storage/array.h"
#include "common/codec/records_codec.h"

namespace tally::audit::testing {

void forge(PartId part, const std::function<void(std::vector<Record>&)>& change) {
  const std::string id = std::to_string(part.value);
  Digest digest{};
  for (const auto& row : query("SELECT commit_seq, epoch, at_ms, records FROM tally.batches WHERE part_id = " + id +
                               " ORDER BY commit_seq")) {
    auto records = codec::decode_records(storage::bytes_from_bytea(row[3])).value();
    change(records);
    const std::string encoded = codec::encode_records(records);
    const Digest previous = digest;
    digest = storage::batch_digest(previous, part, std::stoll(row[0]), std::stoll(row[1]), Time{std::stoll(row[2])},
                                   encoded);
    tamper("UPDATE tally.batches SET records = '" + storage::bytea_text(encoded) + "', previous = '" +
           storage::bytea_text(bytes_of(previous)) + "', digest = '" + storage::bytea_text(bytes_of(digest)) +
           "' WHERE part_id = " + id + " AND commit_seq = " + row[0]);
  }
  tamper("UPDATE tally.parts SET digest = '" + storage::bytea_text(bytes_of(digest)) + "' WHERE part_id = " + id);
}

void drop(PartId part, const std::function<bool(const Record&)>& leave_out) {
  forge(part, [&](std::vector<Record>& records) { std::erase_if(records, leave_out); });
}

void check_found(const std::vector<Forgery>& forgeries) {
  for (const Forgery& forgery : forgeries) {
    INFO(forgery.named);
    forgery.make();
    const Outcome outcome = audit_all();
    INFO(outcome.wrong);
    CHECK(outcome.wrong.find(forgery.named) != std::string::npos);
    restore();
  }
}

}  // namespace tally::audit::testing
