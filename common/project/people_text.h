#pragma once

#include <string>
#include <vector>

#include "schemas/project_spec.h"

// What a project asks of its workers, in words: for the requester before posting, and for the worker before work.
namespace tally::project {

// One text for each thing that is asked, without a full stop; none where everybody may work.
[[nodiscard]] std::vector<std::string> texts_of(const Requirements& require);
// "5 tasks, unpaid; 4 right pass; at most 2 rounds; …"; empty where there is none. Asks only how many tasks there are.
[[nodiscard]] std::string text_of(const Training& training);

}  // namespace tally::project
