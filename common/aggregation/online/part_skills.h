#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "common/aggregation/online/field_claims.h"
#include "common/aggregation/online/label_model.h"
#include "schemas/records/task_part.h"
#include "schemas/standing.h"

// What the models of a part learn, and what they are told of other parts. Pure; core and auditor do the same with it.
namespace tally::aggregation {

using ModelsByField = std::map<std::int32_t, LabelModel>;

// What other parts learned, in place of what was told before.
void tell_all(ModelsByField& models, ClaimsByField& claims, const ProjectKnown& before, const ProjectKnown& now);

// What was learned here, by field. Of at most `workers_max` workers a field: those with the most answers.
[[nodiscard]] std::vector<FieldSkill> all_learned(const ModelsByField& models, const ClaimsByField& claims,
                                                  std::size_t workers_max);

// What may be said of a worker who is new to a project, from what the answers to others came to: a few pseudo-answers,
// as right as those were. Nothing: too few were judged.
[[nodiscard]] std::optional<SkillRow> row_from_standing(AccountId worker, const Standing& standing,
                                                        std::int32_t labels);

}  // namespace tally::aggregation
