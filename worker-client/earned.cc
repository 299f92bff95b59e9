#include "worker-client/earned.h"

#include "schemas/money.h"

namespace tally::worker {
namespace {

constexpr std::size_t newest_max = 1'000;

}  // namespace

void Earned::outcome(const SubmitOutcome& outcome, Micros reward) {
  if (!outcome.accepted) {
    ++sums_.refused;
    return;
  }
  const bool is_paid = outcome.paid > Micros{0};
  const One one{is_paid ? PayState::paid : PayState::waiting, is_paid ? outcome.paid : reward};
  if (!newest_.emplace(outcome.assignment, one).second) return;  // Acknowledged before.
  ++sums_.answers;
  count(one, 1);
  order_.push_back(outcome.assignment);
  if (order_.size() <= newest_max) return;
  newest_.erase(order_.front());
  order_.pop_front();
}

void Earned::news(std::span<const EarningsRow> rows) {
  for (const EarningsRow& row : rows) {
    const auto found = newest_.find(row.assignment);
    if (found == newest_.end()) continue;
    count(found->second, -1);
    found->second = One{row.state, row.amount};
    count(found->second, 1);
  }
}

void Earned::count(const One& one, std::int64_t sign) {
  const Micros amount{one.amount.value * sign};
  switch (one.state) {
    case PayState::paid:
      sums_.paid_answers += sign;
      sums_.paid += amount;
      break;
    case PayState::waiting:
    case PayState::review:
      sums_.waiting_answers += sign;
      sums_.waiting += amount;
      break;
    case PayState::unpaid:
    case PayState::reversed:
      sums_.unpaid_answers += sign;
      break;
  }
}

std::string money(Micros amount, const std::string& currency) {
  return currency.empty() ? to_text(amount) : to_text(amount) + " " + currency;
}

std::string to_text(const Earned::Sums& sums, const std::string& currency) {
  std::string text = std::to_string(sums.answers) + (sums.answers == 1 ? " answer: " : " answers: ");
  text += money(sums.paid, currency) + " paid, " + money(sums.waiting, currency) + " waiting (" +
          std::to_string(sums.waiting_answers) + ")";
  if (sums.unpaid_answers > 0) text += ", " + std::to_string(sums.unpaid_answers) + " not paid";
  if (sums.refused > 0) text += ", " + std::to_string(sums.refused) + " refused";
  return text;
}

}  // namespace tally::worker
