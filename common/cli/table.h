#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tally::cli {

enum class Align { left, right };

// How many columns of a terminal a line of text takes. REQUIRES valid UTF-8 without control characters: use
// safe_for_terminal() first on what others wrote.
[[nodiscard]] std::size_t display_width(std::string_view text);
// The text, cut to at most `width` columns; what was cut ends in "…".
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);

// A table for the terminal: a line of headings, then the rows, columns two spaces apart, numbers to the right. Cells
// are made safe here. No line ends in spaces. Holds its rows until to_text(): for pages, not for exports.
class Table {
 public:
  struct Column {
    std::string heading;
    Align align = Align::left;
    std::size_t width_max = 60;  // Wider cells are cut.
  };

  explicit Table(std::vector<Column> columns);

  // REQUIRES one cell per column.
  void row(std::vector<std::string> cells);
  [[nodiscard]] std::string to_text() const;

 private:
  [[nodiscard]] std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // The headings first.
};

}  // namespace tally::cli
