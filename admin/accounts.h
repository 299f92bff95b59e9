#pragma once

#include <iosfwd>
#include <string>

#include "admin/asker.h"
#include "common/cli/pending_key.h"

// People and projects.
namespace tally::admin {

// `out` is what a program may read, `info` what a person wants to know besides.
struct Streams {
  std::ostream& out;
  std::ostream& info;
};

struct AccountsWanted {
  std::string role;  // Empty: all.
};
void show_accounts(Asker& asker, const AccountsWanted& wanted, std::ostream& out);

struct InviteWanted {
  std::string role;
  std::string name;
  std::string account;  // Of a lost key, instead of role and name.
  std::string valid = "7d";
};
// Prints the invitation's line alone on `out`.
void invite(Asker& asker, const InviteWanted& wanted, const cli::KeySource& keys, Streams streams);

void suspend(Asker& asker, const std::string& account, bool suspended, const std::string& reason, std::ostream& out);

void show_projects(Asker& asker, std::ostream& out);

}  // namespace tally::admin
