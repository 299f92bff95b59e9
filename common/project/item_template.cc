#include "common/project/item_template.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/base/assert.h"
#include "common/project/columns.h"
#include "common/project/nearest.h"

namespace tally::project {
namespace {

constexpr std::size_t literal = static_cast<std::size_t>(-1);

// A run of the template's own text, or a column.
struct Piece {
  std::string_view text;
  std::size_t column = literal;
};

struct Mistake {
  std::string text;
  std::string missing = {};  // The column that is not there, when that is the mistake.
};

std::string at_line(std::string_view before) {
  return "template, line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1) + ": ";
}

std::size_t column_named(std::string_view name, std::span<const ColumnSpec> columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return literal;
}

std::string unknown_column(std::string_view name, std::span<const ColumnSpec> columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const ColumnSpec& column : columns) names.push_back(column.name);
  return "there is no column '" + std::string(name.substr(0, 100)) + "'" + did_you_mean(name, names);
}

// The one reading of a template, for the check and for showing.
Result<std::vector<Piece>, Mistake> pieces_of(std::string_view text, std::span<const ColumnSpec> columns) {
  std::vector<Piece> pieces;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t dollar = std::min(text.find('$', at), text.size());
    if (dollar > at) pieces.push_back({text.substr(at, dollar - at)});
    if (dollar == text.size()) break;
    const std::string_view rest = text.substr(dollar + 1);
    if (rest.starts_with('$')) {
      pieces.push_back({"$"});
      at = dollar + 2;
      continue;
    }
    if (!rest.starts_with('{')) {
      return Unexpected{
          Mistake{at_line(text.substr(0, dollar)) + "a $ that is not ${column}; write $$ for a dollar sign"}};
    }
    const std::size_t end = rest.find_first_of("}\n");
    if (end == std::string_view::npos || rest[end] == '\n') {
      return Unexpected{Mistake{at_line(text.substr(0, dollar)) + "a ${ without its }"}};
    }
    const std::string_view name = rest.substr(1, end - 1);
    const std::size_t column = column_named(name, columns);
    if (column == literal) {
      return Unexpected{Mistake{at_line(text.substr(0, dollar)) + unknown_column(name, columns), std::string(name)}};
    }
    pieces.push_back({{}, column});
    at = dollar + 1 + end + 1;
  }
  return pieces;
}

std::string shown(const ColumnSpec& column, const std::string& value) {
  if (column.kind == ColumnKind::text) return value;
  return "[" + std::string(name_of(column.kind)) + "] " + value;
}

}  // namespace

Result<Done, std::string> check_template(std::string_view text, std::span<const ColumnSpec> columns) {
  const auto pieces = pieces_of(text, columns);
  if (!pieces) return Unexpected{pieces.error().text};
  return Done{};
}

std::optional<std::string> missing_column(std::string_view text, std::span<const ColumnSpec> columns) {
  const auto pieces = pieces_of(text, columns);
  // What no column can be called is a mistake of the template.
  if (pieces || !objection_to_column_name(pieces.error().missing).empty()) return std::nullopt;
  return pieces.error().missing;
}

std::string render_template(std::string_view text, std::span<const ColumnSpec> columns,
                            std::span<const std::string> values) {
  TALLY_ASSERT(columns.size() == values.size());
  std::string rendered;
  if (text.empty()) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      rendered += columns[i].name + ": " + shown(columns[i], values[i]) + "\n";
    return rendered;
  }
  const auto pieces = pieces_of(text, columns);
  TALLY_ASSERT(pieces.has_value());
  for (const Piece& piece : *pieces) {
    if (piece.column == literal) {
      rendered += piece.text;
    } else {
      rendered += shown(columns[piece.column], values[piece.column]);
    }
  }
  return rendered;
}

}  // namespace tally::project
