#pragma once

#include <iosfwd>
#include <string>

#include "admin/asker.h"
#include "admin/form.h"

// What workers are qualified for, and how they stand.
namespace tally::admin {

struct GrantWanted {
  std::string account;
  std::string name;
  std::string score = "100";
};
// The same again changes nothing.
void grant(Asker& asker, const GrantWanted& wanted, std::ostream& out);
void revoke(Asker& asker, const std::string& account, const std::string& name, std::ostream& out);

struct QualifiedWanted {
  std::string name;  // Empty: all.
  Form form;
};
// A row for each qualification that somebody holds.
void show_qualified(Asker& asker, const QualifiedWanted& wanted, std::ostream& out);

struct StandingWanted {
  std::string account;
  std::string project;  // Empty: none.
  Form form;
};
void show_standing(Asker& asker, const StandingWanted& wanted, std::ostream& out);

}  // namespace tally::admin
