#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "common/aggregation/online/claims.h"
#include "schemas/field.h"
#include "schemas/records/task_part.h"

namespace tally::aggregation {

// What verdicts on one field of a part may claim, kept up as outcomes come in. One thread.
class FieldClaims {
 public:
  // The outcomes here and elsewhere in the project, and the version of the table that makes claims of them.
  [[nodiscard]] const ClaimBasis& basis() const;
  [[nodiscard]] const ClaimBasis& own() const { return basis_; }
  [[nodiscard]] std::int64_t gold_open() const { return gold_open_; }
  [[nodiscard]] const Claims& now() const;
  // If every gold task that is still open turns out well.
  [[nodiscard]] const Claims& hopeful() const;

  void gold_opened();
  // Without evidence, which a task without answers has not, nothing is learned.
  void gold_closed(const LabelEvidence* evidence, bool is_right);
  void audit_closed(std::int32_t bucket, bool is_same);
  // The outcomes of other parts of the project: they take the place of those that were told before.
  void tell(Outcomes gold, Outcomes audited);

  static constexpr auto fields() {
    return std::tuple{Field{"basis", &FieldClaims::basis_}, Field{"gold_open", &FieldClaims::gold_open_},
                      Field{"told", &FieldClaims::told_}};
  }

 private:
  void changed();

  ClaimBasis basis_{.version = claims_version};  // The outcomes here.
  ClaimBasis told_;                              // Those elsewhere.
  std::int64_t gold_open_ = 0;                   // Tasks without a verdict whose truth is known.
  // Made when they are asked for.
  mutable std::optional<ClaimBasis> all_;
  mutable std::optional<Claims> now_;
  mutable std::optional<Claims> hopeful_;
};

using ClaimsByField = std::map<std::int32_t, FieldClaims>;

// A gold task is there; of the fields without claims nothing is kept.
void gold_opened(ClaimsByField& claims, const Ballots& gold);

// Whether so many answers in all could say otherwise than the first of them, all alike, did. An audit in which they
// cannot shows nothing.
[[nodiscard]] constexpr bool may_overturn(std::int64_t first, std::int64_t all) { return all > 2 * first; }

// What a verdict shows: of a gold task `gold`, of an audited one `audit`; null otherwise.
void learn_outcomes(ClaimsByField& claims, const VerdictReached& verdict, const Ballots* gold,
                    const TaskAudited* audit);

}  // namespace tally::aggregation
