#include "worker-client/training_text.h"

#include <algorithm>

#include "common/cli/safe_text.h"

namespace tally::worker {
namespace {

std::string safe(std::string_view text) { return cli::safe_for_terminal(text, false); }

std::string rounds(std::int64_t count) { return std::to_string(count) + (count == 1 ? " round" : " rounds"); }

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : "; ") + safe(value);
  return text;
}

std::string label_of(const std::vector<FieldSpec>& form, const std::string& name) {
  const auto is_it = [&](const FieldSpec& field) { return field.name == name; };
  const auto field = std::find_if(form.begin(), form.end(), is_it);
  return safe(field == form.end() ? name : field->label);
}

}  // namespace

std::string round_ahead_text(const TrainingStep& step) {
  return std::to_string(step.tasks) + (step.tasks == 1 ? " task" : " tasks") + ", of which " +
         std::to_string(step.right_min) + " must be right; you have " + rounds(step.rounds_left);
}

std::string feedback_text(const TrainingFeedback& feedback, const std::vector<FieldSpec>& form) {
  std::string text = feedback.is_right ? "Right.\n" : "Not right. This is:\n";
  if (!feedback.is_right) {
    for (const auto& [name, gold] : feedback.gold) text += "  " + label_of(form, name) + "  " + joined(gold) + "\n";
  }
  if (feedback.explanation.empty()) return text;
  text += cli::safe_for_terminal(feedback.explanation, true);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

std::string feedback_line(const TrainingFeedback& feedback) {
  std::string text = feedback.is_right ? "right" : "not right; right is";
  if (!feedback.is_right) {
    std::string fields;
    for (const auto& [name, gold] : feedback.gold) {
      fields += (fields.empty() ? " " : ", ") + safe(name) + "=" + joined(gold);
    }
    text += fields;
  }
  if (!feedback.explanation.empty()) text += " (" + safe(feedback.explanation) + ")";
  return text;
}

std::string round_result_text(const TrainingStep& step) {
  const std::string right = std::to_string(step.right) + " of " + std::to_string(step.tasks) + " right";
  if (step.is_passed) return right + ": the training is passed";
  return right + ", " + std::to_string(step.right_min) + " are needed; " +
         (step.rounds_left > 0 ? rounds(step.rounds_left) + (step.rounds_left == 1 ? " is left" : " are left")
                               : "no round is left");
}

bool ends_round(const TrainingOffer& answered, const TrainingStep& step) {
  return !step.next || step.next->round != answered.round;
}

}  // namespace tally::worker
