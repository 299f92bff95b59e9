#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/cli/program.h"

// The key of a command that must not be carried out twice, kept on disk from before it is sent until its outcome is
// known: a command that was interrupted (no broker, Ctrl-C, a power cut) and is given again in the same words goes on
// under the same key, and the broker does it once.
namespace tally::cli {

class PendingKey {
 public:
  // `folder`: made when missing, mode 0700. `command`: the words that tell this command from others, account and
  // broker included. Throws std::runtime_error when the key cannot be kept.
  PendingKey(const std::filesystem::path& folder, const std::string& command);

  [[nodiscard]] const std::string& key() const { return key_; }
  // An earlier run left it: that command may have been carried out already.
  [[nodiscard]] bool is_resumed() const { return is_resumed_; }
  // The outcome is known: the same words are a new command from now on.
  void settle();

 private:
  std::filesystem::path path_;
  std::string key_;
  bool is_resumed_ = false;
};

// The key of a command that this program is told in these words, the command's name among them. Says on stderr when an
// earlier try goes on.
[[nodiscard]] PendingKey pending_key_of(Program& program, const std::vector<std::string>& words);

// Makes the key of a command once its arguments are known to be good, so that a typing error leaves nothing behind.
using KeySource = std::function<PendingKey()>;

}  // namespace tally::cli
