#include "common/project/columns.h"

#include <algorithm>

#include "common/forms/unicode.h"

namespace tally::project {

std::string objection_to_column_name(std::string_view name) {
  if (!forms::is_one_line(name)) return "is not one line of UTF-8 text";
  if (forms::is_blank(name)) return "is empty";
  if (name.size() > column_name_bytes_max) return "is over " + std::to_string(column_name_bytes_max) + " bytes";
  if (name.front() == ' ' || name.back() == ' ') return "has a space at its end or beginning; take it away";
  if (name.front() == '_') return "begins with _, which is kept for columns like _answers";
  if (name.find_first_of("${}") != std::string_view::npos)
    return "has a $, { or } in it, which a template could not name";
  return {};
}

Result<Done, std::string> fit_columns(ProjectSpec& spec, const std::vector<std::string>& header) {
  for (const ColumnSpec& column : spec.columns) {
    if (std::find(header.begin(), header.end(), column.name) != header.end()) continue;
    return Unexpected{column.name};
  }
  std::vector<ColumnSpec> columns;
  columns.reserve(header.size());
  for (const std::string& name : header) {
    const auto is_it = [&name](const ColumnSpec& column) { return column.name == name; };
    const auto found = std::find_if(spec.columns.begin(), spec.columns.end(), is_it);
    columns.push_back({name, found == spec.columns.end() ? ColumnKind::text : found->kind});
  }
  spec.columns = std::move(columns);
  return Done{};
}

}  // namespace tally::project
