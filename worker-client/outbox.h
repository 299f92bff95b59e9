#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "schemas/messages/worker.h"

namespace tally::worker {

// An answer that could not be written to disk; what() says where, why, and what to do.
struct OutboxError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Answers on disk from before they are sent until the broker has said what became of them: one file each, mode 0600,
// in a folder of mode 0700. Several processes may use one outbox: sending an answer twice is harmless.
//
//   file = "tally-answer 1 " sha256(body), in hex  LF  body  LF
//   body = {"assignment": "a17.1.9", "values": {"field": ["value", ...], ...}}
//   name = a17.1.9.answer
class Outbox {
 public:
  explicit Outbox(std::filesystem::path folder);  // Made if it is not there. Throws OutboxError.

  // On disk when this returns. Replaces an answer to the same assignment. Throws OutboxError.
  void put(const SubmittedAnswer& answer) const;
  // Never fails: an answer that stays is sent again, which does no harm.
  void remove(AssignmentId assignment) const;

  struct LeftOver {
    std::vector<SubmittedAnswer> answers;  // By assignment.
    std::vector<std::string> complaints;   // One for each file that is no answer, with where it is now.
  };
  // What is there. A file that cannot be read as an answer is set aside under another name.
  [[nodiscard]] LeftOver load() const;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  [[nodiscard]] std::filesystem::path path_of(AssignmentId assignment) const;

  std::filesystem::path folder_;
};

}  // namespace tally::worker
