#pragma once

#include <filesystem>

namespace tally::storage {

// The folder with initdb and postgres: the one given, or that of pg_config, or the newest that Debian has; of the
// version that made `data`, where that exists. Throws std::runtime_error that says what to install.
[[nodiscard]] std::filesystem::path find_postgres_programs(const std::filesystem::path& given,
                                                           const std::filesystem::path& data);

}  // namespace tally::storage
