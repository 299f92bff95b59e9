#pragma once

#include <string>

#include "aggregate/answers_file.h"
#include "aggregate/rows.h"

// The program's one job: from a table of answers to tables of verdicts, workers and metrics.
namespace tally::aggregate {

// What an answer is.
enum class Kind { labels, texts, numbers, sets, pairs, boxes };

struct Wanted {
  Kind kind = Kind::labels;
  std::string answers;       // A file; "-" is the standard input.
  std::string gold;          // A file; empty: none.
  std::string output = "-";  // For the verdicts; "-" is the standard output.
  std::string workers;       // A file for what is known of workers; empty: none.
  std::string metrics;       // A file for how far answers agree with each other and with gold; empty: none.
  std::string method;        // Empty: the first of the kind.
  double tolerance = 0;      // Numbers: how far apart two may lie and still say the same.
  double overlap = 0.5;      // Boxes: how much two must overlap to mean the same thing, from 0.000001 to 1.
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
