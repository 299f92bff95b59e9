#pragma once

#include <filesystem>
#include <string>

namespace tally::cli {

// Writes a file of mode 0600, on disk when this returns, whole or not at all: an older file of that name stays until
// then. Throws std::runtime_error, naming the file and the reason.
void write_whole_file(const std::filesystem::path& path, const std::string& content);

}  // namespace tally::cli
