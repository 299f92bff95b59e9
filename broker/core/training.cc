#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "broker/core/eligibility.h"
#include "broker/core/project.h"
#include "broker/core/turn.h"
#include "common/aggregation/registry.h"
#include "common/base/planted.h"
#include "common/forms/form.h"
#include "schemas/qualification_name.h"

// The training round that comes before paid work: each task with what would have been right, at once.
namespace tally::core {
namespace {

constexpr std::int64_t million = 1'000'000;

struct Place {
  std::int64_t round = 1;
  std::int64_t no = 1;
};

// The task whose turn it is.
Place next_of(const Training& training, const Trainee& trainee) {
  const auto tasks = std::ssize(training.tasks);
  const bool is_under_way = trainee.answered > 0 && trainee.answered < tasks;
  return {trainee.rounds + 1, is_under_way ? trainee.answered + 1 : 1};
}

// The task that was answered last.
std::optional<Place> last_of(const Training& training, const Trainee& trainee) {
  if (trainee.answered == 0) return std::nullopt;
  const bool is_ended = trainee.answered == std::ssize(training.tasks);
  return Place{is_ended ? trainee.rounds : trainee.rounds + 1, trainee.answered};
}

// So many right answers pass a round.
std::int64_t right_min(const Training& training) {
  return (std::ssize(training.tasks) * training.pass_ppm + million - 1) / million;
}

bool is_over_for(const Training& training, const Trainee& trainee) {
  return trainee.is_passed || trainee.rounds >= training.rounds_max;
}

// Whether the answer agrees with what is known in each field where something is.
Result<bool, Refusal> is_right(const ProjectSpec& spec, const TrainingTask& task, const AnswerValues& values) {
  const auto given = forms::canonical_form(spec.form, values, "");
  if (!given) return Unexpected{given.error()};
  // What is known takes the place of what was entered, field by field: alone it need not fill in the form.
  AnswerValues known = values;
  for (const auto& [field, gold] : task.gold) known[field] = gold;
  const auto right = forms::canonical_form(spec.form, known, "");
  if (!right) return Unexpected{right.error()};
  for (std::size_t i = 0; i < spec.form.size(); ++i) {
    if (!task.gold.contains(spec.form[i].name)) continue;
    const auto* method = aggregation::find_method(forms::default_method(spec.form[i]));
    const aggregation::Policy policy{spec.redundancy, forms::tolerance_e6(spec.form[i])};
    if (!method->agrees((*given)[i], (*right)[i], policy)) return false;
  }
  return true;
}

TrainingFeedback feedback_on(const TrainingTask& task, std::int64_t no, bool right) {
  return {static_cast<std::int32_t>(no), right, task.gold, task.explanation};
}

TrainingStep step_of(const Training& training, const Trainee& trainee) {
  TrainingStep step;
  step.tasks = std::ssize(training.tasks);
  step.right = trainee.right;
  step.right_min = right_min(training);
  step.is_passed = trainee.is_passed;
  step.rounds_left = trainee.is_passed ? 0 : std::max<std::int64_t>(0, training.rounds_max - trainee.rounds);
  return step;
}

void offer_next(const Training& training, const Trainee& trainee, TrainingStep& step) {
  if (is_over_for(training, trainee)) return;
  const Place next = next_of(training, trainee);
  step.next = TrainingOffer{next.round, static_cast<std::int32_t>(next.no),
                            training.tasks[static_cast<std::size_t>(next.no) - 1].values};
}

void end_round(const Turn& turn, Part& part, AccountId worker) {
  const Training& training = part.control().opened.spec.training;
  const Trainee trainee = part.control().trainees.at(worker);
  const bool is_passed = trainee.right >= right_min(training) - (planted(Bug::training_passed_below_mark) ? 1 : 0);
  turn.emit(part.id, TrainingEnded{worker, trainee.right, is_passed});
  if (!is_passed) return;
  // A pull of this worker may be waiting.
  ++turn.state.work_version;
  if (training.grants.empty() || planted(Bug::training_earns_nothing)) return;
  const std::int64_t score = trainee.right * 100 / std::ssize(training.tasks);
  turn.mail(part, account_part_of(worker),
            QualificationEarned{worker, name_by_training(training.grants, part.control().opened.owner), score});
}

// The project whose training this worker may begin; null: refused, or waiting for it.
Part* trained_for(const Turn& turn, const Identity& who, ProjectId project) {
  Part* part = need_project(turn, project);
  if (part == nullptr) return nullptr;
  const ControlPart& control = part->control();
  if (is_over(control.state) || control.state == ProjectState::posting) {
    turn.refuse(RefusalCode::project_not_open, "the project is " + std::string(name_of(control.state)));
    return nullptr;
  }
  if (const auto why = why_not_qualified(turn.state.parts, control, who.account)) {
    turn.refuse(RefusalCode::not_qualified, why->missing);
    return nullptr;
  }
  if (control.opened.spec.training.tasks.empty()) {
    turn.refuse(RefusalCode::training_over, "this project has no training round; pull its tasks");
    return nullptr;
  }
  return part;
}

}  // namespace

void handle(const Turn& turn, const Identity& who, const Train& train) {
  Part* part = trained_for(turn, who, train.project);
  if (part == nullptr) return;
  const ControlPart& control = part->control();
  const Training& training = control.opened.spec.training;
  const auto trainee = [&] {
    const auto found = control.trainees.find(who.account);
    return found == control.trainees.end() ? Trainee{} : found->second;
  };
  if (!train.answer) {
    TrainingStep step = step_of(training, trainee());
    offer_next(training, trainee(), step);
    return turn.reply(std::move(step));
  }
  const TrainingAnswer& answer = *train.answer;
  const auto is_at = [&](Place place) { return answer.round == place.round && answer.no == place.no; };
  bool right = trainee().last_was_right;
  const auto last = last_of(training, trainee());
  if (!last || !is_at(*last)) {
    if (is_over_for(training, trainee())) {
      return turn.refuse(RefusalCode::training_over, trainee().is_passed
                                                         ? "you passed this training round already"
                                                         : "this training round may not be tried again");
    }
    const Place next = next_of(training, trainee());
    if (!is_at(next)) {
      return turn.refuse(RefusalCode::training_out_of_order, "it is the turn of task " + std::to_string(next.no) +
                                                                 " of round " + std::to_string(next.round));
    }
    const auto judged =
        is_right(control.opened.spec, training.tasks[static_cast<std::size_t>(next.no) - 1], answer.values);
    if (!judged) return turn.refuse(judged.error());
    right = *judged;
    turn.emit(part->id, TrainingAnswered{who.account, answer.no, right, turn.now_ms()});
    if (next.no == std::ssize(training.tasks)) end_round(turn, *part, who.account);
  }
  TrainingStep step = step_of(training, trainee());
  step.feedback = feedback_on(training.tasks[static_cast<std::size_t>(answer.no) - 1], answer.no, right);
  offer_next(training, trainee(), step);
  turn.reply(std::move(step));
}

}  // namespace tally::core
