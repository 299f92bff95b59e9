#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <sys/types.h>
#include <vector>

// What a broker that was killed may have left running.
namespace tally::storage {

// Processes named postgres that run in this data folder. Looked up by what they are (/proc), never by a number in a
// file, which may be another process's by now.
[[nodiscard]] std::vector<pid_t> postgres_in(const std::filesystem::path& data_folder);

// Ends them: a fast shutdown first, then an immediate one, then by force. Returns when none is left; throws
// std::runtime_error when one cannot be ended. REQUIRES: we hold the folder's lock, so that no living broker needs
// them.
void end_postgres_in(const std::filesystem::path& data_folder, const std::function<void(std::string_view)>& log);

}  // namespace tally::storage
