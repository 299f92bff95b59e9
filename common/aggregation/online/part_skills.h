#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "common/aggregation/online/field_claims.h"
#include "common/aggregation/online/label_model.h"
#include "schemas/project_spec.h"
#include "schemas/records/task_part.h"
#include "schemas/standing.h"

// What the models of a part learn, and what they are told of other parts. Pure; core and auditor do the same with it.
namespace tally::aggregation {

using ModelsByField = std::map<std::int32_t, LabelModel>;

// Of a part in which nothing was answered yet: a model and claims for each field of the form that has labels, where the
// project weighs answers by skill. `labels_of`: the number of a field's labels, 0: it has none.
using LabelsOf = std::int32_t (*)(const FieldSpec& field);
void begin_skills(const ProjectSpec& spec, LabelsOf labels_of, ModelsByField& models, ClaimsByField& claims);

// What other parts learned, in place of what was told before.
void tell_all(ModelsByField& models, ClaimsByField& claims, const ProjectKnown& before, const ProjectKnown& now);

// So many workers of a field a part tells of at most, and fewer where labels or fields are many: what it tells is a
// message and not a flood.
inline constexpr std::size_t workers_told_max = 4'000;
// What was learned here, by field: of those workers with the most answers.
[[nodiscard]] std::vector<FieldSkill> all_learned(const ModelsByField& models, const ClaimsByField& claims,
                                                  std::size_t workers_max = workers_told_max);

// What may be said of a worker who is new to a project, from what the answers to others came to: a few pseudo-answers,
// as right as those were. Nothing: too few were judged.
[[nodiscard]] std::optional<SkillRow> row_from_standing(AccountId worker, const Standing& standing,
                                                        std::int32_t labels);

}  // namespace tally::aggregation
