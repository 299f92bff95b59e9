#include "common/aggregation/conduct/conduct.h"

#include <algorithm>
#include <tuple>

#include "common/aggregation/conduct/stages.h"

namespace tally::aggregation::conduct {
namespace {

void count_for(metrics::Accuracy& accuracy, std::int32_t label, std::int32_t right) {
  if (right == labels::unknown) return;
  ++accuracy.count;
  accuracy.right += label == right ? 1 : 0;
}

void count_answers(const AnswerRows& rows, const References& references, std::span<const std::int32_t> gold,
                   Conduct& conduct) {
  for (std::size_t place = 0; place < rows.all().size(); ++place) {
    const Row& row = rows.all()[place];
    WorkerConduct& worker = conduct.workers[at(row.worker)];
    ++worker.answers;
    worker.shared += rows.of_task(row.task).size() > 1 ? 1 : 0;
    count_for(worker.agreement, row.label, references.plurality[place]);
    count_for(worker.accuracy, row.label, label_of(gold, row.task));
  }
  for (std::int32_t no = 0; no < rows.workers(); ++no) {
    WorkerConduct& worker = conduct.workers[at(no)];
    worker.agreement.interval = metrics::wilson_interval(worker.agreement.right, worker.agreement.count);
    worker.accuracy.interval = metrics::wilson_interval(worker.accuracy.right, worker.accuracy.count);
    worker.beyond_chance = kappa_of(rows, no, references.reference);
  }
}

// By task: gold where it is known, else what most answers say.
std::vector<std::int32_t> plurality(const AnswerRows& rows, std::span<const std::int32_t> gold) {
  std::vector<std::int32_t> found(at(rows.tasks()));
  Votes votes(rows.labels());
  for (std::int32_t task = 0; task < rows.tasks(); ++task) {
    for (const Row& row : rows.of_task(task)) votes.add(row.label, 1);
    const std::int32_t known = label_of(gold, task);
    found[at(task)] = known == labels::unknown ? votes.leader() : known;
    votes.clear();
  }
  return found;
}

void count_confusion(const AnswerRows& rows, std::span<const std::int32_t> believed, Conduct& conduct) {
  const std::size_t labels = at(rows.labels());
  conduct.confusion.assign(at(rows.workers()) * labels * labels, 0);
  for (const Row& row : rows.all()) {
    const std::int32_t right = believed[at(row.task)];
    if (right != labels::unknown) ++conduct.confusion[(at(row.worker) * labels + at(row.label)) * labels + at(right)];
  }
}

}  // namespace

Conduct conduct_of(const ConductInput& input) {
  const AnswerRows rows(input);
  const References references = references_of(rows, input.gold);
  Conduct conduct;
  conduct.workers.resize(at(rows.workers()));
  count_answers(rows, references, input.gold, conduct);
  if (input.believed.empty()) {
    count_confusion(rows, plurality(rows, input.gold), conduct);
  } else {
    count_confusion(rows, input.believed, conduct);
  }
  find_without_looking(rows, references, input.first_option, conduct);
  find_too_fast(rows, conduct);
  find_rings(rows, input.gold, conduct);
  std::sort(conduct.signals.begin(), conduct.signals.end(),
            [](const Signal& a, const Signal& b) { return std::tie(a.worker, a.kind) < std::tie(b.worker, b.kind); });
  return conduct;
}

Conduct pace_of(const ConductInput& input) {
  const AnswerRows rows(input);
  Conduct conduct;
  conduct.workers.resize(at(rows.workers()));
  find_too_fast(rows, conduct);
  std::sort(conduct.signals.begin(), conduct.signals.end(),
            [](const Signal& a, const Signal& b) { return a.worker < b.worker; });
  return conduct;
}

}  // namespace tally::aggregation::conduct
