#pragma once

#include <optional>

#include <CLI/CLI.hpp>

#include "common/cli/rows.h"

namespace tally::admin {

// For people, or for programs.
struct Form {
  bool json = false;
  bool csv = false;

  // Nothing: for people. Fails (cli::Failure) where both are wanted.
  [[nodiscard]] std::optional<cli::RowFormat> rows() const;
};

// The options that choose; the form must outlive the command.
void add_form(CLI::App& command, Form& form);

}  // namespace tally::admin
