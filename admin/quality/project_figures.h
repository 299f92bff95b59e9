#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/quality/claim_figures.h"
#include "admin/quality/collected.h"
#include "admin/quality/proof.h"
#include "admin/quality/refit.h"

// How good a project's results are.
namespace tally::admin::quality {

// What is to be known of a project beside its results.
struct ProjectTerms {
  ProjectId id;
  Micros price;          // Of an answer, with its fee.
  std::string currency;  // A label; may be empty.
};

struct Coverage {
  std::int64_t tasks = 0;
  std::array<std::int64_t, EnumNames<TaskState>::names.size()> of_state{};
  std::int64_t answers = 0;
  std::int64_t left_out = 0;
  std::int64_t workers = 0;
  Micros cost;

  [[nodiscard]] std::int64_t count(TaskState state) const { return of_state[static_cast<std::size_t>(state)]; }
  [[nodiscard]] double answers_a_task() const {
    return tasks == 0 ? 0 : static_cast<double>(answers) / static_cast<double>(tasks);
  }
};

struct FieldFigures {
  std::string name;
  std::string type;
  std::int64_t values = 0;    // Verdicts with a value.
  std::int64_t settled = 0;   // Of them.
  std::int64_t distinct = 0;  // Values that were given.
  // See common/aggregation/metrics. Alpha is that for numbers where the field is one.
  std::optional<double> agreement;
  std::optional<double> entropy_bits;
  std::optional<double> alpha;
  std::int64_t gold = 0;  // Tasks whose truth is known.
  Proof proof;
  std::optional<ClaimFigures> claims;
  std::optional<Reach> reach;
  std::optional<Refit> refit;
};

[[nodiscard]] Coverage coverage_of(const Collected& collected);
[[nodiscard]] FieldFigures field_figures(const Collected& collected, const FieldAnswers& field, Micros price);

}  // namespace tally::admin::quality
