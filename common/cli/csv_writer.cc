#include "common/cli/csv_writer.h"

#include <array>
#include <ostream>

#include "common/base/decimal.h"

namespace tally::cli {
namespace {

// The last four are the full-width forms, which some spreadsheets take for the same.
constexpr std::array<std::string_view, 11> formula_starts{"=",  "+",      "-",      "@",      "\t",    "\r",
                                                          "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"};

bool begins_a_formula(std::string_view text) {
  for (const std::string_view start : formula_starts) {
    if (text.starts_with(start)) return true;
  }
  return false;
}

// Apostrophes, then what begins a formula: what protecting must add one more to, and undoing takes one from.
bool is_protected(std::string_view text) {
  const auto first = text.find_first_not_of('\'');
  return first != 0 && first != std::string_view::npos && begins_a_formula(text.substr(first));
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return false;
  return text.find_first_of(",\"\r\n\t;") != std::string_view::npos || text.front() == ' ' || text.back() == ' ';
}

}  // namespace

std::string csv_cell(std::string_view value) {
  std::string content(value);
  const bool is_formula = begins_a_formula(value) && !decimal_e6_from(value);
  if (is_formula || is_protected(value)) content.insert(0, "'");
  if (!needs_quotes(content)) return content;
  std::string cell = "\"";
  for (const char c : content) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

std::string_view without_protection(std::string_view content) {
  return is_protected(content) ? content.substr(1) : content;
}

void CsvWriter::row(std::span<const std::string> cells) {
  // A row of one empty cell would be an empty line, which readers skip.
  if (cells.size() == 1 && cells[0].empty()) {
    out_ << "\"\"\r\n";
    return;
  }
  bool is_first = true;
  for (const std::string& value : cells) {
    if (!is_first) out_ << ',';
    is_first = false;
    out_ << csv_cell(value);
  }
  out_ << "\r\n";
}

}  // namespace tally::cli
