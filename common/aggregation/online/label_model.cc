#include "common/aggregation/online/label_model.h"

#include <algorithm>

#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

// All figures were chosen on recorded crowds, see docs/quality.md; each may be halved or doubled without much harm.
constexpr std::int64_t first_refit_at = 20;  // Answers.
// The next one comes when there are a tenth more.
constexpr std::int64_t growth_numerator = 11;
constexpr std::int64_t growth_denominator = 10;
constexpr int looks_per_answer = 6;

// To hold frequencies back is decided when it has foretold this many answers no worse than by 0.0144 of a doubling
// (a hundredth of a nat), for all that chance may have done, with an estimate that was made from enough tasks.
constexpr std::int64_t foretold_min = 300;
constexpr std::int64_t foretold_max = 100'000;  // Then they count half, so that the squares stay within 64 bits.
constexpr std::int64_t loss_allowed = 15;       // In parts of 1024.
constexpr std::int64_t gain_max = 8LL * 1024;   // Of one answer.
constexpr std::int64_t deviations = 3;
constexpr std::int64_t tasks_that_tell = 1500;  // Or half of the part's.

// log2 of how probable the last ballot was, after the others.
std::int64_t foresight(LabelEvidence evidence) {
  const std::size_t labels = evidence.before.size();
  const std::vector<std::int32_t> last(evidence.said.end() - static_cast<std::ptrdiff_t>(labels), evidence.said.end());
  evidence.said.resize(evidence.said.size() - labels);
  const LabelJudgement others = judge(evidence);
  // In parts of 2^30, of a task of whole_share.
  std::uint64_t probability = 1;
  for (std::size_t label = 0; label < labels; ++label) {
    const std::uint64_t share = static_cast<std::uint64_t>(others.belief[label]);
    probability += share * fixed::power_below(std::max<std::int64_t>(0, -std::int64_t{last[label]}));
  }
  return fixed::log2_of(probability);
}

}  // namespace

LabelModel::LabelModel(std::int32_t labels) : told_(labels), now_{SkillCounts(labels), {}}, refit_at_(first_refit_at) {
  TALLY_ASSERT(labels >= 1 && labels <= labels_max);
}

std::size_t LabelModel::bytes() const {
  const auto count = static_cast<std::size_t>(labels());
  const std::size_t of_worker = 64 + (count + 1) * count * sizeof(std::int64_t);
  const auto of_fit = [&](const Fit& fit) {
    return fit.counts.workers() * of_worker + fit.beliefs.size() * sizeof(std::int32_t);
  };
  return of_fit(now_) + of_fit(next_) + told_.workers() * of_worker;
}

void LabelModel::tell(const FieldSkill& elsewhere, std::int32_t sign) {
  told_.add(elsewhere, sign);
  now_.counts.add(elsewhere, sign);
  if (phase_ != RefitPhase::none) next_.counts.add(elsewhere, sign);
}

std::span<std::int32_t> LabelModel::Fit::belief(std::int32_t task) {
  const auto labels = static_cast<std::size_t>(counts.labels());
  const std::size_t end = (static_cast<std::size_t>(task) + 1) * labels;
  if (beliefs.size() < end) beliefs.resize(end);
  return std::span(beliefs).subspan(end - labels, labels);
}

void LabelModel::Fit::replace(std::int32_t task, std::span<const LabelBallot> had, std::span<const LabelBallot> has,
                              std::span<const std::int32_t> new_belief) {
  const std::span<std::int32_t> kept = belief(task);
  const bool was_added = std::any_of(kept.begin(), kept.end(), [](std::int32_t share) { return share != 0; });
  if (was_added) counts.add(had, kept, -1);
  std::copy(new_belief.begin(), new_belief.end(), kept.begin());
  counts.add(has, kept, 1);
}

LabelEvidence LabelModel::evidence_of_others(std::int32_t task, std::span<const LabelBallot> ballots) const {
  TALLY_ASSERT(task >= 0);
  const auto count = static_cast<std::size_t>(labels());
  const std::size_t end = (static_cast<std::size_t>(task) + 1) * count;
  // A task that the fit has not come to has added nothing.
  const std::vector<std::int32_t> nothing(count);
  const auto own =
      end <= now_.beliefs.size() ? std::span(now_.beliefs).subspan(end - count, count) : std::span(nothing);
  return now_.counts.evidence_of_others(ballots, own, frequencies_);
}

