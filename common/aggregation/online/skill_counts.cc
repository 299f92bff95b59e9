#include "common/aggregation/online/skill_counts.h"

#include <algorithm>
#include <utility>

#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

// A row before any answer of its worker: four pseudo-answers, nine tenths of them spread as the crowd's row, the rest
// as a row that is right seven times of ten. Chosen on recorded crowds: see docs/quality.md.
constexpr std::int64_t row_prior = 4LL * whole_share;
constexpr std::int64_t label_prior = 20LL * whole_share;  // Pseudo-tasks of each label.
constexpr std::int32_t held_back_by = 4;

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
  // Sums of these stay far below what 64 bits hold.
  constexpr std::int64_t most = std::int64_t{1} << 50;
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

LabelEvidence SkillCounts::evidence(std::span<const LabelBallot> ballots, Frequencies frequencies) const {
  const std::size_t labels = tasks_.size();
  LabelEvidence evidence;
  evidence.before.reserve(labels);
  evidence.said.reserve(labels * ballots.size());
  const std::int32_t divisor = frequencies == Frequencies::held_back ? held_back_by : 1;
  const std::int32_t one_task = fixed::log2_of(whole_share);
  for (const std::int64_t tasks : tasks_) evidence.before.push_back((log_of(tasks + label_prior) - one_task) / divisor);
  for (const LabelBallot& ballot : ballots) {
    TALLY_ASSERT(ballot.label >= 0 && ballot.label < labels_);
    const auto found = workers_.find(ballot.worker);
    for (std::size_t label = 0; label < labels; ++label) {
      const std::int64_t crowd_sum = std::max<std::int64_t>(crowd_[at(labels_, label)], 1);
      std::int64_t count = row_prior * 9 / 10 * crowd_[at(ballot.label, label)] / crowd_sum +
                           row_prior / 10 * diagonal(ballot.label, label, labels) / whole_share;
      std::int64_t sum = row_prior;
      if (found != workers_.end()) {
        count += found->second[at(ballot.label, label)];
        sum += found->second[at(labels_, label)];
      }
      evidence.said.push_back(log_of(count) - log_of(sum));
    }
  }
  return evidence;
}

}  // namespace tally::aggregation
