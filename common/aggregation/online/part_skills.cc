#include "common/aggregation/online/part_skills.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tally::aggregation {
namespace {

void keep_the_busiest(std::vector<SkillRow>& workers, std::size_t most) {
  if (workers.size() <= most) return;
  const auto weight = [](const SkillRow& row) {
    return std::accumulate(row.counts.begin(), row.counts.end(), std::int64_t{0});
  };
  std::stable_sort(workers.begin(), workers.end(),
                   [&](const SkillRow& a, const SkillRow& b) { return weight(a) > weight(b); });
  workers.resize(most);
  std::sort(workers.begin(), workers.end(), [](const SkillRow& a, const SkillRow& b) { return a.worker < b.worker; });
}

}  // namespace

void tell_all(ModelsByField& models, ClaimsByField& claims, const ProjectKnown& before, const ProjectKnown& now) {
  for (const FieldSkill& skill : before.skills) models.at(skill.field).tell(skill, -1);
  for (const FieldSkill& skill : now.skills) {
    models.at(skill.field).tell(skill);
    claims.at(skill.field).tell(skill.gold, skill.audited);
  }
}

std::vector<FieldSkill> all_learned(const ModelsByField& models, const ClaimsByField& claims, std::size_t workers_max) {
  std::vector<FieldSkill> all;
  for (const auto& [field_no, model] : models) {
    FieldSkill learned = model.learned();
    learned.field = field_no;
    learned.gold = claims.at(field_no).own().gold;
    learned.audited = claims.at(field_no).own().audited;
    keep_the_busiest(learned.workers, workers_max);
    all.push_back(std::move(learned));
  }
  return all;
}

}  // namespace tally::aggregation
