#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/reliability/project_reliability.h"

// How reliable a project's results are, as people read it. Safe for the terminal.
namespace tally::cli {

[[nodiscard]] std::string right_of(const reliability::Proof& proof);  // "47 of 50"
// "94.0% (83.7% to 97.9%)"; empty where nothing was counted.
[[nodiscard]] std::string share_with_interval(std::int64_t part, std::int64_t whole,
                                              const aggregation::metrics::Interval& interval);

// How the tasks ended, the answers, what they cost.
[[nodiscard]] std::string coverage_text(const reliability::ProjectTerms& terms, const reliability::Coverage& coverage);

// For lines_of(): a name and what it is.
using NamedLines = std::vector<std::pair<std::string, std::string>>;

// What gold proves, what is expected, and whether what was asked for can be claimed.
[[nodiscard]] NamedLines reliability_lines(const reliability::ProjectTerms& terms,
                                           const reliability::FieldReliability& field);
// A blank line, and which field it is.
[[nodiscard]] std::string field_heading(const reliability::FieldReliability& field);
// "400, 0 of them settled"
[[nodiscard]] std::string verdicts_text(const reliability::FieldReliability& field);
// The bins of claims; empty where there are none.
[[nodiscard]] std::string claims_text(const reliability::FieldReliability& field);

// All of it, for a project whose answers were not read.
[[nodiscard]] std::string reliability_text(const reliability::ProjectTerms& terms,
                                           const reliability::ProjectCounts& counts);
// The same in a few lines, to stand behind its results.
[[nodiscard]] std::string reliability_summary(const reliability::ProjectTerms& terms,
                                              const reliability::ProjectCounts& counts);

}  // namespace tally::cli
