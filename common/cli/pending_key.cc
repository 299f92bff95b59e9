#include "common/cli/pending_key.h"

#include <fstream>
#include <iostream>

#include "common/base/digest.h"
#include "common/cli/program.h"
#include "common/cli/whole_file.h"

namespace tally::cli {
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
  key_ = new_command_key();
  write_whole_file(path_, key_ + '\n');
}

void PendingKey::settle() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

PendingKey pending_key_of(Program& program, const std::vector<std::string>& words) {
  // The same words of the same account to the same broker are the same command.
  const KeyFile& who = program.key_file();
  std::string command = who.server_key + std::to_string(who.account.value);
  for (const std::string& word : words) command += '\n' + std::to_string(word.size()) + ':' + word;
  PendingKey key(tally_home() / "pending", command);
  if (key.is_resumed()) std::cerr << "An earlier try of this very command did not end: it goes on.\n";
  return key;
}

}  // namespace tally::cli
