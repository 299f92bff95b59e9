#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

struct csv_parser;  // Of libcsv.

// CSV as RFC 4180 has it, row by row. At most one row is in memory.
namespace tally::project {

struct CsvRow {
  std::int64_t line = 0;    // Where it begins, from 1.
  std::int64_t offset = 0;  // The same in bytes from the start of the stream.
  std::vector<std::string> cells;
};

struct CsvMistake {
  std::int64_t line = 0;
  std::size_t cell = 0;  // From 1; 0: the row as a whole.
  std::string what;      // What is wrong, and what to do.
};

// Lines end in LF or CR LF; a byte order mark is dropped; empty lines are skipped (a row of one empty cell is "").
// After a mistake reading goes on at the next line; where a quote was never closed, at the line after it opened.
class CsvRows {
 public:
  // The stream is the caller's, and at its beginning.
  CsvRows(std::istream& in, std::size_t row_bytes_max);
  ~CsvRows();
  CsvRows(CsvRows&&) noexcept;
  CsvRows& operator=(CsvRows&&) = delete;
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;

  // The next row; nothing at the end. Throws std::runtime_error when the stream cannot be read.
  [[nodiscard]] Result<std::optional<CsvRow>, CsvMistake> next();

 private:
  struct Line {
    std::int64_t no = 0;
    std::int64_t offset = 0;
    std::string text;          // With its end.
    bool is_too_long = false;  // Only the beginning is here.
  };
  struct Parsing;  // The row that is being put together.

  [[nodiscard]] std::optional<Line> next_line();
  [[nodiscard]] std::optional<CsvMistake> feed(Parsing& row, const Line& line);
  [[nodiscard]] CsvMistake give_up(Parsing& row, const std::string& what);
  void restart();

  std::istream* in_;
  std::size_t row_bytes_max_;
  std::int64_t line_no_ = 0;
  std::int64_t offset_ = 0;
  std::deque<Line> again_;  // Lines to be read once more; together no longer than a row.
  struct Free {
    void operator()(csv_parser* parser) const;
  };
  std::unique_ptr<csv_parser, Free> parser_;
};

}  // namespace tally::project
