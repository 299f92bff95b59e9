#include "admin/quality/worker_rows.h"

#include <algorithm>

namespace tally::admin::quality {
namespace {

using cli::Cell;
using cli::cell_of;

void append(std::vector<Cell>& cells, const aggregation::metrics::Accuracy& accuracy) {
  const bool is_known = accuracy.count > 0;
  cells.insert(cells.end(), {accuracy.right, accuracy.count, is_known ? Cell(accuracy.interval.low) : Cell(),
                             is_known ? Cell(accuracy.interval.high) : Cell()});
}

template <typename TextOf>
std::string joined(const WorkerFigures& worker, const TextOf& text_of) {
  std::string text;
  for (const WorkerSignal& signal : worker.signals) text += (text.empty() ? "" : "; ") + std::string(text_of(signal));
  return text;
}

// The place of the worker's group from 1, or nothing.
template <typename Groups, typename AccountsOf>
Cell group_of(AccountId account, const Groups& groups, const AccountsOf& accounts_of) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::vector<AccountId>& accounts = accounts_of(groups[i]);
    if (std::find(accounts.begin(), accounts.end(), account) != accounts.end()) return static_cast<std::int64_t>(i + 1);
  }
  return {};
}

}  // namespace

void write_workers(cli::RowWriter& out, const Crowd& crowd, std::span<const WorkerFigures> workers, bool tell) {
  std::vector<std::string> names{"worker",        "field",          "answers", "agreed",     "compared",
                                 "agreement_low", "agreement_high", "kappa",   "gold_right", "gold_answers",
                                 "accuracy_low",  "accuracy_high",  "seconds", "pace",       "seconds_between",
                                 "ring",          "alike",          "signals", "reasons"};
  if (tell) names.emplace_back("tell");
  out.header(names);
  for (const WorkerFigures& worker : workers) {
    std::vector<Cell> cells{worker.account.value, crowd.field, worker.answers};
    append(cells, worker.agreement);
    cells.push_back(cell_of(worker.beyond_chance));
    append(cells, worker.gold);
    for (const auto& value : {worker.seconds, worker.pace, worker.seconds_between}) cells.push_back(cell_of(value));
    cells.push_back(group_of(
        worker.account, crowd.rings, [](const auto& ring) -> const auto& { return ring; }));
    cells.push_back(group_of(
        worker.account, crowd.alike, [](const AlikeGroup& group) -> const auto& { return group.accounts; }));
    cells.emplace_back(joined(worker, [](const WorkerSignal& signal) { return signal.kind; }));
    cells.emplace_back(joined(worker, [](const WorkerSignal& signal) { return signal.reason.for_admin; }));
    if (tell) cells.emplace_back(joined(worker, [](const WorkerSignal& signal) { return signal.reason.for_worker; }));
    out.row(cells);
  }
}

}  // namespace tally::admin::quality
