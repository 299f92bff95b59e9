#include "aggregate/kind_tools.h"

#include "common/cli/program.h"

namespace tally::aggregate {

void fail_no_method(const Wanted& wanted) {
  cli::fail_usage("there is no method '" + wanted.method + "' for " + std::string(kind_of(wanted.kind).name) +
                  "; --help lists them");
}

Cell cell_of(std::optional<double> value) { return value ? Cell(*value) : Cell(); }

void append_belief_columns(std::vector<std::string>& names, const Names& labels) {
  for (std::int32_t label = 0; label < labels.count(); ++label) names.push_back("belief:" + labels.name(label));
}

void write_worker_figures(RowWriter& out, const Answers& answers, const std::string& name,
                          const std::vector<double>& figures) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(answers.workers.count()));
  for (const auto& row : answers.rows) ++counts[static_cast<std::size_t>(row.worker)];
  out.header({"worker", "answers", name});
  for (std::size_t worker = 0; worker < counts.size(); ++worker) {
    const auto figure = figures.empty() ? std::nullopt : std::optional(figures[worker]);
    out.row({answers.workers.name(static_cast<std::int32_t>(worker)), counts[worker], cell_of(figure)});
  }
}

void begin_metrics(RowWriter& out, const Answers& answers) {
  out.header({"metric", "value"});
  out.row({std::string("tasks"), std::int64_t{answers.tasks.count()}});
  out.row({std::string("workers"), std::int64_t{answers.workers.count()}});
  out.row({std::string("answers"), std::int64_t{std::ssize(answers.rows)}});
}

}  // namespace tally::aggregate
