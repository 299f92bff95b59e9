#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

namespace tally::cli {

// One cell as it stands in a CSV file (RFC 4180): in quotes where it holds a comma, a quote, a line end or a space at
// its ends, with quotes doubled.
//
// Safe for spreadsheets: these run a cell that begins with = + - @, a tab or a carriage return (also in full width) as
// a formula, so such a cell gets an apostrophe in front, unless it is a plain number like -5 or +0.25. Whoever reads
// the file with a program takes one apostrophe away where one of these follows it; a cell that really begins with an
// apostrophe and one of these gets another, so nothing is lost.
[[nodiscard]] std::string csv_cell(std::string_view value);
// What csv_cell protected, as it was: takes the cell's content, with quotes already undone.
[[nodiscard]] std::string_view without_protection(std::string_view content);

// Writes rows to a stream that the caller owns and whose state the caller checks. Lines end in CR LF.
class CsvWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}

  void row(std::span<const std::string> cells);

 private:
  std::ostream& out_;
};

}  // namespace tally::cli
