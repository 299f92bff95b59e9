#include "requester/review_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <utility>

#include "common/cli/safe_text.h"
#include "common/project/item_template.h"
#include "schemas/time.h"

namespace tally::requester {
namespace {

// What others wrote may have many lines: indented, none of them looks like one of ours.
std::string indented(const std::string& text) {
  std::string result = "    ";
  for (const char c : cli::safe_for_terminal(text, true)) {
    result += c;
    if (c == '\n') result += "    ";
  }
  return result + "\n";
}

std::string entered(const AnswerRow& answer, const std::string& field) {
  const auto found = answer.values.find(field);
  if (found == answer.values.end()) return "(left empty)";
  std::string text;
  for (const std::string& value : found->second) text += (text.empty() ? "" : "\n") + value;
  return text;
}

// An item as its template shows it; column by column where the template is one that a newer program accepted.
std::string shown(const ProjectSpec& spec, const std::vector<std::string>& values) {
  const bool is_good = project::check_template(spec.item_template, spec.columns).has_value();
  return project::render_template(is_good ? spec.item_template : "", spec.columns, values);
}

}  // namespace

std::string review_text(const ProjectSpec& spec, const ResultRow& task, const AnswerRow& answer) {
  std::string text = "Item " + std::to_string(task.item_no) + "\n" + indented(shown(spec, task.values));
  text += "Answer " + to_text(answer.assignment) + " of worker " + std::to_string(answer.worker.value) + ", " +
          to_text(Time{answer.at_ms}) + "\n";
  for (const FieldSpec& field : spec.form) {
    const std::string& label = field.label.empty() ? field.name : field.label;
    text += "  " + cli::safe_for_terminal(label, false) + "\n" + indented(entered(answer, field.name));
  }
  return text;
}

std::vector<AnswerRow> under_review(const ResultRow& task) {
  std::vector<AnswerRow> waiting;
  std::copy_if(task.given.begin(), task.given.end(), std::back_inserter(waiting),
               [](const AnswerRow& answer) { return answer.state == PayState::review; });
  return waiting;
}

std::optional<Judgement> judgement_from(std::string_view line) {
  static constexpr std::array<std::pair<std::string_view, Judgement>, 5> words{{{"approve", Judgement::approve},
                                                                                {"reject", Judgement::reject},
                                                                                {"skip", Judgement::skip},
                                                                                {"quit", Judgement::stop},
                                                                                {"stop", Judgement::stop}}};
  std::string word;
  for (const char c : line) {
    if (c != ' ' && c != '\t') word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const auto& [name, judgement] : words) {
    if (word == name || (word.size() == 1 && word[0] == name[0])) return judgement;
  }
  return std::nullopt;
}

}  // namespace tally::requester
