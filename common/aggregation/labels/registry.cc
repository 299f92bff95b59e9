#include <algorithm>
#include <array>

#include "common/aggregation/labels/method.h"

namespace tally::aggregation::labels {

extern const Method pooled_method;
extern const Method majority_method;
extern const Method wawa_method;
extern const Method zero_based_skill_method;
extern const Method gold_majority_method;
extern const Method one_coin_method;
extern const Method dawid_skene_method;
extern const Method glad_method;
extern const Method mace_method;
extern const Method m_msr_method;

Methods<Method> methods() {
  static constexpr std::array all{
      &pooled_method,        &majority_method, &wawa_method,        &zero_based_skill_method,
      &gold_majority_method, &one_coin_method, &dawid_skene_method, &glad_method,
      &mace_method,          &m_msr_method};
  return Methods<Method>(all);
}

bool fits(const AnswerTable& answers, const Method& method) {
  const std::int64_t labels = answers.labels();
  if (labels * answers.tasks() > cells_max) return false;
  return !method.has_confusion || labels * labels <= cells_max / std::max(answers.workers(), 1);
}

}  // namespace tally::aggregation::labels
