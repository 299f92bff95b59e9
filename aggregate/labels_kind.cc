#include <memory>

#include "aggregate/kind_tools.h"
#include "aggregate/label_rows.h"
#include "common/aggregation/metrics/metrics.h"
#include "common/cli/program.h"

// labels: each answer is one of a few.
namespace tally::aggregate {
namespace {

namespace labels = aggregation::labels;
namespace metrics = aggregation::metrics;

const labels::Method& method_of(const Wanted& wanted, const labels::AnswerTable& table) {
  const labels::Method& method = chosen_method(wanted, labels::methods());
  if (!labels::fits(table, method)) {
    cli::fail_usage(std::to_string(table.labels()) + " labels, " + std::to_string(table.tasks()) + " tasks and " +
                    std::to_string(table.workers()) + " workers are too many for " + std::string(method.name) +
                    "; --method majority needs the least. Is this free text? Then --kind texts is for it");
  }
  return method;
}

void write_metrics(RowWriter& out, const Answers& answers, const labels::AnswerTable& table) {
  begin_metrics(out, answers);
  out.row({std::string("observed_agreement"), cell_of(metrics::observed_agreement(table))});
  out.row({std::string("mean_entropy_bits"), cell_of(metrics::mean_entropy(table))});
  out.row({std::string("krippendorff_alpha"), cell_of(metrics::alpha_nominal(table))});
  out.row({std::string("fleiss_kappa"), cell_of(metrics::fleiss_kappa(table))});
  if (answers.gold_count == 0) return;
  std::int64_t answered = 0;
  std::int64_t right = 0;
  for (const WorkerCounts& worker : counts_by_worker(answers, table)) {
    answered += worker.of_gold;
    right += worker.right;
  }
  const auto interval = metrics::wilson_interval(right, answered);
  out.row({std::string("gold_tasks"), std::int64_t{answers.gold_count}});
  out.row({std::string("answers_to_gold"), answered});
  out.row({std::string("answers_right_share"),
           answered > 0 ? Cell(static_cast<double>(right) / static_cast<double>(answered)) : Cell()});
  out.row({std::string("answers_right_low"), interval.low});
  out.row({std::string("answers_right_high"), interval.high});
}

Tables make(const Wanted& wanted, const Answers& answers, aggregation::Workforce& workforce) {
  const auto table = std::make_shared<labels::AnswerTable>(
      labels::AnswerTable::Size{answers.tasks.count(), answers.workers.count(), answers.labels.count()}, answers.rows);
  const labels::Method& method = method_of(wanted, *table);
  const auto found = std::make_shared<labels::Estimate>(method.estimate({*table, answers.gold}, workforce));
  return {[=, &wanted, &answers](RowWriter& out) { write_verdicts(out, answers, *table, *found, wanted.all_beliefs); },
          [=, &answers](RowWriter& out) { write_workers(out, answers, *table, *found); },
          [=, &answers](RowWriter& out) { write_metrics(out, answers, *table); }};
}

}  // namespace

extern const KindOf labels_kind;
const KindOf labels_kind{
    Kind::labels, "labels", "one of a few labels", true, [] { return lines_of(labels::methods()); }, make};

}  // namespace tally::aggregate
