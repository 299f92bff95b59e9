#include "admin/quality/proof.h"

namespace tally::admin::quality {

Proof proof_of(const FieldAnswers& field) {
  Proof proof;
  for (std::size_t task = 0; task < field.judged.size(); ++task) {
    if (field.gold[task] == unknown || field.judged[task].value == unknown) continue;
    proof.add(field.judged[task].value == field.gold[task]);
  }
  return proof;
}

}  // namespace tally::admin::quality
