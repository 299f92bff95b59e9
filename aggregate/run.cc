#include "aggregate/run.h"

#include <fstream>
#include <functional>
#include <iostream>
#include <optional>

#include "aggregate/kinds.h"
#include "aggregate/threads.h"
#include "common/cli/output_file.h"
#include "common/cli/program.h"

namespace tally::aggregate {
namespace {

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

// What was not named is called as it is usual for the kind.
Columns columns_of(const Wanted& wanted) {
  Columns columns = wanted.columns;
  if (wanted.kind != Kind::pairs) return columns;
  if (columns.task == Columns().task) columns.task = "worse";
  if (columns.label == Columns().label) columns.label = "better";
  return columns;
}

Answers read(const Wanted& wanted) {
  if (wanted.answers == "-" && wanted.gold == "-") cli::fail_usage("only one of the two files can be standard input");
  Input input(wanted.answers);
  // Who compared an item with several did not answer again.
  const Repeats repeats = wanted.kind == Kind::pairs ? Repeats::all : wanted.repeats;
  auto answers = read_answers(input.stream(), shown(wanted.answers), columns_of(wanted), repeats);
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
            << answers.tasks.count() << " tasks";
  if (wanted.kind == Kind::labels) std::cerr << ", " << answers.labels.count() << " labels";
  if (answers.gold_count > 0) std::cerr << ", " << answers.gold_count << " tasks of gold";
  if (answers.repeated > 0) {
    std::cerr << "; left out: " << answers.repeated << " answers of workers who answered a task more than once"
              << " (--repeats)";
  }
  std::cerr << "\n";
}

}  // namespace

void run(const Wanted& wanted) {
  const KindOf& kind = kind_of(wanted.kind);
  if (!wanted.gold.empty() && !kind.takes_gold) cli::fail_usage("--gold is not for --kind " + std::string(kind.name));
  const Answers answers = read(wanted);
  Threads threads(wanted.threads);
  const Tables tables = kind.make(wanted, answers, threads);
  if (!wanted.metrics.empty() && !tables.metrics) {
    cli::fail_usage("there are no metrics for --kind " + std::string(kind.name));
  }
  write_to(wanted.output, wanted.format, tables.verdicts);
  if (!wanted.workers.empty()) write_to(wanted.workers, wanted.format, tables.workers);
  if (!wanted.metrics.empty()) write_to(wanted.metrics, wanted.format, tables.metrics);
  if (!wanted.quiet) summarise(wanted, answers);
}

}  // namespace tally::aggregate
