#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

// Other people's programs, started as a user of lesser rights.
namespace tally::storage {

// Who a child runs as: everything a child needs to know, looked up before the fork.
struct ChildUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  bool change = false;  // We are root and become this user; otherwise it is who we are.
};

// When we are root: the user of this name; otherwise ourselves. Throws std::runtime_error when there is no such user,
// or it is root.
[[nodiscard]] ChildUser child_user(const std::string& name_when_root);

struct ChildSpec {
  ChildUser user;
  std::vector<std::string> command;  // Program by its path, then its arguments.
  std::filesystem::path folder;      // Where it starts.
  int output = -1;                   // File that its stdout and stderr go to.
  int parent_death_signal = 0;       // Sent to it when the *thread* that starts it ends. 0: none.
};

// Starts it in a session of its own, with a clean environment and signal mask. Throws std::runtime_error when it cannot
// fork; a program that cannot be executed ends with status 127.
[[nodiscard]] pid_t start_child(const ChildSpec& spec);

struct ChildResult {
  int status = 0;      // As of its exit; 128 + signal where it was killed.
  std::string output;  // stdout and stderr, the last 64 KiB.
};
// Runs it to its end.
[[nodiscard]] ChildResult run_child(ChildSpec spec);

// How the child ended, when it has.
[[nodiscard]] std::optional<int> status_of(pid_t child);

// The first folder of this path, from the root down, that the user may not enter; empty when there is none.
[[nodiscard]] std::filesystem::path first_closed_folder(const ChildUser& user, const std::filesystem::path& path);

}  // namespace tally::storage
