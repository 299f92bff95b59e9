#include "common/reliability/field_reliability.h"

#include "common/forms/form.h"

namespace tally::reliability {

void FieldCounts::add(const Judged& judged, std::int32_t truth, bool is_open) {
  const bool has_value = judged.value != unknown;
  const bool is_gold = truth != unknown;
  values += has_value ? 1 : 0;
  settled += has_value && judged.is_settled ? 1 : 0;
  gold += is_gold ? 1 : 0;
  gold_open += is_gold && is_open ? 1 : 0;
  if (is_gold && has_value) proof.add(judged.value == truth);
  claims.add(judged, truth);
}

FieldReliability reliability_of(const FieldSpec& field, const FieldCounts& counts, const Asked& asked) {
  FieldReliability figures{
      field.name,  field.type, counts.values, counts.settled, counts.gold, counts.proof, claim_figures(counts.claims),
      std::nullopt};
  if (asked.confidence_ppm > 0 && forms::labels_of(field) > 0) {
    figures.reach = reach_of(asked, counts.claims.basis(), counts.gold_open);
  }
  return figures;
}

}  // namespace tally::reliability
