#include "tools/stack/replay_check.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "tools/stack/vote.h"

namespace tally::stack {
namespace {

constexpr std::size_t wrong_shown_max = 20;

std::optional<std::string> value_of(const ResultRow& row) {
  if (row.state != TaskState::settled || row.judged.size() != 1 || !row.judged.front().settled) return std::nullopt;
  return row.judged.front().value;
}

// Also where it is not as sure as was asked for.
std::optional<std::string> best_value_of(const ResultRow& row) {
  const bool is_guess = row.state == TaskState::best_guess && row.judged.size() == 1;
  return is_guess ? row.judged.front().value : value_of(row);
}

void count_claim(ClaimBin& bin, std::int64_t claimed_ppm, bool is_right) {
  ++bin.tasks;
  bin.right += is_right ? 1 : 0;
  bin.claimed_ppm += claimed_ppm;
}

std::string in_words(const std::optional<std::string>& ballot) { return ballot ? "'" + *ballot + "'" : "undecided"; }

}  // namespace

ReplayCheck::ReplayCheck(const RecordedSet& set, const ReplayRules& rules)
    : set_(set), rules_(rules), labels_(set.tasks.size()) {
  for (const RecordedAnswer& answer : set.answers) labels_[answer.task].emplace(answer.worker, answer.label);
  if (rules.field.type != "choice") return;
  for (const std::string& option : rules.field.options) findings_.hits[option];
  // A truth that nobody answered is a label too.
  for (const auto& truth : set.truth) {
    if (truth) findings_.hits[*truth];
  }
}

void ReplayCheck::found(const ResultRow& row, const std::string& what) {
  ++findings_.wrong_count;
  if (findings_.wrong.size() >= wrong_shown_max) return;
  findings_.wrong.push_back(to_text(row.task) + " (item " + std::to_string(row.item_no) + "): " + what);
}

void ReplayCheck::take(const ResultRow& row) {
  ++findings_.tasks;
  if (row.item_no != findings_.tasks || row.item_no > std::ssize(set_.tasks)) return found(row, "is out of order");
  const std::string& name = set_.tasks[static_cast<std::size_t>(row.item_no) - 1];
  if (row.values != std::vector<std::string>{name}) return found(row, "is not the item '" + name + "'");
  findings_.settled += row.state == TaskState::settled ? 1 : 0;
  findings_.best_guesses += row.state == TaskState::best_guess ? 1 : 0;
  findings_.undecided += row.state == TaskState::undecided ? 1 : 0;
  findings_.answers += std::ssize(row.given);
  findings_.cost += row.cost;
  findings_.audited += row.audited_after > 0 ? 1 : 0;
  findings_.answers_beyond += row.audited_after > 0 ? row.answers - row.audited_after : 0;
  if (row.answers != std::ssize(row.given)) found(row, "says another number of answers than it shows");
  const std::vector<std::string> ballots = check_answers(row);
  check_verdict(row, ballots);
  check_pay(row);
  count_truth(row);
}

// Each answer is the recorded one of its worker, once. Gives the ballots.
std::vector<std::string> ReplayCheck::check_answers(const ResultRow& row) {
  const auto& labels = labels_[static_cast<std::size_t>(row.item_no) - 1];
  std::vector<std::string> ballots;
  std::set<std::size_t> workers;
  for (const AnswerRow& answer : row.given) {
    const std::string id = to_text(answer.assignment);
    const auto worker = rules_.workers.find(answer.worker);
    const auto entered = answer.values.find(rules_.field.name);
    if (worker == rules_.workers.end() || entered == answer.values.end() || entered->second.size() != 1) {
      found(row, id + " is no answer of a recorded worker");
      continue;
    }
    if (!workers.insert(worker->second).second) found(row, id + " is a second answer of the same worker");
    const auto recorded = labels.find(worker->second);
    if (recorded == labels.end() || recorded->second != entered->second.front()) {
      found(row, id + " is not what its worker answered");
    }
    if (!stored_.emplace(answer.assignment, std::pair{worker->second, row.item_no}).second) {
      found(row, id + " is there twice");
    }
    ballots.push_back(ballot_of(rules_.field, entered->second.front()).value_or(""));
  }
  if (rules_.all && ballots.size() != labels.size()) {
    found(row, "has " + std::to_string(ballots.size()) + " of " + std::to_string(labels.size()) + " recorded answers");
  }
  return ballots;
}

void ReplayCheck::check_verdict(const ResultRow& row, const std::vector<std::string>& stored) {
  if (row.state == TaskState::open) return found(row, "is still open");
  // What skill makes of them depends on all answers there were: the broker's audit makes it again.
  if (rules_.redundancy.is_by_skill()) return;
  std::vector<std::string> ballots = stored;
  VoteRule rule{rules_.redundancy.min, rules_.redundancy.quorum};
  if (rules_.all) {
    // Straight from answers.csv, whatever was stored.
    ballots.clear();
    for (const auto& [worker, label] : labels_[static_cast<std::size_t>(row.item_no) - 1]) {
      ballots.push_back(ballot_of(rules_.field, label).value_or(""));
    }
    rule = {std::ssize(ballots), 1};
  }
  const auto expected = count_vote(ballots, rule);
  const auto value = value_of(row);
  const auto verdict = value ? ballot_of(rules_.field, *value) : std::nullopt;
  if (verdict != expected || value.has_value() != verdict.has_value()) {
    found(row, "the verdict is " + in_words(value) + ", the vote is " + in_words(expected));
  }
}

// Paid is who agrees with the verdict, and everybody where there is none: each the reward, once.
void ReplayCheck::check_pay(const ResultRow& row) {
  const auto value = value_of(row);
  const auto verdict = value ? ballot_of(rules_.field, *value) : std::nullopt;
  Micros cost;
  for (const AnswerRow& answer : row.given) {
    const auto entered = answer.values.find(rules_.field.name);
    if (entered == answer.values.end() || entered->second.size() != 1) continue;
    const bool is_owed = !verdict || ballot_of(rules_.field, entered->second.front()) == verdict;
    const Micros owed = is_owed ? rules_.reward : Micros{};
    if (answer.paid != owed || answer.state != (is_owed ? PayState::paid : PayState::unpaid)) {
      found(row, to_text(answer.assignment) + " was paid " + to_text(answer.paid) + " (" +
                     std::string(name_of(answer.state)) + "); owed is " + to_text(owed));
    }
    findings_.paid += answer.paid;
    if (is_owed) cost += rules_.reward + rules_.fee;
  }
  if (row.cost != cost) found(row, "cost " + to_text(row.cost) + "; rewards and fees owed are " + to_text(cost));
}

void ReplayCheck::count_truth(const ResultRow& row) {
  const auto& truth = set_.truth[static_cast<std::size_t>(row.item_no) - 1];
  if (!truth) return;
  const auto value = best_value_of(row);
  const auto truth_ballot = ballot_of(rules_.field, *truth);
  const bool is_right = value && truth_ballot && ballot_of(rules_.field, *value) == truth_ballot;
  if (rules_.gold.contains(static_cast<std::size_t>(row.item_no) - 1)) {
    findings_.gold_right += is_right ? 1 : 0;
    findings_.gold_settled += row.state == TaskState::settled ? 1 : 0;
    return;
  }
  ++findings_.with_truth;
  count_hit(*truth, value, is_right);
  if (!value) return;
  findings_.right += is_right ? 1 : 0;
  const std::int64_t claimed_ppm = row.judged.front().confidence_ppm;
  const auto above = std::find_if(findings_.bins.begin() + 1, findings_.bins.end(),
                                  [&](const ClaimBin& bin) { return bin.from_ppm > claimed_ppm; });
  count_claim(*(above - 1), claimed_ppm, is_right);
  if (row.state == TaskState::settled) count_claim(findings_.of_settled, claimed_ppm, is_right);
}

void ReplayCheck::count_hit(const std::string& truth, const std::optional<std::string>& value, bool is_right) {
  if (findings_.hits.empty()) return;
  findings_.hits[truth].truths += 1;
  if (value) findings_.hits[*value].chosen += 1;
  if (is_right) findings_.hits[truth].hits += 1;
}

void ReplayCheck::take_acknowledged(std::size_t worker, const std::vector<AcknowledgedAnswer>& answers) {
  for (const AcknowledgedAnswer& answer : answers) {
    const auto found = stored_.find(answer.assignment);
    if (found != stored_.end() && found->second == std::pair{worker, answer.item_no}) continue;
    ++findings_.wrong_count;
    if (findings_.wrong.size() >= wrong_shown_max) continue;
    findings_.wrong.push_back(to_text(answer.assignment) + " was acknowledged to " + set_.workers[worker] +
                              " and is not stored");
  }
}

Findings ReplayCheck::finish() {
  if (findings_.tasks != std::ssize(set_.tasks)) {
    ++findings_.wrong_count;
    findings_.wrong.push_back(std::to_string(findings_.tasks) + " of " + std::to_string(set_.tasks.size()) +
                              " tasks are in the results");
  }
  return findings_;
}

double accuracy_of_single_answers(const RecordedSet& set, const FieldSpec& field) {
  std::vector<std::pair<std::int64_t, std::int64_t>> right(set.tasks.size());  // Right, and all.
  for (const RecordedAnswer& answer : set.answers) {
    const auto& truth = set.truth[answer.task];
    if (!truth) continue;
    ++right[answer.task].second;
    const auto ballot = ballot_of(field, *truth);
    if (ballot && ballot_of(field, answer.label) == ballot) ++right[answer.task].first;
  }
  double sum = 0;
  std::int64_t tasks = 0;
  for (const auto& [agree, all] : right) {
    if (all == 0) continue;
    sum += static_cast<double>(agree) / static_cast<double>(all);
    ++tasks;
  }
  return tasks == 0 ? 0 : sum / static_cast<double>(tasks);
}

}  // namespace tally::stack
