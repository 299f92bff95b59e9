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

namespace {

constexpr std::array<const Method*, 10> methods{
    &pooled_method,        &majority_method, &wawa_method,        &zero_based_skill_method,
    &gold_majority_method, &one_coin_method, &dawid_skene_method, &glad_method,
    &mace_method,          &m_msr_method,
};

}  // namespace

std::span<const Method* const> all_methods() { return methods; }

const Method& default_method() { return *methods.front(); }

const Method* find_method(std::string_view name) {
  for (const Method* method : methods) {
    if (method->name == name) return method;
  }
  return nullptr;
}

bool fits(const AnswerTable& answers, const Method& method) {
  const std::int64_t labels = answers.labels();
  if (labels * answers.tasks() > cells_max) return false;
  return !method.has_confusion || labels * labels <= cells_max / std::max(answers.workers(), 1);
}

}  // namespace tally::aggregation::labels
