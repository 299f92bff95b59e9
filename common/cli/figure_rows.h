#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "common/cli/rows.h"

// Figures for programs: named values, as one object of JSON a line, or as CSV rows of what they are about, the field,
// the name and the value.
namespace tally::cli {

class FigureWriter {
 public:
  FigureWriter(std::ostream& out, RowFormat format);

  using Figures = std::vector<std::pair<std::string, Cell>>;
  // `about`: "project" or "field", say; with the field it is written once. `field`: empty where it is about the whole.
  void write(const std::string& about, const std::string& field, const Figures& figures);

 private:
  std::ostream& out_;
  RowFormat format_;
  RowWriter csv_;
};

}  // namespace tally::cli
