#include "tools/sim/audit_journal.h"

namespace tally::sim {
namespace {

std::string big_endian(std::int64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 0xff);
  return bytes;
}

// As schemas/sql says of a batch: of what came before, where it stands, and its records.
Digest digest_of(const storage::PartBatch& batch, const Digest& previous) {
  return sha256(bytes_of(previous) + big_endian(batch.part.value) + big_endian(batch.commit_seq) +
                big_endian(batch.epoch) + big_endian(batch.at.ms) + batch.encoded);
}

}  // namespace

void JournalAudit::taken(PartId id, std::int64_t epoch, const std::string& broker) {
  Part& part = parts_[id];
  if (epoch <= part.epoch) {
    findings_.broken("G5", to_text(id) + " was taken under epoch " + std::to_string(epoch) + " after epoch " +
                               std::to_string(part.epoch));
  }
  part.epoch = epoch;
  part.owner = broker;
}

void JournalAudit::stored(const storage::PartBatch& batch, const std::string& broker) {
  Part& part = parts_[batch.part];
  const std::string name = "batch " + std::to_string(batch.commit_seq) + " of " + to_text(batch.part);
  if (batch.created) {
    part.epoch = 1;
    part.owner = broker;
  }
  if (batch.epoch != part.epoch || broker != part.owner) {
    findings_.broken("G5", name + " was written by " + broker + " in epoch " + std::to_string(batch.epoch) +
                               "; the owner is " + part.owner + " in epoch " + std::to_string(part.epoch));
  }
  if (batch.commit_seq != ++part.commit_seq) findings_.broken("G5", name + " is not the next");
  if (batch.previous != part.digest || batch.digest != digest_of(batch, part.digest)) {
    findings_.broken("G5", name + " does not continue the chain of digests");
  }
  if (batch.at < part.at) findings_.broken("G6", name + " goes back in time");
  part.digest = batch.digest;
  part.at = batch.at;
}

}  // namespace tally::sim
