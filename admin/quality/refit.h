#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "admin/quality/collected.h"

// What all answers at once say, after the fact.
namespace tally::admin::quality {

struct Refit {
  std::string_view method;
  std::int64_t compared = 0;  // Tasks with a value and no gold: what is known needs no estimate.
  std::int64_t differs = 0;   // Of them: where another label is believed most.
};

// By the method that labels prefer, with the gold. Nothing where the field has no labels, or the project is too large
// for the method. Takes seconds for a million answers.
[[nodiscard]] std::optional<Refit> refit_of(const Collected& collected, const FieldAnswers& field);

}  // namespace tally::admin::quality
