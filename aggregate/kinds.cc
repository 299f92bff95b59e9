#include "aggregate/kinds.h"

#include <algorithm>

#include "common/base/assert.h"
#include "common/cli/program.h"

namespace tally::aggregate {

extern const KindOf labels_kind, texts_kind, numbers_kind, sets_kind, pairs_kind;

const std::vector<const KindOf*>& all_kinds() {
  static const std::vector<const KindOf*> kinds{&labels_kind, &texts_kind, &numbers_kind, &sets_kind, &pairs_kind};
  return kinds;
}

const KindOf& kind_of(Kind kind) {
  const auto& kinds = all_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const KindOf* of) { return of->kind == kind; });
  TALLY_ASSERT(found != kinds.end());
  return **found;
}

std::vector<std::int64_t> answers_by_worker(const Answers& answers) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(answers.workers.count()));
  for (const auto& row : answers.rows) ++counts[static_cast<std::size_t>(row.worker)];
  return counts;
}

void write_worker_figures(RowWriter& out, const Answers& answers, const std::string& name,
                          const std::vector<double>& figures) {
  const std::vector<std::int64_t> counts = answers_by_worker(answers);
  out.header({"worker", "answers", name});
  for (std::size_t worker = 0; worker < counts.size(); ++worker) {
    std::vector<Cell> cells(3);
    cells[0] = answers.workers.name(static_cast<std::int32_t>(worker));
    cells[1] = counts[worker];
    if (!figures.empty()) cells[2] = figures[worker];
    out.row(cells);
  }
}

void fail_no_method(const Wanted& wanted) {
  cli::fail_usage("there is no method '" + wanted.method + "' for " + std::string(kind_of(wanted.kind).name) +
                  "; --help lists them");
}

}  // namespace tally::aggregate
