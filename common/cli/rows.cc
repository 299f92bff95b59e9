#include "common/cli/rows.h"

#include <cmath>
#include <ostream>

#include <nlohmann/json.hpp>

#include "common/base/assert.h"
#include "common/cli/csv_writer.h"

namespace tally::cli {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

Json json_of(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return *whole;
  if (const auto* number = std::get_if<double>(&cell)) return rounded(*number);
  return nullptr;
}

std::string text_of(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (std::holds_alternative<std::monostate>(cell)) return "";
  return json_of(cell).dump();
}

}  // namespace

Cell cell_if(bool is_known, Cell value) {
  if (!is_known) return {};
  return value;
}

void RowWriter::header(std::vector<std::string> names) {
  names_ = std::move(names);
  if (format_ == RowFormat::csv) CsvWriter(out_).row(names_);
}

void RowWriter::row(const std::vector<Cell>& cells) {
  TALLY_ASSERT(cells.size() == names_.size());
  if (format_ == RowFormat::csv) {
    std::vector<std::string> texts;
    texts.reserve(cells.size());
    for (const Cell& cell : cells) texts.push_back(text_of(cell));
    CsvWriter(out_).row(texts);
    return;
  }
  Json object = Json::object();
  for (std::size_t i = 0; i < cells.size(); ++i) object[names_[i]] = json_of(cells[i]);
  // Names come from a file, which may hold bytes that are not UTF-8.
  out_ << object.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace tally::cli
