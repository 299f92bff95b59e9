#include <algorithm>
#include <memory>

#include "aggregate/kind_tools.h"
#include "common/aggregation/sets/sets.h"
#include "common/cli/program.h"

// sets: each answer is several of a few labels, or none; in the file they are joined by semicolons.
namespace tally::aggregate {
namespace {

namespace labels = aggregation::labels;
namespace sets = aggregation::sets;

struct Choices {
  Names labels;
  std::vector<std::vector<std::int32_t>> of_label;  // By what the file says: the labels in it.
};

Choices choices_in(const Answers& answers) {
  Choices choices;
  for (std::int32_t i = 0; i < answers.labels.count(); ++i) {
    std::string_view left = answers.labels.name(i);
    std::vector<std::int32_t>& of = choices.of_label.emplace_back();
    while (!left.empty()) {
      const std::size_t end = std::min(left.find(';'), left.size());
      std::string_view label = left.substr(0, end);
      while (!label.empty() && label.front() == ' ') label.remove_prefix(1);
      while (!label.empty() && label.back() == ' ') label.remove_suffix(1);
      if (!label.empty()) of.push_back(choices.labels.number_of(label));
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }
  return choices;
}

void write_verdicts(RowWriter& out, const Answers& answers, const Choices& choices, const sets::Estimate& found,
                    bool all) {
  const auto count = static_cast<std::size_t>(choices.labels.count());
  std::vector<std::int64_t> given(static_cast<std::size_t>(answers.tasks.count()));
  for (const auto& row : answers.rows) ++given[static_cast<std::size_t>(row.task)];
  std::vector<std::string> names{"task", "labels", "answers"};
  if (all) append_belief_columns(names, choices.labels);
  out.header(names);
  for (std::size_t task = 0; task < found.set.size(); ++task) {
    if (!found.set[task]) continue;
    std::vector<std::string> chosen;
    for (const std::int32_t label : *found.set[task]) chosen.push_back(choices.labels.name(label));
    std::sort(chosen.begin(), chosen.end());
    std::string joined;
    for (const std::string& label : chosen) joined += (joined.empty() ? "" : ";") + label;
    std::vector<Cell> cells{answers.tasks.name(static_cast<std::int32_t>(task)), joined, given[task]};
    const double* belief = found.belief.data() + task * count;
    if (all) cells.insert(cells.end(), belief, belief + count);
    out.row(cells);
  }
}

// Of a worker, over all labels.
std::vector<double> mean_skill(const sets::Estimate& found, std::size_t workers, std::size_t count) {
  std::vector<double> mean;
  for (std::size_t worker = 0; !found.skill.empty() && worker < workers; ++worker) {
    double sum = 0;
    for (std::size_t label = 0; label < count; ++label) sum += found.skill[worker * count + label];
    mean.push_back(sum / static_cast<double>(count));
  }
  return mean;
}

MethodLines methods() {
  MethodLines lines = lines_of(labels::methods());
  for (auto& [name, says] : lines) says = "each label by itself, as for labels";
  return lines;
}

Tables make(const Wanted& wanted, const Answers& answers, aggregation::Workforce& workforce) {
  const labels::Method& method = chosen_method(wanted, labels::methods());
  const auto choices = std::make_shared<Choices>(choices_in(answers));
  const sets::Size size{answers.tasks.count(), answers.workers.count(), choices->labels.count()};
  if (!sets::fits(size, method)) {
    cli::fail_usage("there are too many labels, tasks and workers for " + std::string(method.name));
  }
  std::vector<sets::Answer> given;
  given.reserve(answers.rows.size());
  for (const auto& row : answers.rows) {
    given.push_back({row.task, row.worker, choices->of_label[static_cast<std::size_t>(row.label)]});
  }
  const auto found = std::make_shared<sets::Estimate>(sets::estimate_sets(size, given, method, workforce));
  return {
      [=, &wanted, &answers](RowWriter& out) { write_verdicts(out, answers, *choices, *found, wanted.all_beliefs); },
      [=, &answers](RowWriter& out) {
        const auto skills = mean_skill(*found, static_cast<std::size_t>(answers.workers.count()),
                                       static_cast<std::size_t>(choices->labels.count()));
        write_worker_figures(out, answers, "skill", skills);
      },
      {}};
}

}  // namespace

extern const KindOf sets_kind;
const KindOf sets_kind{Kind::sets, "sets", "several labels, joined by ';'", false, methods, make};

}  // namespace tally::aggregate
