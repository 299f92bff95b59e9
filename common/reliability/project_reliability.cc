#include "common/reliability/project_reliability.h"

#include "common/forms/form.h"

namespace tally::reliability {
namespace {

// The label where there are labels; else all that matters is whether there is a value.
std::int32_t number_of(const FieldSpec& field, const FieldResult& result) {
  if (!has_value(result)) return unknown;
  return forms::labels_of(field) > 0 ? forms::label_of(field, result.value).value_or(unknown) : 0;
}

}  // namespace

ProjectTerms terms_of(ProjectId id, const ProjectSpec& spec, const Welcome& welcome) {
  return {id, spec.title, spec.reward + fee_on(spec.reward, welcome.fee_ppm), welcome.currency, spec.redundancy};
}

Asked asked_of(const ProjectTerms& terms, const Coverage& coverage) {
  return {terms.redundancy.confidence_ppm, coverage.answers_to_close().value_or(terms.redundancy.max), terms.price};
}

ProjectCounts::ProjectCounts(const ProjectSpec& spec) {
  for (const FieldSpec& field : spec.form) fields_.push_back({field, {}});
}

void ProjectCounts::add(const ResultRow& task) {
  coverage_.add(task.state, task.answers, task.audited_after, task.cost);
  for (Field& field : fields_) {
    const FieldResult* result = verdict_on(task, field.spec.name);
    const Judged judged = result == nullptr ? Judged{} : judged_of(*result, number_of(field.spec, *result));
    field.counts.add(judged, gold_on(field.spec, task), task.state == TaskState::open);
  }
}

std::vector<FieldReliability> ProjectCounts::fields(const ProjectTerms& terms) const {
  const Asked asked = asked_of(terms, coverage_);
  std::vector<FieldReliability> all;
  for (const Field& field : fields_) all.push_back(reliability_of(field.spec, field.counts, asked));
  return all;
}

}  // namespace tally::reliability
