#pragma once

#include <string>

#include "aggregate/answers_file.h"
#include "aggregate/rows.h"
#include "common/aggregation/labels/method.h"

// The program's one job: from a table of answers to tables of verdicts, workers and metrics.
namespace tally::aggregate {

struct Wanted {
  std::string answers;       // A file; "-" is the standard input.
  std::string gold;          // A file; empty: none.
  std::string output = "-";  // For the verdicts; "-" is the standard output.
  std::string workers;       // A file for what is known of workers; empty: none.
  std::string method{aggregation::labels::default_method().name};
  RowFormat format = RowFormat::csv;
  Repeats repeats = Repeats::last;
  Columns columns;
  int threads = 1;
  bool all_beliefs = false;
  bool quiet = false;  // No summary on stderr.
};

// Throws cli::Failure where a file is wrong or the method does not fit.
void run(const Wanted& wanted);

}  // namespace tally::aggregate
