#include "broker/audit/trace_worker.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/aggregation/online/judgement.h"
#include "common/base/decimal.h"
#include "schemas/qualification_name.h"

namespace tally::audit {
namespace {

void trace_training(TraceLines& lines, PartId control, AccountId worker) {
  std::int64_t answers = 0;
  std::int64_t at_ms = 0;
  lines.walk(control, [&](const Place& place) {
    const auto* answered = std::get_if<TrainingAnswered>(&place.record());
    if (answered != nullptr && answered->worker == worker) {
      answers = answered->no;
      at_ms = answered->at_ms;
    }
    const auto* ended = std::get_if<TrainingEnded>(&place.record());
    if (ended == nullptr || ended->worker != worker) return;
    lines.add(place, at_ms, ended->is_passed ? "training passed" : "training failed",
              account_text(worker) + ": " + std::to_string(ended->right) + " of " + std::to_string(answers) + " right");
  });
}

std::string granted_by(const QualificationGranted& r) {
  const std::string by(name_of(r.by));
  return r.by == GrantedBy::training ? by + " of project " + std::to_string(r.project.value) : by;
}

void trace_qualifications(TraceLines& lines, AccountId worker, const std::set<std::string>& names) {
  lines.walk(account_part_of(worker), [&](const Place& place) {
    const auto* granted = std::get_if<QualificationGranted>(&place.record());
    if (granted != nullptr && granted->account == worker && names.contains(granted->qualification)) {
      lines.add(place, granted->at_ms, "qualification granted",
                "'" + granted->qualification + "', score " + std::to_string(granted->score) + ", to " +
                    account_text(worker) + " by " + granted_by(*granted));
    }
    const auto* revoked = std::get_if<QualificationRevoked>(&place.record());
    if (revoked != nullptr && revoked->account == worker && names.contains(revoked->qualification)) {
      lines.add(place, revoked->at_ms, "qualification revoked",
                "'" + revoked->qualification + "' of " + account_text(worker));
    }
  });
}

}  // namespace

void trace_worker(TraceLines& lines, PartId control, AccountId owner, const ProjectSpec& spec, AccountId worker) {
  if (!spec.training.tasks.empty()) trace_training(lines, control, worker);
  std::set<std::string> names;
  for (const QualificationNeed& need : spec.require.qualifications)
    names.insert({need.name, name_by_training(need.name, owner)});
  if (!spec.training.grants.empty()) names.insert(name_by_training(spec.training.grants, owner));
  if (!names.empty()) trace_qualifications(lines, worker, names);
}

// Rows by label given, then by what was believed to be true; their sums last. One that was tampered with is unreadable.
std::string skill_text(const SkillRow& row) {
  std::size_t labels = 0;
  while ((labels + 1) * labels < row.counts.size()) ++labels;
  if (labels == 0 || (labels + 1) * labels != row.counts.size()) return "unreadable";
  constexpr std::int64_t most = std::int64_t{1} << 50;
  std::int64_t all = 0;
  std::int64_t right = 0;
  for (std::size_t label = 0; label < labels; ++label) {
    all += std::clamp(row.counts[labels * labels + label], -most, most);
    right += std::clamp(row.counts[label * labels + label], -most, most);
  }
  if (all <= 0) return "nothing";
  const std::int64_t tenths = all * 10 / aggregation::whole_share;
  return decimal_text(tenths * 100'000) + " answers, " + std::to_string(right * 100 / all) + " % right";
}

}  // namespace tally::audit
