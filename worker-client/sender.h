#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "schemas/messages/worker.h"
#include "schemas/refusals.h"
#include "schemas/time.h"
#include "worker-client/outbox.h"
#include "worker-client/wire.h"

namespace tally::worker {

// Refusals of an answer that sending it again cannot change: it leaves the outbox.
[[nodiscard]] bool is_final(RefusalCode code);

// Gets answers to the broker: on disk first, then sent, and kept until the broker has said what became of each.
class Sender {
 public:
  Sender(Wire& wire, const Outbox& outbox, std::int64_t answers_per_message_max);

  // On disk and in the queue when this returns. Throws OutboxError: then nothing is queued.
  void keep(SubmittedAnswer answer);
  // From the outbox, where it is already.
  void queue(SubmittedAnswer answer) { queued_.push_back(std::move(answer)); }

  // Sends what is queued, as one message, and asks for `next` tasks in the same. Gives the request's id; nothing when
  // there is nothing to send now.
  std::optional<std::uint64_t> send(std::int64_t next, std::optional<ProjectId> project, Time now);

  struct Report {
    std::vector<SubmitOutcome> outcomes;  // Accepted ones, and those refused for good: these left the outbox.
    std::int64_t asked = 0;               // For so many tasks,
    std::vector<TaskOffer> tasks;         // and got these,
    std::optional<NoWork> no_work;        // or none.
    std::optional<Refusal> refusal;       // The whole message was refused; the answers wait.
  };
  // What a reply says, when it is one to a message of this sender.
  std::optional<Report> arrived(const Wire::Arrived& arrived, Time now);

  [[nodiscard]] std::size_t queued() const { return queued_.size(); }
  [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }  // Messages.
  [[nodiscard]] bool is_empty() const { return queued_.empty() && under_way_.empty(); }

 private:
  struct Sent {
    std::vector<SubmittedAnswer> answers;
    std::int64_t asked = 0;
  };

  void settle(const SubmittedAnswer& answer, const SubmitOutcome& outcome, Report& report, Time now);
  void refused(Sent sent, const Refusal& refusal, Report& report, Time now);
  void queue_again(SubmittedAnswer answer, Time now);

  Wire& wire_;
  const Outbox& outbox_;
  std::size_t per_message_;
  std::deque<SubmittedAnswer> queued_;
  std::map<std::uint64_t, Sent> under_way_;
  Time not_before_;  // After a failure that may pass.
};

}  // namespace tally::worker
