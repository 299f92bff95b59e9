#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// Tables for programs: rows of named cells, as CSV or as lines of JSON.
namespace tally::cli {

// Nothing is an empty cell, or null. Numbers have four decimals at most.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;
// `value`, or an empty cell where it is not known. (A function, since GCC 12 at -O1 takes what an empty one of two
// cells in a condition holds for read.)
[[nodiscard]] Cell cell_if(bool is_known, Cell value);
[[nodiscard]] inline Cell cell_of(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }

enum class RowFormat { csv, jsonl };

// Writes to a stream that the caller owns and whose state the caller checks.
class RowWriter {
 public:
  RowWriter(std::ostream& out, RowFormat format) : out_(out), format_(format) {}

  // Once, first.
  void header(std::vector<std::string> names);
  // REQUIRES a cell for each name.
  void row(const std::vector<Cell>& cells);

 private:
  std::ostream& out_;
  RowFormat format_;
  std::vector<std::string> names_;
};

}  // namespace tally::cli
