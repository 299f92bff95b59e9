#include <memory>

#include "aggregate/kind_tools.h"
#include "common/aggregation/pairs/method.h"
#include "common/cli/program.h"

// pairs: each answer says which of two items is the better one. The file's columns are worker, better and worse; what
// comes out is a ranking of the items.
namespace tally::aggregate {
namespace {

namespace pairs = aggregation::pairs;

struct Items {
  Names names;
  std::vector<pairs::Preference> preferences;
  std::vector<std::int64_t> won, lost;  // By item.
};

Items items_of(const Answers& answers) {
  Items items;
  for (const auto& row : answers.rows) {
    const std::string& better = answers.labels.name(row.label);
    const std::string& worse = answers.tasks.name(row.task);
    if (better == worse) {
      cli::fail_usage("worker '" + answers.workers.name(row.worker) + "' finds '" + better +
                      "' better than itself; an answer names two items");
    }
    const pairs::Preference preference{row.worker, items.names.number_of(better), items.names.number_of(worse)};
    items.won.resize(static_cast<std::size_t>(items.names.count()));
    items.lost.resize(static_cast<std::size_t>(items.names.count()));
    ++items.won[static_cast<std::size_t>(preference.better)];
    ++items.lost[static_cast<std::size_t>(preference.worse)];
    items.preferences.push_back(preference);
  }
  return items;
}

void write_ranking(RowWriter& out, const Items& items, const pairs::Ranking& found) {
  out.header({"rank", "item", "score", "standard_error", "won", "lost"});
  std::int64_t rank = 0;
  for (const std::int32_t item : found.order) {
    const auto at = static_cast<std::size_t>(item);
    out.row({++rank, items.names.name(item), found.score[at], found.standard_error[at], items.won[at], items.lost[at]});
  }
}

Tables make(const Wanted& wanted, const Answers& answers, aggregation::Workforce&) {
  const pairs::Method& method = chosen_method(wanted, pairs::methods());
  const auto items = std::make_shared<Items>(items_of(answers));
  const pairs::PreferenceTable table({items->names.count(), answers.workers.count()}, items->preferences);
  const auto found = std::make_shared<pairs::Ranking>(method.rank(table, {}));
  return {[=](RowWriter& out) { write_ranking(out, *items, *found); },
          [=, &answers](RowWriter& out) { write_worker_figures(out, answers, "reliability", found->reliability); },
          {}};
}

}  // namespace

extern const KindOf pairs_kind;
const KindOf pairs_kind{
    Kind::pairs, "pairs", "the better of two items", false, [] { return lines_of(pairs::methods()); }, make};

}  // namespace tally::aggregate
