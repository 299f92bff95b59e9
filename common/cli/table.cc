#include "common/cli/table.h"

#include <algorithm>
#include <utility>

#include "common/base/assert.h"
#include "common/cli/safe_text.h"
#include "common/forms/unicode.h"

namespace tally::cli {

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto next = forms::first_code_point(text);
    TALLY_ASSERT(next.has_value());
    width += forms::width_of(next->value);
    text.remove_prefix(next->size);
  }
  return width;
}

std::string fitted(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const auto next = forms::first_code_point(text.substr(bytes));
    TALLY_ASSERT(next.has_value());
    used += forms::width_of(next->value);
    if (used > width - 1) break;
    bytes += next->size;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  std::vector<std::string> headings;
  headings.reserve(columns_.size());
  for (const Column& column : columns_) headings.push_back(column.heading);
  row(std::move(headings));
}

void Table::row(std::vector<std::string> cells) {
  TALLY_ASSERT(cells.size() == columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = fitted(safe_for_terminal(cells[i], false), columns_[i].width_max);
  }
  rows_.push_back(std::move(cells));
}

std::string Table::line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string gap(widths[i] - display_width(cells[i]), ' ');
    if (i > 0) text += "  ";
    text += columns_[i].align == Align::right ? gap + cells[i] : cells[i] + gap;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string Table::to_text() const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], display_width(cells[i]));
  }
  std::string text;
  for (const auto& cells : rows_) text += line(cells, widths);
  return text;
}

}  // namespace tally::cli
