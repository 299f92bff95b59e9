#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/project/csv_rows.h"
#include "schemas/project_spec.h"

// The items file: CSV with a header, one item a row. Read row by row: the memory it takes is that of one row.
namespace tally::project {

struct ItemsLimits {
  std::size_t cell_bytes_max = 64UL * 1024;
  std::size_t row_bytes_max = 256UL * 1024;  // With its quotes and commas.
};

// A reserved column: how many answers this one item gets, 1 to redundancy_max, in place of the project's min and max.
// An empty cell leaves these.
inline constexpr std::string_view answers_column = "_answers";
// The beginning of the name of a reserved column: "_gold.FIELD" holds what is known to be true of the item, for a field
// that is one choice. An empty cell: nothing is known.
inline constexpr std::string_view gold_column_prefix = "_gold.";

// A reserved column of training files: what is shown with the feedback.
inline constexpr std::string_view explanation_column = "_explanation";

enum class ItemsKind { items, training };

struct ItemRow {
  std::int64_t line = 0;    // Where the row begins, from 1.
  std::int64_t offset = 0;  // The same in bytes.
  Item item;                // A value per column of header().
  std::string explanation;  // Of a training file.
};

// A mistake in the file.
struct ItemsMistake {
  std::int64_t line = 0;
  std::string column;  // By name, where it is known, else "column 3"; empty: the row as a whole.
  std::string what;    // What is wrong, and what to do.
};
// "items.csv:12: column 'text': …". Holds what the file says: make it safe before it is shown.
[[nodiscard]] std::string to_text(const ItemsMistake& mistake, std::string_view file);

class ItemsReader {
 public:
  // Reads the header. The stream is the caller's, outlives the reader and is at its beginning; open it in binary mode.
  [[nodiscard]] static Result<ItemsReader, ItemsMistake> open(std::istream& in, ItemsLimits limits = {},
                                                              ItemsKind kind = ItemsKind::items);

  // The columns, without the reserved ones.
  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }

  // The next item; nothing at the end. After a mistake the caller may go on, to list the next ones; a file without any
  // row is a mistake too. Throws std::runtime_error when the stream cannot be read.
  [[nodiscard]] Result<std::optional<ItemRow>, ItemsMistake> next();

 private:
  ItemsReader(CsvRows rows, ItemsLimits limits, ItemsKind kind)
      : rows_(std::move(rows)), limits_(limits), kind_(kind) {}
  [[nodiscard]] bool is_reserved(std::string_view name) const;
  [[nodiscard]] Result<Done, ItemsMistake> take_header(CsvRow row);
  [[nodiscard]] ItemsMistake named(const CsvMistake& mistake) const;
  [[nodiscard]] std::string column_name(std::size_t cell) const;
  // Empty: it is there.
  [[nodiscard]] std::string take_cell(std::size_t at, std::string cell, ItemRow& row) const;

  CsvRows rows_;
  ItemsLimits limits_;
  ItemsKind kind_;
  std::vector<std::string> header_;
  std::vector<std::string> names_;  // Of all columns, the reserved ones too.
  bool any_row_ = false;
};

}  // namespace tally::project
