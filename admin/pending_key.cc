#include "admin/pending_key.h"

#include <fstream>
#include <stdexcept>

#include "admin/whole_file.h"
#include "common/base/digest.h"
#include "common/cli/program.h"

namespace tally::admin {
namespace {

bool is_key(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

PendingKey::PendingKey(const std::filesystem::path& folder, const std::string& command)
    : path_(folder / ("command-" + hex_of(sha256(command)).substr(0, 32))) {
  if (std::ifstream file(path_); file >> key_ && is_key(key_)) {
    is_resumed_ = true;
    return;
  }
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  key_ = cli::new_command_key();
  write_whole_file(path_, key_ + '\n');
}

void PendingKey::settle() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace tally::admin
