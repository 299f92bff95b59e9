#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"
#include "schemas/roles.h"
#include "schemas/time.h"

// What people list and export, read from the tables on a connection of its own. It blocks, so it belongs to a reader's
// thread, never to the event loop; a Reads belongs to one thread. It writes nothing, and what it answers was durable.
//
// Lists come in pages by keyset: `next` of one page is `after` of the following one, opaque, and empty at the end. A
// page has at most `limit` rows (1 to 1000), and ends before its encoded form grows past `frame_bytes_max`; but it
// holds one row at least, however large. A list of a filter (Earnings::unpaid_only) looks at a bounded number of rows
// for one page, so that a page may be short, or empty, and still have a `next`.
// Each answer is of one moment: its rows and sums belong to one snapshot.
//
// Contents that were erased are shown as empty texts.
//
// What is not obvious of the sums: a reversed payout is not paid, and costs its fee alone (ProjectStatus: reserved =
// paid + fees + refunded + held, at any moment). A worker's wallet includes what a payout run has set aside and not
// sent yet. unpaid_only is what was refused or reversed, not what may still be paid. Votes are those that a verdict was
// made from, so an answer that came after it has none.
namespace tally::storage {

struct ReadsConfig {
  std::string connection;                                    // libpq connection string.
  std::int64_t frame_bytes_max = 1LL << 20;                  // Of a page, encoded.
  std::int64_t attempts_max = 3;                             // Of one request, while the database does not answer.
  Duration retry_delay{50};                                  // Before the second attempt; doubles with each.
  Duration retry_after{1'000};                               // What a client is told to wait when the database is away.
  std::function<void(std::string_view key_value_line)> log;  // One line an event.
};

class Reads {
 public:
  // Connects with the first request. `stop` ends waits.
  Reads(ReadsConfig config, const std::atomic<bool>& stop);
  ~Reads();
  Reads(const Reads&) = delete;
  Reads& operator=(const Reads&) = delete;

  // REQUIRES a DescribeProject, Earnings, ListProjects, GetStatus, GetResults, GetBalance or ListAccounts that `role`
  // may send. Refusals: malformed (a cursor that is none of ours), project_not_found, not_yours; unavailable, with
  // retry_after_ms, while the database is away or takes too long; internal_error, with a line in the log, where its
  // rows are not what they should be.
  Result<Reply, Refusal> answer(const Request& request, AccountId who, Role role, Time now);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
