#include "common/cli/figure_rows.h"

namespace tally::cli {

FigureWriter::FigureWriter(std::ostream& out, RowFormat format) : out_(out), format_(format), csv_(out, format) {
  if (format == RowFormat::csv) csv_.header({"about", "field", "figure", "value"});
}

void FigureWriter::write(const std::string& about, const std::string& field, const Figures& figures) {
  if (format_ == RowFormat::csv) {
    for (const auto& [name, value] : figures) csv_.row({about, field, name, value});
    return;
  }
  std::vector<std::string> names{"about"};
  std::vector<Cell> cells{about};
  if (!field.empty()) {
    names.emplace_back("field");
    cells.emplace_back(field);
  }
  for (const auto& [name, value] : figures) {
    names.push_back(name);
    cells.push_back(value);
  }
  RowWriter object(out_, format_);
  object.header(std::move(names));
  object.row(cells);
}

}  // namespace tally::cli
