#include "aggregate/run.h"

#include <fstream>
#include <functional>
#include <iostream>
#include <optional>

#include "aggregate/label_rows.h"
#include "aggregate/threads.h"
#include "common/cli/output_file.h"
#include "common/cli/program.h"

namespace tally::aggregate {
namespace {

namespace labels = aggregation::labels;

// Of a file or the standard input.
class Input {
 public:
  explicit Input(const std::string& path) {
    if (path == "-") return;
    file_.open(path, std::ios::binary);
    if (!file_) cli::fail_usage(path + " cannot be read; is the name right?");
  }
  [[nodiscard]] std::istream& stream() { return file_.is_open() ? file_ : std::cin; }

 private:
  std::ifstream file_;
};

std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

Answers read(const Wanted& wanted) {
  if (wanted.answers == "-" && wanted.gold == "-") cli::fail_usage("only one of the two files can be standard input");
  Input input(wanted.answers);
  auto answers = read_answers(input.stream(), shown(wanted.answers), wanted.columns, wanted.repeats);
  if (!answers) cli::fail_usage(answers.error());
  if (wanted.gold.empty()) return std::move(*answers);
  Input gold(wanted.gold);
  const auto unanswered = read_gold(gold.stream(), shown(wanted.gold), wanted.columns, *answers);
  if (!unanswered) cli::fail_usage(unanswered.error());
  if (answers->gold_count == 0) {
    cli::fail_usage(shown(wanted.gold) + ": none of its tasks is in " + shown(wanted.answers) +
                    "; are they called the same in both?");
  }
  return std::move(*answers);
}

const labels::Method& method_of(const Wanted& wanted, const labels::AnswerTable& table) {
  const labels::Method* method = labels::find_method(wanted.method);
  if (method == nullptr) cli::fail_usage("there is no method '" + wanted.method + "'; --help lists them");
  if (!labels::fits(table, *method)) {
    cli::fail_usage(std::to_string(table.labels()) + " labels, " + std::to_string(table.tasks()) + " tasks and " +
                    std::to_string(table.workers()) + " workers are too many for " + wanted.method +
                    "; --method majority needs the least. Are the labels free text?");
  }
  return *method;
}

void write_to(const std::string& path, RowFormat format, const std::function<void(RowWriter&)>& write) {
  if (path != "-") {
    cli::OutputFile file(path);
    RowWriter rows(file.stream(), format);
    write(rows);
    file.keep();
    return;
  }
  RowWriter rows(std::cout, format);
  write(rows);
  std::cout.flush();
  if (!std::cout) cli::fail_usage("the output cannot be written; is the disk full?");
}

void summarise(const Wanted& wanted, const Answers& answers) {
  std::cerr << answers.rows.size() << " answers of " << answers.workers.count() << " workers to "
            << answers.tasks.count() << " tasks, " << answers.labels.count() << " labels; method " << wanted.method;
  if (answers.gold_count > 0) std::cerr << ", " << answers.gold_count << " tasks of gold";
  if (answers.repeated > 0) {
    std::cerr << "; left out: " << answers.repeated << " answers of workers who answered a task more than once"
              << " (--repeats)";
  }
  std::cerr << "\n";
}

}  // namespace

void run(const Wanted& wanted) {
  Answers answers = read(wanted);
  const labels::AnswerTable table({answers.tasks.count(), answers.workers.count(), answers.labels.count()},
                                  answers.rows);
  const labels::Method& method = method_of(wanted, table);
  Threads threads(wanted.threads);
  const labels::Estimate found = method.estimate({table, answers.gold}, threads);
  write_to(wanted.output, wanted.format,
           [&](RowWriter& out) { write_verdicts(out, answers, table, found, wanted.all_beliefs); });
  if (!wanted.workers.empty()) {
    write_to(wanted.workers, wanted.format, [&](RowWriter& out) { write_workers(out, answers, table, found); });
  }
  if (!wanted.quiet) summarise(wanted, answers);
}

}  // namespace tally::aggregate
