#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally::project {

// "; did you mean 'reward'?" for the known name nearest to a wrong one, at most half of its letters and three away;
// empty when none is. Of equally near ones, the first.
[[nodiscard]] std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace tally::project
