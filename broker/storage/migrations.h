#pragma once

#include <span>
#include <string_view>

namespace tally::storage {

struct SqlFile {
  std::string_view name;  // 0001_parts_and_journal.sql
  std::string_view text;
};

// The files of schemas/sql, by name. Made by cmake/EmbedSql.cmake.
[[nodiscard]] std::span<const SqlFile> sql_files();

}  // namespace tally::storage
