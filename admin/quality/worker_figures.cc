#include "admin/quality/worker_figures.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "admin/quality/pace.h"
#include "admin/quality/words.h"
#include "common/aggregation/registry.h"
#include "common/base/assert.h"
#include "common/forms/form.h"

namespace tally::admin::quality {
namespace {

namespace conduct = aggregation::conduct;
namespace metrics = aggregation::metrics;

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

bool can_be_judged(const Collected& collected, const FieldAnswers& field) {
  const std::int64_t labels = field.labels;
  const auto workers = std::max<std::int64_t>(std::ssize(collected.workers), 1);
  return labels > 0 && labels * labels <= aggregation::labels::cells_max / workers;
}

std::vector<WorkerFigures> counted_workers(const Collected& collected) {
  std::vector<WorkerFigures> workers(collected.workers.size());
  for (std::size_t no = 0; no < workers.size(); ++no) {
    workers[no].number = static_cast<std::int32_t>(no);
    workers[no].account = collected.workers[no];
  }
  for (const AnswerGiven& answer : collected.answers) ++workers[at(answer.worker)].answers;
  const std::vector<std::optional<double>> seconds = seconds_an_answer(collected);
  const std::vector<std::optional<double>> between = seconds_between_hand_ins(collected);
  for (std::size_t no = 0; no < workers.size(); ++no) {
    workers[no].seconds = seconds[no];
    workers[no].seconds_between = between[no];
  }
  return workers;
}

conduct::Conduct conduct_of(const Collected& collected, const FieldAnswers& field) {
  std::vector<conduct::Answer> answers;
  answers.reserve(collected.answers.size());
  for (std::size_t i = 0; i < collected.answers.size(); ++i) {
    const AnswerGiven& answer = collected.answers[i];
    answers.push_back({answer.task, answer.worker, field.given[i], seconds_of(answer)});
  }
  const auto count = [](const auto& list) { return static_cast<std::int32_t>(list.size()); };
  return conduct::conduct_of(
      {{count(collected.tasks), count(collected.workers), field.labels}, answers, field.gold, {}, 0});
}

// Ascending.
std::vector<AccountId> accounts_of(const Collected& collected, const std::vector<std::int32_t>& workers) {
  std::vector<AccountId> accounts;
  accounts.reserve(workers.size());
  for (const std::int32_t no : workers) accounts.push_back(collected.workers[at(no)]);
  std::sort(accounts.begin(), accounts.end());
  return accounts;
}

AlikeGroup alike_group(const Collected& collected, const FieldAnswers& field,
                       const std::vector<std::int32_t>& workers) {
  AlikeGroup group;
  group.accounts = accounts_of(collected, workers);
  std::vector<std::int32_t> of_task(collected.tasks.size());
  for (const AnswerGiven& answer : collected.answers) {
    if (std::binary_search(workers.begin(), workers.end(), answer.worker)) ++of_task[at(answer.task)];
  }
  for (std::size_t task = 0; task < of_task.size(); ++task) {
    if (of_task[task] < 2 || field.gold[task] != unknown) continue;
    ++group.tasks_count;
    if (group.tasks.size() < alike_tasks_shown) group.tasks.push_back(collected.tasks[task].id);
  }
  return group;
}

// The pace and the signals, with their reasons.
void take_signals(const Collected& collected, const FieldAnswers& field, const conduct::Conduct& found, Crowd& crowd) {
  const auto name_of_worker = [&](std::int32_t no) { return worker_name(collected.workers[at(no)]); };
  const auto name_of_label = [&](std::int32_t label) { return field.values.name(label); };
  for (std::size_t no = 0; no < crowd.workers.size(); ++no) crowd.workers[no].pace = found.workers[no].pace;
  for (const conduct::Signal& signal : found.signals) {
    crowd.workers[at(signal.worker)].signals.push_back(
        {name_of(signal.kind), conduct::reason_of(signal, found, name_of_worker, name_of_label)});
  }
}

void judge(const Collected& collected, const FieldAnswers& field, Crowd& crowd) {
  conduct::Conduct found = conduct_of(collected, field);
  take_signals(collected, field, found, crowd);
  for (std::size_t no = 0; no < crowd.workers.size(); ++no) {
    WorkerFigures& worker = crowd.workers[no];
    worker.agreement = found.workers[no].agreement;
    worker.gold = found.workers[no].accuracy;
    if (found.workers[no].beyond_chance) worker.beyond_chance = found.workers[no].beyond_chance->value;
  }
  for (const conduct::Ring& ring : found.rings) crowd.rings.push_back(accounts_of(collected, ring.workers));
  for (const auto& workers : found.alike) crowd.alike.push_back(alike_group(collected, field, workers));
  crowd.confusion = std::move(found.confusion);
  for (std::int32_t label = 0; label < field.labels; ++label) crowd.labels.push_back(field.values.name(label));
}

// Of a field for which conduct has a word on haste alone.
void compare_with_verdicts(const Collected& collected, const FieldAnswers& field, Crowd& crowd) {
  const auto* method = aggregation::find_method(forms::default_method(field.spec));
  TALLY_ASSERT(method != nullptr);
  const aggregation::Policy policy{collected.spec.redundancy, forms::tolerance_e6(field.spec)};
  for (std::size_t i = 0; i < collected.answers.size(); ++i) {
    const Judged& judged = field.judged[at(collected.answers[i].task)];
    if (judged.value == unknown) continue;
    metrics::Accuracy& agreement = crowd.workers[at(collected.answers[i].worker)].agreement;
    ++agreement.count;
    const std::string& given = field.values.name(field.given[i]);
    agreement.right += method->agrees(given, field.values.name(judged.value), policy) ? 1 : 0;
  }
  for (WorkerFigures& worker : crowd.workers) {
    worker.agreement.interval = metrics::wilson_interval(worker.agreement.right, worker.agreement.count);
  }
}

// Who has most signals, then who agrees least beyond chance, then who surely agrees least.
bool is_worse(const WorkerFigures& a, const WorkerFigures& b) {
  const auto key = [](const WorkerFigures& worker) {
    return std::tuple(-std::ssize(worker.signals), worker.beyond_chance.value_or(2), worker.agreement.interval.high,
                      worker.account.value);
  };
  return key(a) < key(b);
}

}  // namespace

Crowd crowd_of(const Collected& collected, const FieldAnswers& field) {
  Crowd crowd;
  crowd.field = field.spec.name;
  crowd.workers = counted_workers(collected);
  crowd.is_judged = can_be_judged(collected, field);
  if (crowd.is_judged) {
    judge(collected, field, crowd);
  } else {
    compare_with_verdicts(collected, field, crowd);
    take_signals(collected, field, pace_of(collected), crowd);
  }
  std::sort(crowd.workers.begin(), crowd.workers.end(), is_worse);
  return crowd;
}

const FieldAnswers& usual_field(const Collected& collected) {
  TALLY_ASSERT(!collected.fields.empty());
  const auto found = std::find_if(collected.fields.begin(), collected.fields.end(),
                                  [](const FieldAnswers& field) { return field.labels > 0; });
  return found == collected.fields.end() ? collected.fields.front() : *found;
}

}  // namespace tally::admin::quality
