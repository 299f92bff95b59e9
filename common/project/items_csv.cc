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
  return cell <= names_.size() ? "column '" + names_[cell - 1] + "'" : "column " + std::to_string(cell);
}

ItemsMistake ItemsReader::named(const CsvMistake& mistake) const {
  return {mistake.line, column_name(mistake.cell), mistake.what};
}

bool ItemsReader::is_reserved(std::string_view name) const {
  return name.starts_with(gold_column_prefix) ||
         name == (kind_ == ItemsKind::training ? explanation_column : answers_column);
}

Result<Done, ItemsMistake> ItemsReader::take_header(CsvRow row) {
  const auto mistake = [&row](std::size_t cell, std::string what) {
    return Unexpected{ItemsMistake{row.line, "column " + std::to_string(cell), std::move(what)}};
  };
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string& name = row.cells[i];
    if (auto objection = objection_to(name, limits_); !objection.empty()) return mistake(i + 1, std::move(objection));
    const bool is_double = std::find(names_.begin(), names_.end(), name) != names_.end();
    if (is_double) return mistake(i + 1, "the name '" + name + "' is there twice; give each column its own");
    names_.push_back(name);
    if (is_reserved(name)) continue;
    const std::string objection = objection_to_column_name(name);
    if (!objection.empty()) return mistake(i + 1, "the name in the first line " + objection);
    header_.push_back(name);
  }
  if (header_.empty() || header_.size() > columns_max) {
    return mistake(1, "the first line must name 1 to " + std::to_string(columns_max) + " columns");
  }
  return Done{};
}

Result<ItemsReader, ItemsMistake> ItemsReader::open(std::istream& in, ItemsLimits limits, ItemsKind kind) {
  ItemsReader reader(CsvRows(in, limits.row_bytes_max), limits, kind);
  auto row = reader.rows_.next();
  if (!row) return Unexpected{reader.named(row.error())};
  if (!*row) return Unexpected{ItemsMistake{1, "", "the file is empty; its first line must name the columns"}};
  if (auto fine = reader.take_header(std::move(**row)); !fine) return Unexpected{fine.error()};
  return reader;
}

std::string ItemsReader::take_cell(std::size_t at, std::string cell, ItemRow& row) const {
  const std::string& name = names_[at];
  Item& item = row.item;
  if (!is_reserved(name)) {
    item.values.push_back(std::move(cell));
  } else if (cell.empty()) {
    return {};
  } else if (name == explanation_column) {
    row.explanation = std::move(cell);
  } else if (name != answers_column) {
    item.gold.emplace(name.substr(gold_column_prefix.size()), std::move(cell));
  } else {
    const auto answers = whole_number_from(cell);
    if (!answers || *answers < 1 || *answers > redundancy_max) {
      return "must be a whole number from 1 to " + std::to_string(redundancy_max);
    }
    item.answers = static_cast<std::int32_t>(*answers);
  }
  return {};
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
  const std::size_t wanted = names_.size();
  if (csv.cells.size() != wanted) {
    const std::string hint = csv.cells.size() > wanted ? "; a cell with a comma in it must stand in quotes" : "";
    return Unexpected{ItemsMistake{
        csv.line, "", "the row has " + cells(csv.cells.size()) + ", the first line " + std::to_string(wanted) + hint}};
  }
  ItemRow found{csv.line, csv.offset, {}, {}};
  for (std::size_t i = 0; i < wanted; ++i) {
    if (auto objection = objection_to(csv.cells[i], limits_); !objection.empty()) {
      return Unexpected{ItemsMistake{csv.line, column_name(i + 1), std::move(objection)}};
    }
    if (auto objection = take_cell(i, std::move(csv.cells[i]), found); !objection.empty()) {
      return Unexpected{ItemsMistake{csv.line, column_name(i + 1), std::move(objection)}};
    }
  }
  return std::optional(std::move(found));
}

}  // namespace tally::project
