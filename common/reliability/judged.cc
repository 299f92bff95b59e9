#include "common/reliability/judged.h"

#include <algorithm>

#include "common/aggregation/skill.h"
#include "common/forms/form.h"

namespace tally::reliability {

const FieldResult* verdict_on(const ResultRow& task, const std::string& field) {
  const auto found = std::find_if(task.judged.begin(), task.judged.end(),
                                  [&](const FieldResult& result) { return result.field == field; });
  return found == task.judged.end() ? nullptr : &*found;
}

bool has_value(const FieldResult& result) { return result.settled || !result.value.empty(); }

Judged judged_of(const FieldResult& result, std::int32_t value) {
  return {value, result.settled, result.method == aggregation::skill_method, result.confidence_ppm,
          result.posterior_ppm};
}

std::int32_t gold_on(const FieldSpec& field, const ResultRow& task) {
  const auto gold = task.gold.find(field.name);
  if (forms::labels_of(field) == 0 || gold == task.gold.end() || gold->second.empty()) return unknown;
  return forms::label_of(field, gold->second).value_or(unknown);
}

}  // namespace tally::reliability
