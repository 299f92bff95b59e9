#pragma once

#include <string>

#include "schemas/project_spec.h"

namespace tally::admin::quality {

// The policy that "min=3,max=7,quorum=2", "min=3,max=7,theta=0.99" or "max=9,confidence=0.95" asks for; what is left
// out is as in the project, but for theta and confidence, which are then not asked for. Fails (cli::Failure) where it
// cannot be meant, or the project could not have it.
[[nodiscard]] Redundancy redundancy_from(const std::string& text, const ProjectSpec& spec);

// "min=3,max=7,quorum=2,confidence=0.95"
[[nodiscard]] std::string to_words(const Redundancy& redundancy);

}  // namespace tally::admin::quality
