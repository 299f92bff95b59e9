#include "worker-client/terminal_training.h"

#include <ostream>
#include <string>
#include <utility>
#include <variant>

#include "common/cli/safe_text.h"
#include "worker-client/form_reader.h"
#include "worker-client/projects.h"
#include "worker-client/show.h"
#include "worker-client/training_text.h"

namespace tally::worker {
namespace {

std::string safe(std::string_view text) { return cli::safe_for_terminal(text, false); }

// The broker has nothing more for us to answer; why, the next pull tells.
bool is_over(RefusalCode code) { return code == RefusalCode::training_over || code == RefusalCode::not_qualified; }

}  // namespace

Result<TerminalTraining::Ended, Refusal> TerminalTraining::run(ProjectId project, const ProjectSpec& spec) {
  auto now = step(Train{project, std::nullopt});
  if (now && now->next) introduce(project, spec, *now);
  AnswerValues draft;
  while (now && now->next) {
    const TrainingOffer offer = *now->next;
    if (const auto fine = usable(spec, offer.values); !fine) {
      return Unexpected{Refusal{RefusalCode::internal_error, "this program cannot show its training: " + fine.error()}};
    }
    show_task(offer, spec, *now);
    if (!read(offer, spec, draft)) return Ended::stopped;
    AnswerValues values = draft;
    std::erase_if(values, [](const auto& field) { return field.second.empty(); });
    auto next = step(Train{project, TrainingAnswer{offer.round, offer.no, std::move(values)}});
    if (!next && next.error().code == RefusalCode::answer_invalid) {
      screen_ << "The broker does not take this answer: " << safe(next.error().detail) << ".\n";
      continue;
    }
    draft.clear();
    if (!next && next.error().code == RefusalCode::training_out_of_order) {
      screen_ << "This training went on elsewhere under your key.\n";
      next = step(Train{project, std::nullopt});
    }
    if (next && next->feedback) show_feedback(offer, spec, *next);
    now = std::move(next);
  }
  if (!now && !is_over(now.error().code)) return Unexpected{now.error()};
  return Ended::over;
}

Result<TrainingStep, Refusal> TerminalTraining::step(const Train& train) {
  auto reply = ask_(train);
  if (!reply) return Unexpected{reply.error()};
  if (auto* step = std::get_if<TrainingStep>(&*reply)) return std::move(*step);
  return Unexpected{Refusal{RefusalCode::internal_error, "the broker's reply was of another kind", 0}};
}

void TerminalTraining::introduce(ProjectId project, const ProjectSpec& spec, const TrainingStep& step) {
  screen_ << "\nProject " << project.value << ", " << safe(spec.title)
          << ", begins with training, which is not paid: " << round_ahead_text(step) << ".\n"
          << "After each answer you are told what would have been right. :stop ends; it goes on where you were.\n";
  if (!spec.instructions.empty()) screen_ << "\n" << cli::safe_for_terminal(spec.instructions, true) << "\n";
}

void TerminalTraining::show_task(const TrainingOffer& offer, const ProjectSpec& spec, const TrainingStep& step) {
  screen_ << "\nTraining, round " << offer.round << ", task " << offer.no << " of " << step.tasks << ": not paid\n"
          << item_text(spec, offer.values);
}

bool TerminalTraining::read(const TrainingOffer& offer, const ProjectSpec& spec, AnswerValues& draft) {
  FormReader reader(
      lines_, screen_, spec.form,
      {.time_left = [] { return "training"; }, .show_item = [&] { screen_ << item_text(spec, offer.values); }});
  while (true) {
    const Choice choice = reader.read(draft);
    if (choice == Choice::answer) return true;
    if (choice == Choice::stop) return false;
    screen_ << "A training task is answered, or left with :stop. It cannot be skipped or handed back.\n";
  }
}

void TerminalTraining::show_feedback(const TrainingOffer& answered, const ProjectSpec& spec, const TrainingStep& step) {
  screen_ << "\n" << feedback_text(*step.feedback, spec.form);
  if (!ends_round(answered, step)) return;
  screen_ << "\nRound " << answered.round << ": " << round_result_text(step) << ".\n";
  if (!step.is_passed) return;
  if (!spec.training.grants.empty()) {
    screen_ << "It gives you the qualification '" << safe(spec.training.grants) << "'.\n";
  }
  screen_ << "Paid work begins.\n";
}

}  // namespace tally::worker
