#pragma once

#include <filesystem>
#include <string>

#include "common/base/result.h"
#include "common/net/client.h"
#include "common/net/keys.h"
#include "schemas/ids.h"
#include "schemas/roles.h"
#include "schemas/time.h"

// Who the user of a client program is: the one file that must not be lost, and must not be read by others.
namespace tally::cli {

struct KeyFile {
  std::string host;  // Without brackets.
  int port = 0;      // Of the broker's main socket; 0 until joined.
  int enrolment_port = 0;
  std::string server_key;  // 32 bytes.
  net::KeyPair keys;
  AccountId account;  // 0 until joined.
  Role role = Role::worker;
  std::string display_name;
};

// $TALLY_HOME, or ~/.tally.
[[nodiscard]] std::filesystem::path tally_home();
// The file of a profile in there: worker.toml, requester.toml, admin.toml unless the user names another profile.
[[nodiscard]] std::filesystem::path key_file_path(const std::string& profile);

// The error says what is wrong and what to do: missing (join first), damaged (line), readable by others (chmod).
[[nodiscard]] Result<KeyFile, std::string> load_key_file(const std::filesystem::path& path);
// Mode 0600, in a folder that is made with mode 0700 if need be; whole and on the disk, or not at all. Throws
// std::runtime_error when it cannot be written.
void save_key_file(const std::filesystem::path& path, const KeyFile& file);

[[nodiscard]] net::ConversationConfig conversation_config(const KeyFile& file);

// Makes a key, stores it (before anything is sent: a key that was enrolled is never lost), enrols it with the
// invitation's code, and stores what came back. The same line again after an interruption goes on with the same key. An
// existing file of another account is never overwritten: the error says which profile to name. `role`: what the
// program is for; an invitation to another role is carried out all the same (its code is spent), and the error names
// the right program and, where the file could not get that program's usual name, the profile. Throws net::Unreachable
// after `give_up` without a connection; std::runtime_error when the file cannot be written.
[[nodiscard]] Result<KeyFile, std::string> join(const net::Network& network, const std::string& invitation_line,
                                                const std::filesystem::path& path, Role role,
                                                Duration give_up = Duration{30'000});

// Which program a role uses: tally-worker, tally-requester, tally-admin.
[[nodiscard]] std::string program_of(Role role);

}  // namespace tally::cli
