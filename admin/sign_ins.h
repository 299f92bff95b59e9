#pragma once

#include <iosfwd>
#include <string>

#include "admin/asker.h"

// Who acts for an account by the pages: the browsers that are signed in as it.
namespace tally::admin {

void show_sign_ins(Asker& asker, const std::string& account, std::ostream& out);

// `number`: one of them, as show_sign_ins() shows it; empty: all.
void end_sign_ins(Asker& asker, const std::string& account, const std::string& number, std::ostream& out);

}  // namespace tally::admin
