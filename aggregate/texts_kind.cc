#include <memory>

#include "aggregate/kind_tools.h"
#include "common/aggregation/texts/texts.h"
#include "common/aggregation/texts/word_errors.h"
#include "common/cli/program.h"

// texts: each answer is what somebody wrote, such as a transcript.
namespace tally::aggregate {
namespace {

namespace texts = aggregation::texts;

using ByTask = std::vector<std::vector<texts::Answer>>;

void write_verdicts(RowWriter& out, const Answers& answers, const ByTask& tasks, const texts::Estimate& found) {
  out.header({"task", "text", "support", "answers"});
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    const auto& outcome = found.outcomes[task];
    if (!outcome) continue;
    out.row({answers.tasks.name(static_cast<std::int32_t>(task)), outcome->text, outcome->support,
             std::int64_t{std::ssize(tasks[task])}});
  }
}

void write_metrics(RowWriter& out, const Answers& answers, const texts::Estimate& found) {
  begin_metrics(out, answers);
  double support = 0;
  std::int64_t outcomes = 0;
  std::int64_t rough = 0;
  texts::WordErrors all;
  for (std::size_t task = 0; task < found.outcomes.size(); ++task) {
    if (!found.outcomes[task]) continue;
    ++outcomes;
    rough += found.outcomes[task]->is_exact ? 0 : 1;
    support += found.outcomes[task]->support;
    const std::int32_t gold = answers.gold_of(static_cast<std::int32_t>(task));
    if (gold < 0) continue;
    const auto one = texts::word_errors(answers.labels.name(gold), found.outcomes[task]->text);
    all.errors += one.errors;
    all.words += one.words;
  }
  if (outcomes > 0) out.row({std::string("mean_support"), support / static_cast<double>(outcomes)});
  if (rough > 0) out.row({std::string("tasks_aligned_roughly"), rough});
  if (answers.gold_count == 0) return;
  out.row({std::string("gold_tasks"), std::int64_t{answers.gold_count}});
  const auto words = static_cast<double>(std::max<std::int64_t>(all.words, 1));
  out.row({std::string("word_error_rate"), static_cast<double>(all.errors) / words});
}

Tables make(const Wanted& wanted, const Answers& answers, aggregation::Workforce& workforce) {
  const texts::Method& method = chosen_method(wanted, texts::methods());
  const auto tasks = std::make_shared<ByTask>(answers_by_task<texts::Answer>(
      answers, [&](std::int32_t label) -> std::string_view { return answers.labels.name(label); }));
  const texts::Problem problem{*tasks, answers.workers.count()};
  if (!texts::fits(problem)) {
    cli::fail_usage("a text is over " + std::to_string(texts::text_bytes_max) + " bytes: cut it into pieces");
  }
  const auto found = std::make_shared<texts::Estimate>(method.estimate(problem, workforce));
  return {[=, &answers](RowWriter& out) { write_verdicts(out, answers, *tasks, *found); },
          [=, &answers](RowWriter& out) { write_worker_figures(out, answers, "skill", found->skill); },
          [=, &answers](RowWriter& out) { write_metrics(out, answers, *found); }};
}

}  // namespace

extern const KindOf texts_kind;
const KindOf texts_kind{Kind::texts, "texts", "what was written", true, [] { return lines_of(texts::methods()); },
                        make};

}  // namespace tally::aggregate
