#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "schemas/project_spec.h"
#include "schemas/time.h"
#include "tools/sim/random.h"

// The work that there is in a simulated world: projects of several forms, and what is true in them.
namespace tally::sim {

// What everybody may read of the projects that were announced.
using NoticeBoard = std::map<ProjectId, ProjectSpec>;

// What an admin grants, a training round and a rule of the broker's configuration: projects ask for them.
inline constexpr const char* granted_qualification = "birds";
inline constexpr const char* trained_qualification = "trained";
inline constexpr const char* ruled_qualification = "veteran";

// `now`: a deadline lies some minutes later.
[[nodiscard]] ProjectSpec random_spec(Random& random, Time now);
// What is known of an item; mostly nothing.
[[nodiscard]] std::map<std::string, std::string> gold_of(const ProjectSpec& spec, std::int64_t item_no);

// What is posted as an item, and which item a worker sees. REQUIRES values that were posted so.
[[nodiscard]] std::vector<std::string> values_of(std::int64_t item_no);
[[nodiscard]] std::int64_t item_in(const std::vector<std::string>& values);
// The right answer to an item, which honest workers give; every other `shade` is a wrong one that its givers agree on.
[[nodiscard]] AnswerValues answer_to(const ProjectSpec& spec, ProjectId project, std::int64_t item_no,
                                     std::uint64_t shade = 0);

}  // namespace tally::sim
