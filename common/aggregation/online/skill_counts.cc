#include "common/aggregation/online/skill_counts.h"

#include <algorithm>
#include <utility>

#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

// A row before any answer of its worker: two pseudo-answers, nine tenths of them spread as the crowd's row, the rest
// as a row that is right seven times of ten. Chosen on recorded crowds: see docs/quality.md.
constexpr std::int64_t row_prior = 2LL * whole_share;
constexpr std::int64_t label_prior = 20LL * whole_share;  // Pseudo-tasks of each label.
constexpr std::int32_t held_back_by = 4;
// How often an answer of whoever it is says nothing of its task, where others alone are to tell how sure a task is.
constexpr std::int64_t slip_ppm = 40'000;
constexpr std::int64_t slip_unit = std::int64_t{1} << 20;

std::int64_t diagonal(std::int32_t given, std::size_t label, std::size_t labels) {
  if (labels == 1) return whole_share;
  if (static_cast<std::size_t>(given) == label) return whole_share * 7 / 10;
  return whole_share * 3 / 10 / (static_cast<std::int64_t>(labels) - 1);
}

// Of something that may have sunk to nothing by rounding.
std::int32_t log_of(std::int64_t count) {
  return fixed::log2_of(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 1)));
}

}  // namespace

SkillCounts::SkillCounts(std::int32_t labels) : labels_(labels) {
  TALLY_ASSERT(labels >= 1);
  const auto count = static_cast<std::size_t>(labels);
  tasks_.resize(count);
  crowd_.resize((count + 1) * count);
  for (std::int32_t given = 0; given < labels; ++given) {
    for (std::size_t label = 0; label < count; ++label) {
      crowd_[at(given, label)] = diagonal(given, label, count);
      crowd_[at(labels, label)] += crowd_[at(given, label)];
    }
  }
}

void SkillCounts::add(Row& row, std::int32_t given, std::span<const std::int32_t> belief, std::int32_t sign) {
  for (std::size_t label = 0; label < belief.size(); ++label) {
    const std::int64_t share = std::int64_t{sign} * belief[label];
    row[at(given, label)] += share;
    row[at(labels_, label)] += share;
  }
}

void SkillCounts::add(std::span<const LabelBallot> ballots, std::span<const std::int32_t> belief, std::int32_t sign) {
  TALLY_ASSERT(belief.size() == tasks_.size());
  for (const LabelBallot& ballot : ballots) {
    TALLY_ASSERT(ballot.label >= 0 && ballot.label < labels_);
    Row& row = workers_[ballot.worker];
    if (row.empty()) row.resize(crowd_.size());
    add(row, ballot.label, belief, sign);
    add(crowd_, ballot.label, belief, sign);
  }
  for (std::size_t label = 0; label < tasks_.size(); ++label) tasks_[label] += std::int64_t{sign} * belief[label];
}

void SkillCounts::add(const FieldSkill& elsewhere, std::int32_t sign) {
  TALLY_ASSERT(is_sound(elsewhere, labels_));
  const auto add_all = [&](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& more) {
    for (std::size_t i = 0; i < more.size(); ++i) to[i] += std::int64_t{sign} * more[i];
  };
  add_all(tasks_, elsewhere.tasks);
  add_all(crowd_, elsewhere.crowd);
  for (const SkillRow& of : elsewhere.workers) {
    Row& row = workers_[of.worker];
    if (row.empty()) row.resize(crowd_.size());
    add_all(row, of.counts);
  }
}

bool SkillCounts::is_sound(const FieldSkill& skill, std::int32_t labels) {
  const auto count = static_cast<std::size_t>(labels);
  const auto is_row = [&](const std::vector<std::int64_t>& row) { return row.size() == (count + 1) * count; };
  // Twenty million tasks with a hundred answers each count less than 2^43; and a row of the crowd is multiplied by
  // row_prior, which 64 bits must hold.
  constexpr std::int64_t most = std::int64_t{1} << 45;
  const auto is_bounded = [](const std::vector<std::int64_t>& counts) {
    return std::all_of(counts.begin(), counts.end(), [](std::int64_t each) { return -most < each && each < most; });
  };
  return (skill.tasks.empty() || skill.tasks.size() == count) && is_bounded(skill.tasks) &&
         (skill.crowd.empty() || is_row(skill.crowd)) && is_bounded(skill.crowd) &&
         std::all_of(skill.workers.begin(), skill.workers.end(),
                     [&](const SkillRow& row) { return is_row(row.counts) && is_bounded(row.counts); });
}