void LabelModel::answered(std::int32_t task, std::int32_t tasks, AccountId newcomer, const BallotsOf& ballots_of) {
  TALLY_ASSERT(task >= 0 && task < tasks);
  std::vector<LabelBallot> ballots;
  ballots_of(task, ballots);
  const auto last = std::find_if(ballots.begin(), ballots.end(),
                                 [&](const LabelBallot& ballot) { return ballot.worker == newcomer; });
  TALLY_ASSERT(last != ballots.end());
  std::rotate(last, last + 1, ballots.end());
  ++answers_;
  if (ballots.size() > 1) {
    foretell(ballots);
    take(now_, task, ballots);
    // What the refit has not come to yet, it finds with this answer.
    const bool is_in_next = phase_ == RefitPhase::skills || (phase_ == RefitPhase::votes && task < position_);
    if (is_in_next) take(next_, task, ballots);
  }
  refit(tasks, ballots_of);
}

// The last ballot is new to the fit.
void LabelModel::take(Fit& fit, std::int32_t task, std::span<const LabelBallot> ballots) const {
  const LabelJudgement judgement = judge(fit.counts.evidence(ballots, frequencies_));
  fit.replace(task, ballots.first(ballots.size() - 1), ballots, judgement.belief);
}

void LabelModel::foretell(std::span<const LabelBallot> ballots) {
  if (frequencies_ == Frequencies::held_back || !foretold_.is_telling) return;
  constexpr std::int64_t unit = fixed::doubling / 1024;
  const std::int64_t gain = (foresight(now_.counts.evidence(ballots, Frequencies::held_back)) -
                             foresight(now_.counts.evidence(ballots, Frequencies::as_they_are))) /
                            unit;
  const std::int64_t bounded = std::clamp(gain, -gain_max, gain_max);
  ++foretold_.answers;
  foretold_.gain += bounded;
  foretold_.squares += bounded * bounded;
  const std::int64_t count = foretold_.answers;
  if (count < foretold_min) return;
  const std::int64_t above = foretold_.gain + loss_allowed * count;
  const std::int64_t variance = foretold_.squares - foretold_.gain * foretold_.gain / count;  // Times count.
  if (above > 0 && above * above > deviations * deviations * variance) {
    frequencies_ = Frequencies::held_back;
    if (phase_ == RefitPhase::none) refit_at_ = answers_;
  }
  if (count >= foretold_max) {
    foretold_.answers /= 2;
    foretold_.gain /= 2;
    foretold_.squares /= 2;
  }
}

void LabelModel::refit(std::int32_t tasks, const BallotsOf& ballots_of) {
  if (phase_ == RefitPhase::none && answers_ >= refit_at_) {
    next_ = Fit{told_, {}};
    phase_ = RefitPhase::votes;
    position_ = 0;
  }
  for (int look = 0; look < looks_per_answer && phase_ != RefitPhase::none; ++look) {
    step(position_, ballots_of);
    if (++position_ < tasks) continue;
    position_ = 0;
    if (phase_ == RefitPhase::votes) {
      phase_ = RefitPhase::skills;
    } else {
      end_refit(tasks);
    }
  }
}

// First each task is what its votes say, all alike; then what they say given the workers that follow from that.
void LabelModel::step(std::int32_t task, const BallotsOf& ballots_of) {
  std::vector<LabelBallot> ballots;
  ballots_of(task, ballots);
  if (ballots.size() < 2) return;
  if (phase_ == RefitPhase::skills) {
    const LabelJudgement judgement = judge(next_.counts.evidence(ballots, frequencies_));
    return next_.replace(task, ballots, ballots, judgement.belief);
  }
  std::vector<std::int32_t> votes(static_cast<std::size_t>(labels()));
  for (const LabelBallot& ballot : ballots) {
    votes[static_cast<std::size_t>(ballot.label)] += whole_share / static_cast<std::int32_t>(ballots.size());
  }
  next_.replace(task, {}, ballots, votes);
}

void LabelModel::end_refit(std::int32_t tasks) {
  now_ = std::move(next_);
  next_ = Fit{};
  phase_ = RefitPhase::none;
  ++refits_;
  refit_at_ = std::max(first_refit_at, answers_ * growth_numerator / growth_denominator);
  if (foretold_.is_telling) return;
  std::int64_t judged = 0;
  for (std::int32_t task = 0; task < tasks; ++task) {
    const auto belief = now_.belief(task);
    judged += std::any_of(belief.begin(), belief.end(), [](std::int32_t share) { return share != 0; }) ? 1 : 0;
  }
  foretold_.is_telling = judged >= std::min<std::int64_t>(tasks_that_tell, tasks / 2);
}

}  // namespace tally::aggregation
