#include "admin/quality/worker_text.h"

#include "admin/quality/words.h"
#include "common/cli/figures.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"

namespace tally::admin::quality {
namespace {

constexpr const char* about_pace =
    "Seconds are the median from being given a task to the answer; pace is the median share of the time that others\n"
    "take for the task. Whoever takes many tasks at once has all of them from that moment on, and looks slow.\n";

std::string share_text(const aggregation::metrics::Accuracy& accuracy) {
  return share_with_interval(accuracy.right, accuracy.count, accuracy.interval);
}

std::string kinds_of(const WorkerFigures& worker) {
  std::string text;
  for (const WorkerSignal& signal : worker.signals) text += (text.empty() ? "" : ", ") + std::string(signal.kind);
  return text;
}

std::string signals_text(const WorkerFigures& worker, bool tell) {
  std::string text;
  for (const WorkerSignal& signal : worker.signals) {
    text += "  " + std::string(signal.kind) + ": " + cli::safe_for_terminal(signal.reason.for_admin, false) + "\n";
    if (tell) text += "    tell them: " + cli::safe_for_terminal(signal.reason.for_worker, false) + "\n";
  }
  return text;
}

std::string names_of(const std::vector<AccountId>& accounts) {
  std::string text;
  for (const AccountId account : accounts) text += (text.empty() ? "" : ", ") + std::to_string(account.value);
  return text;
}

std::string groups_text(const Crowd& crowd) {
  std::string text;
  for (const auto& ring : crowd.rings) text += "  ring: workers " + names_of(ring) + " share wrong answers\n";
  for (const AlikeGroup& group : crowd.alike) {
    text += "  alike: workers " + names_of(group.accounts) +
            " answer alike, which accuses nobody; gold would tell on " + counted(group.tasks_count, "task") +
            " that they share";
    for (std::size_t i = 0; i < group.tasks.size(); ++i) text += (i == 0 ? ": " : ", ") + to_text(group.tasks[i]);
    text += group.tasks_count > std::ssize(group.tasks) && !group.tasks.empty() ? ", ...\n" : "\n";
  }
  return text;
}

std::string heading(const Crowd& crowd) {
  return "Field " + crowd.field +
         (crowd.is_judged ? "" : " (agreement is with the verdict; signals but haste need a choice)") + "\n\n";
}

std::string confusion_text(const Crowd& crowd, const WorkerFigures& worker) {
  std::vector<cli::Table::Column> columns{{"answered", cli::Align::left, 30}};
  for (const std::string& label : crowd.labels) {
    columns.push_back({cli::safe_for_terminal("is " + label, false), cli::Align::right, 20});
  }
  cli::Table table(std::move(columns));
  const std::size_t labels = crowd.labels.size();
  for (std::size_t given = 0; given < labels; ++given) {
    std::vector<std::string> cells{crowd.labels[given]};
    for (std::size_t right = 0; right < labels; ++right) {
      const std::size_t place = (static_cast<std::size_t>(worker.number) * labels + given) * labels + right;
      cells.push_back(cli::grouped(crowd.confusion[place]));
    }
    table.row(std::move(cells));
  }
  return "\nAnswers by what most say, or gold\n" + table.to_text();
}

}  // namespace

std::string crowd_text(const Crowd& crowd, bool tell) {
  cli::Table table({{"worker", cli::Align::right},
                    {"answers", cli::Align::right},
                    {"agreement", cli::Align::right},
                    {"beyond chance", cli::Align::right},
                    {"right on gold", cli::Align::right},
                    {"seconds", cli::Align::right},
                    {"pace", cli::Align::right},
                    {"signals"}});
  std::string signals;
  for (const WorkerFigures& worker : crowd.workers) {
    table.row({std::to_string(worker.account.value), cli::grouped(worker.answers), share_text(worker.agreement),
               or_dash(worker.beyond_chance, 2), share_text(worker.gold), or_dash(worker.seconds, 1),
               or_dash(worker.pace, 2), kinds_of(worker)});
    signals += signals_text(worker, tell);
  }
  std::string text = heading(crowd) + table.to_text() + "\n";
  const std::string found = signals + groups_text(crowd);
  text += found.empty() ? "No signals.\n\n" : "Signals are reasons to look, not verdicts:\n" + found + "\n";
  return text + about_pace;
}

std::string worker_text(const Crowd& crowd, const WorkerFigures& worker, bool tell) {
  std::string text = heading(crowd);
  text += "W" + worker_name(worker.account).substr(1) + "\n";
  text +=
      cli::lines_of({{"answers", cli::grouped(worker.answers)},
                     {"agreement", worker.agreement.count == 0
                                       ? "nothing to compare with"
                                       : share_text(worker.agreement) + " of " + cli::grouped(worker.agreement.count)},
                     {"beyond chance", or_dash(worker.beyond_chance, 2) + " (kappa: 1 is full agreement, 0 chance)"},
                     {"on gold", worker.gold.count == 0
                                     ? "no gold tasks answered"
                                     : share_text(worker.gold) + " of " + cli::grouped(worker.gold.count) + " right"},
                     {"seconds", or_dash(worker.seconds, 1) + " an answer, " + or_dash(worker.seconds_between, 1) +
                                     " from one answer to the next"},
                     {"pace", or_dash(worker.pace, 2) + " of the usual time"}});
  text += worker.signals.empty() ? "\nNo signals.\n" : "\nSignals are reasons to look, not verdicts:\n";
  text += signals_text(worker, tell);
  if (crowd.is_judged) text += confusion_text(crowd, worker);
  return text + "\n" + about_pace;
}

}  // namespace tally::admin::quality
