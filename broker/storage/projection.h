#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "broker/storage/array.h"
#include "broker/storage/connection.h"
#include "broker/storage/store.h"

// From records to rows: what the tables beside the journal get of a group.
namespace tally::storage {

// One statement with its rows. Where `each` is set it must hit as many rows as it was given: a row that finds nothing
// to refer to is a definite error.
struct Write {
  const Statement* statement;
  std::vector<std::string> parameters;
  std::size_t rows = 0;
  bool each = true;
};

// In the order in which they are to run; only those with rows. Pure.
[[nodiscard]] std::vector<Write> writes_of(const Group& group);

// The money that a mail carries.
[[nodiscard]] Micros amount_of(const Mail& mail);

}  // namespace tally::storage
