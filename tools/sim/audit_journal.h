#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "common/base/digest.h"
#include "schemas/ids.h"
#include "tools/sim/findings.h"
#include "tools/sim/model_database.h"

namespace tally::sim {

// Who owned each part when, and whether the journals are whole: the order of batches and the chain of their digests.
class JournalAudit {
 public:
  explicit JournalAudit(Findings& findings) : findings_(findings) {}

  void taken(PartId part, std::int64_t epoch, const std::string& broker);
  void stored(const storage::PartBatch& batch, const std::string& broker);
  // Empty: nobody's yet.
  [[nodiscard]] std::string owner_of(PartId part) const {
    const auto found = parts_.find(part);
    return found == parts_.end() ? std::string() : found->second.owner;
  }

 private:
  struct Part {
    std::int64_t epoch = 0;
    std::string owner;
    std::int64_t commit_seq = 0;
    Digest digest{};
    Time at;
  };
  Findings& findings_;
  std::map<PartId, Part> parts_;
};

}  // namespace tally::sim
