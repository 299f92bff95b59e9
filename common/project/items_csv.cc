#include "common/project/items_csv.h"

#include <algorithm>

#include "common/forms/unicode.h"
#include "common/project/columns.h"
#include "schemas/ids.h"

namespace tally::project {
namespace {

// What is wrong with a cell's content; empty when nothing is.
std::string objection_to(const std::string& value, const ItemsLimits& limits) {
  if (value.size() > limits.cell_bytes_max) {
    return "the cell is over " + std::to_string(limits.cell_bytes_max) +
           " bytes; put the content elsewhere and link to it";
  }
  if (value.find('\0') != std::string::npos) return "a NUL byte; is this a text file, saved as UTF-8?";
  if (!forms::is_storable(value)) return "not UTF-8; save the file as \"CSV UTF-8\"";
  return {};
}

std::string cells(std::size_t count) { return std::to_string(count) + (count == 1 ? " cell" : " cells"); }

}  // namespace

std::string to_text(const ItemsMistake& mistake, std::string_view file) {
  return std::string(file) + ":" + std::to_string(mistake.line) + ": " +
         (mistake.column.empty() ? "" : mistake.column + ": ") + mistake.what;
}

std::string ItemsReader::column_name(std::size_t cell) const {
  if (cell == 0) return {};
  if (answers_at_ && cell - 1 == *answers_at_) return "column '" + std::string(answers_column) + "'";
  const std::size_t at = cell - 1 - (answers_at_ && cell - 1 > *answers_at_ ? 1 : 0);
  return at < header_.size() ? "column '" + header_[at] + "'" : "column " + std::to_string(cell);
}

ItemsMistake ItemsReader::named(const CsvMistake& mistake) const {
  return {mistake.line, column_name(mistake.cell), mistake.what};
}

Result<Done, ItemsMistake> ItemsReader::take_header(CsvRow row) {
  const auto mistake = [&row](std::size_t cell, std::string what) {
    return Unexpected{ItemsMistake{row.line, "column " + std::to_string(cell), std::move(what)}};
  };
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string& name = row.cells[i];
    if (auto objection = objection_to(name, limits_); !objection.empty()) return mistake(i + 1, std::move(objection));
    const bool is_answers = name == answers_column;
    const bool is_double =
        is_answers ? answers_at_.has_value() : std::find(header_.begin(), header_.end(), name) != header_.end();
    if (is_double) return mistake(i + 1, "the name '" + name + "' is there twice; give each column its own");
    if (is_answers) {
      answers_at_ = i;
      continue;
    }
    const std::string objection = objection_to_column_name(name);
    if (!objection.empty()) return mistake(i + 1, "the name in the first line " + objection);
    header_.push_back(name);
  }
  if (header_.empty() || header_.size() > columns_max) {
    return mistake(1, "the first line must name 1 to " + std::to_string(columns_max) + " columns");
  }
  return Done{};
}

Result<ItemsReader, ItemsMistake> ItemsReader::open(std::istream& in, ItemsLimits limits) {
  ItemsReader reader(CsvRows(in, limits.row_bytes_max), limits);
  auto row = reader.rows_.next();
  if (!row) return Unexpected{reader.named(row.error())};
  if (!*row) return Unexpected{ItemsMistake{1, "", "the file is empty; its first line must name the columns"}};
  if (auto fine = reader.take_header(std::move(**row)); !fine) return Unexpected{fine.error()};
  return reader;
}

Result<std::optional<ItemRow>, ItemsMistake> ItemsReader::next() {
  auto row = rows_.next();
  const bool is_end = row.has_value() && !row->has_value();
  if (is_end && !any_row_) {
    any_row_ = true;
    return Unexpected{ItemsMistake{1, "", "there is no row after the names of the columns"}};
  }
  any_row_ = true;
  if (!row) return Unexpected{named(row.error())};
  if (is_end) return std::optional<ItemRow>();

  CsvRow& csv = **row;
  const std::size_t wanted = header_.size() + (answers_at_ ? 1 : 0);
  if (csv.cells.size() != wanted) {
    const std::string hint = csv.cells.size() > wanted ? "; a cell with a comma in it must stand in quotes" : "";
    return Unexpected{ItemsMistake{
        csv.line, "", "the row has " + cells(csv.cells.size()) + ", the first line " + std::to_string(wanted) + hint}};
  }
  ItemRow found{csv.line, csv.offset, {}};
  for (std::size_t i = 0; i < wanted; ++i) {
    if (auto objection = objection_to(csv.cells[i], limits_); !objection.empty()) {
      return Unexpected{ItemsMistake{csv.line, column_name(i + 1), std::move(objection)}};
    }
    if (i != answers_at_) {
      found.item.values.push_back(std::move(csv.cells[i]));
    } else if (!csv.cells[i].empty()) {
      const auto answers = whole_number_from(csv.cells[i]);
      if (!answers || *answers < 1 || *answers > redundancy_max) {
        return Unexpected{ItemsMistake{csv.line, column_name(i + 1),
                                       "must be a whole number from 1 to " + std::to_string(redundancy_max)}};
      }
      found.item.answers = static_cast<std::int32_t>(*answers);
    }
  }
  return std::optional(std::move(found));
}

}  // namespace tally::project
