#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <pqxx/pqxx>

#include "broker/storage/embedded.h"
#include "broker/storage/store.h"
#include "tests/support/scratch_folder.h"

// A real database for the tests of this folder, and the smallest groups that say something.
namespace tally::storage::testing {

using test::ScratchFolder;

[[nodiscard]] EmbeddedConfig test_config(const std::filesystem::path& folder);

// The one cluster of this process: started at first use, stopped at its end. Tests use parts of their own.
EmbeddedCluster& cluster();

// A project number that no other test of this process uses.
ProjectId new_project();

StoreConfig store_config(const std::string& broker_id = "broker-a");
// Never set.
extern const std::atomic<bool> keep_going;

// Runs SQL as the owner of the tables; rows as text.
std::vector<std::vector<std::string>> query(const std::string& sql);
std::string query_one(const std::string& sql);

// A part as the loop would keep it: numbers its batches and chains their digests.
class PartWriter {
 public:
  explicit PartWriter(PartId part) : part_(part) {}
  // The next batch of this part, at 1000 ms more than the last.
  PartBatch batch(std::vector<Record> records);
  // A group of this part alone.
  Group group(std::vector<Record> records) { return Group{{batch(std::move(records))}, {}}; }
  // Goes on from what was loaded.
  void load(const LoadedPart& loaded);

  PartSummary summary;
  std::int64_t epoch = 1;
  std::int64_t commit_seq = 0;
  Time at{1'000'000};
  Digest digest{};

 private:
  PartId part_;
};

// ---- Records
// ----------------------------------------------------------------------------------------------------------

inline constexpr AccountId requester{17};  // Of account part 1.
inline constexpr AccountId worker{34};     // Of account part 2.
inline constexpr AccountId other_worker{50};

[[nodiscard]] ProjectSpec
simple_spec();  // One choice field "answer" (yes, no), one text field "why" that may be left out; 0.05.
[[nodiscard]] ProjectCreated created(const ProjectSpec& spec, std::int64_t items);
[[nodiscard]] TransferPosted transfer(std::int32_t no, TransferKind kind, SubAccount from, SubAccount to,
                                      std::int64_t amount);
// For the worker's answer, from the requester's escrow.
[[nodiscard]] PayoutPosted payout(std::int32_t no, std::int32_t assignment, std::int64_t amount, std::int64_t fee);

}  // namespace tally::storage::testing
