#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/project_spec.h"

// Whether what a project asks of its workers can be asked: the part of check_spec() about qualifications, standing and
// training. An objection is what is wrong; empty when nothing is.
namespace tally::project {

inline constexpr std::int64_t judged_min_max = 1'000'000'000;
inline constexpr std::int64_t gold_after_max = 1'000'000;
inline constexpr std::int64_t training_rounds_max = 20;
inline constexpr std::size_t explanation_bytes_max = 2'000;
inline constexpr std::size_t training_bytes_max = 200'000;  // Values, what is right, and explanations together.

[[nodiscard]] std::string objection_to_requirements(const Requirements& require);
// REQUIRES a spec whose form and columns were found to be right.
[[nodiscard]] std::string objection_to_training(const ProjectSpec& spec);
// Of one task alone; it does not say which. REQUIRES the same.
[[nodiscard]] std::string objection_to_training_task(const ProjectSpec& spec, const TrainingTask& task);

}  // namespace tally::project
