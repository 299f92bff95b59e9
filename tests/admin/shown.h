#pragma once

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "common/cli/program.h"
#include "tests/admin/made_project.h"

namespace tally::test {

// What a command prints of a made-up project.
template <class Show, class Wanted>
std::string shown_by(Show show, const MadeProject& project, const Wanted& wanted, std::size_t page = 50) {
  admin::Asker asker = asker_of(project, page);
  std::ostringstream out;
  show(
      asker, wanted, [](std::int64_t) {}, out);
  return out.str();
}

// Why it ends; that it does is checked.
template <class Command>
cli::Failure failure_of(Command command) {
  try {
    static_cast<void>(command());
  } catch (const cli::Failure& failure) {
    return failure;
  }
  FAIL("the command succeeded");
  return {};
}

}  // namespace tally::test
