#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>

#include "schemas/messages/worker.h"

namespace tally::worker {

// What the answers of this run have brought, as far as we have heard.
class Earned {
 public:
  struct Sums {
    std::int64_t answers = 0;  // Accepted ones.
    std::int64_t paid_answers = 0;
    std::int64_t waiting_answers = 0;  // For a verdict or a review.
    std::int64_t unpaid_answers = 0;
    std::int64_t refused = 0;  // Not accepted at all.
    Micros paid;
    Micros waiting;  // What they would bring.
  };

  // `reward`: what it brings if it is paid; zero where that is not known (an answer of an earlier run).
  void outcome(const SubmitOutcome& outcome, Micros reward);
  // Newer news of the newest of these answers; rows of others are left out.
  void news(std::span<const EarningsRow> rows);

  [[nodiscard]] const Sums& sums() const { return sums_; }

 private:
  struct One {
    PayState state = PayState::waiting;
    Micros amount;
  };
  void count(const One& one, std::int64_t sign);

  Sums sums_;
  std::map<AssignmentId, One> newest_;  // Those that news can be of; bounded.
  std::deque<AssignmentId> order_;      // In which they came.
};

// "12 answers: 0.45 paid, 0.15 waiting (3)", with the currency's label where there is one.
[[nodiscard]] std::string to_text(const Earned::Sums& sums, const std::string& currency);
// "0.05 USD"
[[nodiscard]] std::string money(Micros amount, const std::string& currency);

}  // namespace tally::worker
