#include "common/aggregation/online/field_claims.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "common/base/assert.h"

namespace tally::aggregation {

const ClaimBasis& FieldClaims::basis() const {
  if (!all_) {
    all_ = basis_;
    all_->version = claims_version;  // What was kept may have been kept by a program with another table.
    add_outcomes(all_->gold, told_.gold);
    add_outcomes(all_->audited, told_.audited);
  }
  return *all_;
}

const Claims& FieldClaims::now() const {
  if (!now_) now_.emplace(basis());
  return *now_;
}

void FieldClaims::tell(Outcomes gold, Outcomes audited) {
  told_.gold = std::move(gold);
  told_.audited = std::move(audited);
  changed();
}

const Claims& FieldClaims::hopeful() const {
  if (!hopeful_) hopeful_ = gold_open_ == 0 ? now() : hopeful_claims(basis(), gold_open_);
  return *hopeful_;
}

void FieldClaims::changed() {
  all_.reset();
  now_.reset();
  hopeful_.reset();
}

void FieldClaims::gold_opened() {
  ++gold_open_;
  hopeful_.reset();
}

void FieldClaims::gold_closed(const LabelEvidence* evidence, bool is_right) {
  TALLY_ASSERT(gold_open_ > 0);
  --gold_open_;
  hopeful_.reset();
  if (evidence == nullptr) return;
  const LabelJudgement judgement = judge(*evidence);
  // What is not even more probable than all else together claims nothing, and says nothing of claims.
  if (judgement.is_tied || judgement.log_odds < 0) return;
  count_outcome(basis_.gold, claim_bucket(judgement), is_right);
  changed();
}

void FieldClaims::audit_closed(std::int32_t bucket, bool is_same) {
  count_outcome(basis_.audited, bucket, is_same);
  changed();
}

void gold_opened(ClaimsByField& claims, const Ballots& gold) {
  for (auto& [field_no, each] : claims) {
    TALLY_ASSERT(static_cast<std::size_t>(field_no) < gold.size());
    if (!gold[static_cast<std::size_t>(field_no)].empty()) each.gold_opened();
  }
}

void learn_outcomes(ClaimsByField& claims, const VerdictReached& verdict, const Ballots* gold,
                    const TaskAudited* audit) {
  const bool has_audit = audit != nullptr && may_overturn(audit->answers, std::ssize(verdict.ballots));
  for (auto& [field_no, each] : claims) {
    const auto place = static_cast<std::size_t>(field_no);
    const std::string& value = verdict.judged[place].value;
    if (gold != nullptr && !(*gold)[place].empty()) {
      const auto of = std::find_if(verdict.evidence.begin(), verdict.evidence.end(),
                                   [&, no = field_no](const FieldEvidence& found) { return found.field == no; });
      each.gold_closed(of == verdict.evidence.end() ? nullptr : &of->evidence, value == (*gold)[place]);
    }
    if (!has_audit) continue;
    for (const FieldAudited& then : audit->judged) {
      if (then.field == field_no) each.audit_closed(then.bucket, value == then.value);
    }
  }
}

}  // namespace tally::aggregation
