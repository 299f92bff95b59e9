#include <algorithm>
#include <string>
#include <vector>

#include "broker/audit/task_check.h"
#include "common/forms/form.h"

// What a part tells of its workers and of skill when all its tasks have their verdict.
namespace tally::audit {
namespace {

std::size_t at(std::int32_t no) { return static_cast<std::size_t>(no) - 1; }

bool is_right(const Ballots& gold, const Ballots& given) {
  for (std::size_t i = 0; i < gold.size(); ++i) {
    if (!gold[i].empty() && gold[i] != given[i]) return false;
  }
  return true;
}

}  // namespace

// schemas/standing.h: an answer is judged by a settled task that has another one, on all fields with labels that
// settled; gold is counted whatever became of the task.
void TaskCheck::count_standing(std::int32_t task_no, std::map<AccountId, Standing>& standings) const {
  const Task& task = tasks_[at(task_no)];
  const auto& form = created_->spec.form;
  const Ballots* gold = skill_.gold_of(task_no);
  std::vector<std::size_t> fields;
  for (std::size_t i = 0; i < form.size() && task.state == TaskState::settled && task.answered > 1; ++i) {
    if (task.judged[i].settled && forms::labels_of(form[i]) > 0) fields.push_back(i);
  }
  for (const std::int32_t no : task.assignments) {
    const Assignment& answer = assignments_[at(no)];
    if (answer.step != Step::answered || (fields.empty() && gold == nullptr)) continue;
    Standing& standing = standings[answer.worker];
    if (!fields.empty()) {
      const bool agrees = std::all_of(fields.begin(), fields.end(),
                                      [&](std::size_t i) { return answer.ballots[i] == task.judged[i].value; });
      standing += {1, agrees ? 1 : 0, 0, 0};
    }
    if (gold != nullptr) standing += {0, 0, 1, is_right(*gold, answer.ballots) ? 1 : 0};
  }
}

void TaskCheck::expect_mails() {
  std::map<AccountId, Standing> standings;
  for (std::int32_t no = 1; no <= tasks(); ++no) count_standing(no, standings);
  for (const auto& [worker, standing] : standings) {
    standing_due_[account_part_of(worker)].rows.push_back({worker, standing});
  }
  const bool has_answers =
      std::any_of(tasks_.begin(), tasks_.end(), [](const Task& task) { return task.answered > 0; });
  if (skill_.is_by_skill() && has_answers) learned_due_ = PartLearned{skill_.learned()};
}

std::string_view TaskCheck::problem_of(PartId to, const StandingEarned& mail) {
  const auto due = standing_due_.find(to);
  if (due == standing_due_.end()) return "it tells a standing where there is none to tell";
  if (due->second != mail) return "the standing that it tells is not what answers and verdicts give";
  standing_due_.erase(due);
  return {};
}

std::string_view TaskCheck::problem_of(PartId to, const PartLearned& mail) {
  if (!learned_due_) return "it tells what was learned where there is nothing to tell";
  if (to != control_part_of(project_of(part_))) return "it tells what was learned to another project";
  if (*learned_due_ != mail) return "what it says was learned is not what the answers gave";
  learned_due_.reset();
  return {};
}

void TaskCheck::check_mails_sent() {
  const std::string row = "outbox " + to_text(part_);
  if (!standing_due_.empty()) {
    return finding_.note(row, "missing: the standing of workers in " + to_text(standing_due_.begin()->first));
  }
  if (learned_due_) return finding_.note(row, "missing: what the part learned");
  for (const AccountId worker : skill_.introduced()) {
    if (leased_.contains(worker)) continue;
    wrong(WorkerIntroduced::name, "account " + std::to_string(worker.value), "the worker got no task of the part");
  }
}

}  // namespace tally::audit
