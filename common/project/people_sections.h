#pragma once

#include <string>

#include "common/project/toml_section.h"
#include "schemas/project_spec.h"

// What a project file says of the people: [require] and [training].
namespace tally::project {

[[nodiscard]] Requirements requirements_in(TomlSection& top, TomlSource& source);

// Fills in all but the tasks; gives the name of the file that holds these. Empty: there is no training.
[[nodiscard]] std::string training_in(TomlSection& top, TomlSource& source, Training& training);

}  // namespace tally::project
