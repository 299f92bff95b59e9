#include "aggregate/label_rows.h"

#include <algorithm>
#include <cmath>

#include "aggregate/kind_tools.h"
#include "common/aggregation/metrics/metrics.h"

namespace tally::aggregate {
namespace {

using aggregation::labels::AnswerTable;
using aggregation::labels::Ballot;
using aggregation::labels::Estimate;

// Of labels believed alike the first by name, so that the order of the rows decides nothing.
std::size_t most_believed(const double* belief, const Names& labels) {
  std::size_t best = 0;
  for (std::size_t label = 1; label < static_cast<std::size_t>(labels.count()); ++label) {
    const bool is_alike = std::abs(belief[label] - belief[best]) <= 1e-9;
    const bool is_first = labels.name(static_cast<std::int32_t>(label)) < labels.name(static_cast<std::int32_t>(best));
    if (is_alike ? is_first : belief[label] > belief[best]) best = label;
  }
  return best;
}

bool tells_confusion(const Answers& answers, const Estimate& found) {
  return !found.confusion.empty() && answers.labels.count() <= confusion_labels_max;
}

void append_confusion_columns(std::vector<std::string>& names, const Names& labels) {
  for (std::int32_t truth = 0; truth < labels.count(); ++truth) {
    for (std::int32_t given = 0; given < labels.count(); ++given) {
      names.push_back("confusion:" + labels.name(truth) + ":" + labels.name(given));
    }
  }
}

void append_confusion(std::vector<Cell>& cells, const Estimate& found, std::size_t worker, std::size_t labels) {
  const double* of_worker = found.confusion.data() + worker * labels * labels;
  for (std::size_t truth = 0; truth < labels; ++truth) {
    for (std::size_t given = 0; given < labels; ++given) cells.emplace_back(of_worker[given * labels + truth]);
  }
}

}  // namespace

void write_verdicts(RowWriter& out, const Answers& answers, const AnswerTable& table, const Estimate& found, bool all) {
  const auto labels = static_cast<std::size_t>(answers.labels.count());
  std::vector<std::string> names{"task", "label", "belief", "answers", "agreeing"};
  if (all) append_belief_columns(names, answers.labels);
  out.header(names);
  for (std::int32_t task = 0; task < answers.tasks.count(); ++task) {
    const double* belief = found.belief.data() + static_cast<std::size_t>(task) * labels;
    const std::size_t best = most_believed(belief, answers.labels);
    if (belief[best] <= 0) continue;
    const auto ballots = table.of_task(task);
    const auto agreeing = std::count_if(ballots.begin(), ballots.end(), [&](const Ballot& ballot) {
      return static_cast<std::size_t>(ballot.label) == best;
    });
    std::vector<Cell> cells{answers.tasks.name(task), answers.labels.name(static_cast<std::int32_t>(best)),
                            belief[best], std::int64_t{std::ssize(ballots)}, std::int64_t{agreeing}};
    if (all) cells.insert(cells.end(), belief, belief + labels);
    out.row(cells);
  }
}

std::vector<WorkerCounts> counts_by_worker(const Answers& answers, const AnswerTable& table) {
  std::vector<WorkerCounts> counts(static_cast<std::size_t>(answers.workers.count()));
  for (std::int32_t task = 0; task < answers.tasks.count(); ++task) {
    const std::int32_t gold = answers.gold_of(task);
    for (const Ballot& ballot : table.of_task(task)) {
      WorkerCounts& worker = counts[static_cast<std::size_t>(ballot.worker)];
      ++worker.given;
      worker.of_gold += gold >= 0 ? 1 : 0;
      worker.right += gold == ballot.label ? 1 : 0;
    }
  }
  return counts;
}

void write_workers(RowWriter& out, const Answers& answers, const AnswerTable& table, const Estimate& found) {
  const std::vector<WorkerCounts> counts = counts_by_worker(answers, table);
  std::vector<std::string> names{"worker", "answers", "skill"};
  const bool has_gold = answers.gold_count > 0;
  if (has_gold) names.insert(names.end(), {"gold_answers", "gold_right", "accuracy_low", "accuracy_high"});
  const bool has_confusion = tells_confusion(answers, found);
  if (has_confusion) append_confusion_columns(names, answers.labels);
  out.header(names);
  for (std::size_t worker = 0; worker < counts.size(); ++worker) {
    const auto& [given, of_gold, right] = counts[worker];
    const auto skill = found.skill.empty() ? std::nullopt : std::optional(found.skill[worker]);
    std::vector<Cell> cells{answers.workers.name(static_cast<std::int32_t>(worker)), given, cell_of(skill)};
    if (has_gold) {
      cells.insert(cells.end(), {of_gold, right});
      const auto interval = aggregation::metrics::wilson_interval(right, of_gold);
      cells.insert(cells.end(), {interval.low, interval.high});
    }
    if (has_confusion) {
      append_confusion(cells, found, worker, static_cast<std::size_t>(answers.labels.count()));
    }
    out.row(cells);
  }
}

}  // namespace tally::aggregate
