#include "common/aggregation/online/part_skills.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tally::aggregation {
namespace {

constexpr std::size_t counts_told_max = 200'000;  // Of all fields.

void keep_the_busiest(std::vector<SkillRow>& workers, std::size_t most) {
  if (workers.size() <= most) return;
  std::vector<std::pair<std::int64_t, std::size_t>> by_weight;  // The heaviest first; of equals the first account.
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const std::vector<std::int64_t>& counts = workers[i].counts;
    by_weight.emplace_back(-std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), i);
  }
  std::sort(by_weight.begin(), by_weight.end());
  by_weight.resize(most);
  std::vector<SkillRow> kept;
  kept.reserve(most);
  for (const auto& [weight, place] : by_weight) kept.push_back(std::move(workers[place]));
  std::sort(kept.begin(), kept.end(), [](const SkillRow& a, const SkillRow& b) { return a.worker < b.worker; });
  workers = std::move(kept);
}

}  // namespace

void begin_skills(const ProjectSpec& spec, LabelsOf labels_of, ModelsByField& models, ClaimsByField& claims) {
  if (!spec.redundancy.is_by_skill()) return;
  for (std::size_t i = 0; i < spec.form.size(); ++i) {
    const std::int32_t labels = labels_of(spec.form[i]);
    if (labels == 0) continue;
    const auto field_no = static_cast<std::int32_t>(i);
    models.emplace(field_no, LabelModel(labels));
    claims.try_emplace(field_no);
  }
}

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
    const auto labels = static_cast<std::size_t>(model.labels());
    keep_the_busiest(learned.workers, std::min(workers_max, counts_told_max / models.size() / ((labels + 1) * labels)));
    all.push_back(std::move(learned));
  }
  return all;
}

std::optional<SkillRow> row_from_standing(AccountId worker, const Standing& standing, std::int32_t labels) {
  // One pseudo-answer for each five that were judged, and not more than eight.
  constexpr std::int64_t judged_each = 5;
  constexpr std::int64_t pseudo_answers_max = 8;
  // What a worker agrees with before anything was judged, as four answers.
  constexpr std::int64_t usual_percent = 70;
  const std::int64_t answers = std::min(standing.judged / judged_each, pseudo_answers_max);
  if (answers == 0) return std::nullopt;
  const auto count = static_cast<std::size_t>(labels);
  const std::int64_t of_label = answers * whole_share / labels;
  const std::int64_t agreed = of_label * (standing.agreed * 100 + 4 * usual_percent) / ((standing.judged + 4) * 100);
  const std::int64_t others = labels == 1 ? 0 : (of_label - agreed) / (labels - 1);
  SkillRow row{worker, std::vector<std::int64_t>((count + 1) * count)};
  for (std::size_t label = 0; label < count; ++label) {
    for (std::size_t given = 0; given < count; ++given) {
      row.counts[given * count + label] = given == label ? agreed : others;
      row.counts[count * count + label] += row.counts[given * count + label];
    }
  }
  return row;
}

}  // namespace tally::aggregation
