#include "common/project/csv_rows.h"

#include <istream>
#include <new>
#include <stdexcept>
#include <string_view>

#include <csv.h>

#include "common/base/assert.h"

namespace tally::project {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr const char* stray_quote =
    "a quote where none can be; put the whole cell in quotes and write each quote inside of it twice";
constexpr const char* open_quote = "a quote opens here and is never closed; close it, or write it twice inside quotes";

std::string_view without_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

struct CsvRows::Parsing {
  std::vector<Line> lines;
  std::size_t bytes = 0;
  std::vector<std::string> cells;
  bool is_done = false;
  bool is_quoted = false;        // Within a quoted cell.
  std::size_t opening_line = 0;  // In `lines`: the last one that ends within a cell that it opened.
};

void CsvRows::Free::operator()(csv_parser* parser) const {
  csv_free(parser);
  delete parser;
}

CsvRows::CsvRows(std::istream& in, std::size_t row_bytes_max) : in_(&in), row_bytes_max_(row_bytes_max) { restart(); }
CsvRows::~CsvRows() = default;
CsvRows::CsvRows(CsvRows&&) noexcept = default;

void CsvRows::restart() {
  parser_.reset(new csv_parser{});
  if (csv_init(parser_.get(), CSV_STRICT) != 0) throw std::bad_alloc();
  // Spaces belong to the cell (RFC 4180, 2.4); libcsv would take them away.
  csv_set_space_func(parser_.get(), [](unsigned char) { return 0; });
}

std::optional<CsvRows::Line> CsvRows::next_line() {
  if (!again_.empty()) {
    Line line = std::move(again_.front());
    again_.pop_front();
    return line;
  }
  Line line{++line_no_, offset_, {}, false};
  std::streambuf& buffer = *in_->rdbuf();
  for (int c = buffer.sbumpc(); c != std::streambuf::traits_type::eof(); c = buffer.sbumpc()) {
    ++offset_;
    if (line.text.size() < row_bytes_max_) {
      line.text += static_cast<char>(c);
    } else {
      line.is_too_long = true;
    }
    if (c == '\n') break;
  }
  if (offset_ == line.offset) return std::nullopt;
  if (line.no == 1 && line.text.starts_with(byte_order_mark)) line.text.erase(0, byte_order_mark.size());
  return line;
}

// Where to blame a row over several lines: the line whose quote has swallowed the following ones. These are read again.
CsvMistake CsvRows::give_up(Parsing& row, const std::string& what) {
  restart();
  const std::size_t blamed = row.lines.size() > 1 ? row.opening_line : 0;
  const auto first_again = row.lines.begin() + static_cast<std::ptrdiff_t>(blamed) + 1;
  again_.insert(again_.begin(), std::make_move_iterator(first_again), std::make_move_iterator(row.lines.end()));
  return {row.lines[blamed].no, row.cells.size() + 1, what};
}

std::optional<CsvMistake> CsvRows::feed(Parsing& row, const Line& line) {
  const std::string_view body = without_end(line.text);
  const bool was_quoted = row.is_quoted;
  // Quotes stand in pairs in all that strict parsing lets pass, so an odd number of them is an open cell.
  for (const char c : body) {
    if (c == '"') row.is_quoted = !row.is_quoted;
    if (c == '\r' && !row.is_quoted) {
      return give_up(row, "a carriage return without a line feed; save the file with LF or CR LF at the end of lines");
    }
  }
  if (row.is_quoted && !was_quoted) row.opening_line = row.lines.size() - 1;
  // Within quotes the line's end is content; elsewhere it ends the row, whatever it is.
  std::string text(body);
  text += row.is_quoted ? std::string_view(line.text).substr(body.size()) : std::string_view("\n");

  const auto on_cell = [](void* data, std::size_t size, void* target) {
    static_cast<Parsing*>(target)->cells.emplace_back(static_cast<const char*>(data), size);
  };
  const auto on_row = [](int, void* target) { static_cast<Parsing*>(target)->is_done = true; };
  const auto parsed = csv_parse(parser_.get(), text.data(), text.size(), on_cell, on_row, &row);
  if (parsed == text.size()) return std::nullopt;
  if (csv_error(parser_.get()) == CSV_ENOMEM) throw std::bad_alloc();
  return give_up(row, row.lines.size() > 1 ? open_quote : stray_quote);
}

Result<std::optional<CsvRow>, CsvMistake> CsvRows::next() {
  Parsing row;
  while (!row.is_done) {
    auto line = next_line();
    if (!line) {
      if (in_->bad()) throw std::runtime_error("the items file cannot be read");
      if (row.lines.empty()) return std::optional<CsvRow>();
      return Unexpected{give_up(row, open_quote)};
    }
    if (row.lines.empty() && !line->is_too_long && without_end(line->text).empty()) continue;
    row.bytes += line->text.size();
    row.lines.push_back(std::move(*line));
    if (row.lines.back().is_too_long || row.bytes > row_bytes_max_) {
      const bool is_open = row.lines.size() > 1;
      return Unexpected{give_up(row, "the row is over " + std::to_string(row_bytes_max_) + " bytes" +
                                         (is_open ? "; is a quote not closed?" : ""))};
    }
    if (auto mistake = feed(row, row.lines.back())) return Unexpected{std::move(*mistake)};
  }
  return std::optional(CsvRow{row.lines.front().no, row.lines.front().offset, std::move(row.cells)});
}

}  // namespace tally::project
