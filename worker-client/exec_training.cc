#include "worker-client/exec_training.h"

#include <utility>
#include <variant>

#include "worker-client/exec_line.h"
#include "worker-client/training_text.h"

namespace tally::worker {

void ExecTraining::begin(ProjectId project) {
  if (project_) return;
  project_ = project;
  ask(std::nullopt);
}

void ExecTraining::ask(std::optional<TrainingAnswer> answer) {
  request_ = wire_.send(Train{*project_, std::move(answer)});
}

std::optional<TrainingOffer> ExecTraining::take_offer() {
  if (!has_offer()) return std::nullopt;
  is_given_ = true;
  return offer_;
}

// The offer stays until the broker has said what became of the answer: a message about it can name it.
void ExecTraining::answered(AnswerValues values) { ask(TrainingAnswer{offer_->round, offer_->no, std::move(values)}); }

std::optional<ExecTraining::Report> ExecTraining::arrived(const Wire::Arrived& arrived) {
  if (!request_ || arrived.request_id != *request_) return std::nullopt;
  request_.reset();
  Report report;
  const auto* step = arrived.reply ? std::get_if<TrainingStep>(&*arrived.reply) : nullptr;
  if (step != nullptr) {
    stepped(*step, report);
  } else {
    refused(arrived.reply ? Refusal{RefusalCode::internal_error, "its reply was of another kind", 0}
                          : arrived.reply.error(),
            report);
  }
  return report;
}

void ExecTraining::stepped(const TrainingStep& step, Report& report) {
  if (!std::exchange(is_introduced_, true) && step.next) {
    report.lines.push_back("project " + std::to_string(project_->value) +
                           " begins with training, which is not paid: " + round_ahead_text(step));
  }
  if (step.feedback && offer_) {
    const std::string task = "training, round " + std::to_string(offer_->round) + ", task ";
    report.lines.push_back(task + std::to_string(offer_->no) + ": " + feedback_line(*step.feedback));
    if (ends_round(*offer_, step)) {
      report.lines.push_back("training, round " + std::to_string(offer_->round) + ": " + round_result_text(step));
    }
    report.feedback = step.feedback;
  }
  offer_ = step.next;
  is_given_ = false;
  if (!offer_) project_.reset();
}

void ExecTraining::refused(const Refusal& refusal, Report& report) {
  switch (refusal.code) {
    case RefusalCode::training_out_of_order:
      report.lines.emplace_back("this training went on elsewhere under this key");
      return ask(std::nullopt);
    case RefusalCode::training_over:
    case RefusalCode::not_qualified:
      break;  // Why, the next pull tells.
    default:
      report.refusal = refusal;
  }
  offer_.reset();
  is_given_ = false;
  project_.reset();
}

}  // namespace tally::worker
