#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/project.h"
#include "common/aggregation/online/part_skills.h"
#include "common/base/assert.h"
#include "common/forms/form.h"

// What the parts of a project tell each other of skill: a part tells its project what it learned when all its tasks
// have their verdict, and is told what is known of each worker who takes a first task of it.
namespace tally::core {
namespace {

std::vector<FieldSkill> known_of(const Turn& turn, const TaskPart& tasks, const ProjectSkills& skills,
                                 AccountId worker) {
  std::vector<FieldSkill> known;
  const Part& home = turn.state.parts.at(account_part_of(worker));
  const Standing& standing = home.accounts().accounts.at(worker).standing;
  for (const auto& [field_no, model] : tasks.models) {
    FieldSkill of;
    of.field = field_no;
    const auto workers = skills.workers.find(field_no);
    const auto row = workers == skills.workers.end() ? decltype(workers->second.end()){} : workers->second.find(worker);
    if (workers != skills.workers.end() && row != workers->second.end()) {
      of.workers.push_back({worker, row->second});
    } else if (auto weak = aggregation::row_from_standing(worker, standing, model.labels())) {
      of.workers.push_back(std::move(*weak));
    } else {
      continue;
    }
    known.push_back(std::move(of));
  }
  return known;
}

// What a project knows of a field.
struct Support {
  ClaimBasis all;                  // What its finished parts told, and what those in memory have seen since.
  std::int64_t claim_max_ppm = 0;  // A verdict stands on what its own part has seen and was told.
  std::int64_t gold_open = 0;
};

Support support_of(const State& state, ProjectId project, const ControlPart& control, std::int32_t field_no) {
  Support support;
  if (const auto told = control.skills.by_field.find(field_no); told != control.skills.by_field.end()) {
    support.all.gold = told->second.gold;
    support.all.audited = told->second.audited;
  }
  support.claim_max_ppm = aggregation::Claims(support.all).highest();
  for (auto it = state.parts.lower_bound(part_of(project, 1));
       it != state.parts.end() && is_task_part(it->first) && project_of(it->first) == project; ++it) {
    const TaskPart& tasks = it->second.tasks();
    const auto claims = tasks.claims.find(field_no);
    if (tasks.state != PartState::open || claims == tasks.claims.end()) continue;
    aggregation::add_outcomes(support.all.gold, claims->second.own().gold);
    aggregation::add_outcomes(support.all.audited, claims->second.own().audited);
    support.gold_open += claims->second.gold_open();
    support.claim_max_ppm = std::max(support.claim_max_ppm, claims->second.now().highest());
  }
  return support;
}

// Of so many more gold tasks, the fewest that would do if all of them are right; -1: none of these. More gold that is
// right never lets claim less.
constexpr std::array<std::int64_t, 12> numbers_tried{5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1'000, 2'000};

std::int64_t gold_needed(const ClaimBasis& basis, std::int64_t asked_ppm) {
  const auto is_short = [&](std::int64_t gold) {
    return aggregation::hopeful_claims(basis, gold).highest() < asked_ppm;
  };
  if (is_short(numbers_tried.back())) return -1;
  return *std::partition_point(numbers_tried.begin(), numbers_tried.end() - 1, is_short);
}

FieldSupport report_on(const ControlPart& control, const FieldSpec& field, const Support& support) {
  const ProjectSpec& spec = control.opened.spec;
  FieldSupport report;
  report.field = field.name;
  report.claim_max_ppm = support.claim_max_ppm;
  for (const OutcomeCount& outcome : support.all.gold) {
    report.gold += outcome.right + outcome.wrong;
    report.right += outcome.right;
  }
  report.gold_open = support.gold_open;
  const std::int64_t asked_ppm = spec.redundancy.confidence_ppm;
  if (support.claim_max_ppm < asked_ppm) report.gold_needed = gold_needed(support.all, asked_ppm);
  const std::int64_t answers = std::max<std::int64_t>(report.gold_needed, 0) * spec.redundancy.max;
  report.cost = times(cost_of_answer(spec, control.opened.fee_ppm), answers).value_or(Micros{});
  return report;
}

}  // namespace

void send_what_was_learned(const Turn& turn, Part& part) {
  const TaskPart& tasks = part.tasks();
  if (tasks.models.empty() || tasks.answers == 0) return;
  turn.mail(part, control_part_of(project_of(part.id)),
            PartLearned{aggregation::all_learned(tasks.models, tasks.claims)});
}

void tell_what_is_known(const Turn& turn, Part& part, AccountId worker) {
  const TaskPart& tasks = part.tasks();
  if (tasks.models.empty()) return;
  const Part* control = turn.loaded(control_part_of(project_of(part.id)));
  TALLY_ASSERT(control != nullptr);
  const ProjectSkills& skills = control->control().skills;
  if (skills.version != tasks.known.version) {
    ProjectKnown known{skills.version, {}};
    for (const auto& [field_no, skill] : skills.by_field) known.skills.push_back(skill);
    turn.emit(part.id, std::move(known));
    if (tasks.created.spec.redundancy.confidence_ppm > 0) judge_all_anew(turn.state, part);
  }
  if (tasks.leased.contains(worker)) return;
  WorkerIntroduced introduced{worker, known_of(turn, tasks, skills, worker)};
  if (!introduced.skills.empty()) turn.emit(part.id, std::move(introduced));
}

void handle(const Turn& turn, const Identity& who, const GetSupport& get) {
  const Part* part = need_own_project(turn, who, get.project);
  if (part == nullptr) return;
  const ControlPart& control = part->control();
  const ProjectSpec& spec = control.opened.spec;
  SupportReport report;
  report.asked_ppm = spec.redundancy.confidence_ppm;
  for (std::size_t i = 0; i < spec.form.size() && report.asked_ppm > 0; ++i) {
    if (forms::labels_of(spec.form[i]) == 0) continue;
    const auto field_no = static_cast<std::int32_t>(i);
    const Support support = support_of(turn.state, get.project, control, field_no);
    report.by_field.push_back(report_on(control, spec.form[i], support));
  }
  turn.reply(std::move(report));
}

}  // namespace tally::core