SkillCounts::Rightness SkillCounts::rightness_of(const Row& row) const {
  Rightness found;
  for (std::size_t label = 0; label < tasks_.size(); ++label) {
    found.right += row[at(static_cast<std::int32_t>(label), label)];
    found.all += row[at(labels_, label)];
  }
  return found;
}

SkillCounts::Rightness SkillCounts::rightness_of(AccountId worker) const {
  const auto found = workers_.find(worker);
  return found == workers_.end() ? Rightness{} : rightness_of(found->second);
}

FieldSkill SkillCounts::beyond(const SkillCounts& before) const {
  const auto difference = [](const std::vector<std::int64_t>& all, const std::vector<std::int64_t>& part) {
    std::vector<std::int64_t> left = all;
    for (std::size_t i = 0; i < part.size(); ++i) left[i] -= part[i];
    return left;
  };
  FieldSkill found;
  found.tasks = difference(tasks_, before.tasks_);
  found.crowd = difference(crowd_, before.crowd_);
  for (const auto& [worker, row] : workers_) {
    const auto known = before.workers_.find(worker);
    Row own = known == before.workers_.end() ? row : difference(row, known->second);
    const bool has_any = std::any_of(own.begin(), own.end(), [](std::int64_t count) { return count != 0; });
    if (has_any) found.workers.push_back({worker, std::move(own)});
  }
  return found;
}

// What is believed of a task before its answers.
std::vector<std::int32_t> SkillCounts::before(Frequencies frequencies) const {
  const std::int32_t divisor = frequencies == Frequencies::held_back ? held_back_by : 1;
  const std::int32_t one_task = fixed::log2_of(whole_share);
  std::vector<std::int32_t> before;
  before.reserve(tasks_.size());
  for (const std::int64_t tasks : tasks_) before.push_back((log_of(tasks + label_prior) - one_task) / divisor);
  return before;
}

SkillCounts::Chance SkillCounts::prior(std::int32_t given, std::size_t label, std::int64_t pseudo_answers) const {
  TALLY_ASSERT(given >= 0 && given < labels_);
  const std::int64_t crowd_sum = std::max<std::int64_t>(crowd_[at(labels_, label)], 1);
  return {pseudo_answers * 9 / 10 * crowd_[at(given, label)] / crowd_sum +
              pseudo_answers / 10 * diagonal(given, label, tasks_.size()) / whole_share,
          pseudo_answers};
}

LabelEvidence SkillCounts::evidence(std::span<const LabelBallot> ballots, Frequencies frequencies) const {
  const std::size_t labels = tasks_.size();
  LabelEvidence evidence{before(frequencies), {}};
  evidence.said.reserve(labels * ballots.size());
  for (const LabelBallot& ballot : ballots) {
    const auto found = workers_.find(ballot.worker);
    for (std::size_t label = 0; label < labels; ++label) {
      Chance chance = prior(ballot.label, label, row_prior);
      if (found != workers_.end()) {
        chance.count += found->second[at(ballot.label, label)];
        chance.sum += found->second[at(labels_, label)];
      }
      evidence.said.push_back(log_of(chance.count) - log_of(chance.sum));
    }
  }
  return evidence;
}

LabelEvidence SkillCounts::evidence_of_others(std::span<const LabelBallot> ballots, std::span<const std::int32_t> own,
                                              Frequencies frequencies) const {
  const std::size_t labels = tasks_.size();
  TALLY_ASSERT(own.size() == labels);
  LabelEvidence evidence{before(frequencies), {}};
  evidence.said.reserve(labels * ballots.size());
  std::vector<std::int64_t> chances(labels);  // In parts of slip_unit.
  for (const LabelBallot& ballot : ballots) {
    const auto found = workers_.find(ballot.worker);
    std::int64_t all = 0;
    for (std::size_t label = 0; label < labels; ++label) {
      Chance chance = prior(ballot.label, label, row_prior);
      if (found != workers_.end()) {
        // Not below nothing: it may be so only by what rounding takes.
        chance.count += std::max<std::int64_t>(0, found->second[at(ballot.label, label)] - own[label]);
        chance.sum += std::max<std::int64_t>(0, found->second[at(labels_, label)] - own[label]);
      }
      all += chances[label] = chance.count * slip_unit / chance.sum;
    }
    // Who slips gives each answer as often whatever is true.
    const std::int64_t slip = all / static_cast<std::int64_t>(labels) * slip_ppm / 1'000'000;
    for (const std::int64_t chance : chances) {
      evidence.said.push_back(log_of(chance - chance * slip_ppm / 1'000'000 + slip) - log_of(slip_unit));
    }
  }
  return evidence;
}

}  // namespace tally::aggregation
