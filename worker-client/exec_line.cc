#include "worker-client/exec_line.h"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "common/codec/json.h"
#include "common/forms/form.h"
#include "common/project/item_template.h"

namespace tally::worker {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t excerpt_width = 200;

Unexpected<ExecRubbish> rubbish(std::string what, bool in_step = false) { return {{std::move(what), in_step}}; }

// A value as the form wants it: text, or a number as its text.
std::optional<std::string> text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  return std::nullopt;
}

// The values of one field: a text or number, a list of such, or null for none.
std::optional<std::vector<std::string>> values_of(const json& value) {
  std::vector<std::string> values;
  if (value.is_null()) return values;
  if (!value.is_array()) {
    auto text = text_of(value);
    if (!text) return std::nullopt;
    values.push_back(std::move(*text));
    return values;
  }
  for (const json& one : value) {
    auto text = text_of(one);
    if (!text) return std::nullopt;
    values.push_back(std::move(*text));
  }
  return values;
}

Result<AnswerValues, ExecRubbish> all_values(const json& fields) {
  AnswerValues values;
  for (const auto& [name, value] : fields.items()) {
    auto entered = values_of(value);
    if (!entered) {
      return rubbish("the value of " + excerpt(name) + " is neither text, nor a number, nor a list of these", true);
    }
    if (!entered->empty()) values.emplace(name, std::move(*entered));
  }
  return values;
}

// What the item is, and what is asked about it.
void describe(ordered_json& line, const ProjectSpec& spec, const std::vector<std::string>& values) {
  line["title"] = spec.title;
  line["item"] = ordered_json::object();
  for (std::size_t i = 0; i < spec.columns.size(); ++i) line["item"][spec.columns[i].name] = values[i];
  line["shown"] = project::render_template(spec.item_template, spec.columns, values);
  line["form"] = codec::json_of(spec.form);
  line["instructions"] = spec.instructions;
}

std::string finished(ordered_json line, const std::optional<TrainingFeedback>& feedback) {
  if (feedback) {
    ordered_json& said = line["feedback"];
    said["no"] = feedback->no;
    said["right"] = feedback->is_right;
    said["gold"] = feedback->gold;
    said["explanation"] = feedback->explanation;
  }
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string excerpt(std::string_view text) {
  // Cut before it is looked at: it may be long.
  return cli::fitted(cli::safe_for_terminal(text.substr(0, 4 * excerpt_width), false), excerpt_width);
}

std::string training_name(const TrainingOffer& task) {
  return "training-" + std::to_string(task.round) + "-" + std::to_string(task.no);
}

std::string task_line(const TaskOffer& task, const ProjectSpec& spec, Duration lease_left,
                      const std::optional<TrainingFeedback>& feedback) {
  ordered_json line;
  line["assignment"] = to_text(task.assignment);
  if (task.task) line["task"] = to_text(*task.task);
  if (task.item_no) line["item_no"] = *task.item_no;
  line["project"] = task.project.value;
  describe(line, spec, task.values);
  line["reward"] = to_text(task.reward);
  line["lease_left_ms"] = lease_left.ms;
  return finished(std::move(line), feedback);
}

std::string training_line(const TrainingOffer& task, ProjectId project, const ProjectSpec& spec, Duration time_left,
                          const std::optional<TrainingFeedback>& feedback) {
  ordered_json line;
  line["assignment"] = training_name(task);
  line["task"] = training_name(task);
  line["item_no"] = task.no;
  line["project"] = project.value;
  describe(line, spec, task.values);
  line["reward"] = to_text(Micros{0});
  line["lease_left_ms"] = time_left.ms;
  line["training"] = true;
  line["round"] = task.round;
  line["no"] = task.no;
  return finished(std::move(line), feedback);
}

Result<ExecAnswer, ExecRubbish> answer_from(std::string_view line, std::string_view assignment,
                                            const std::vector<FieldSpec>& form) {
  const json answer = json::parse(line, nullptr, false);
  if (!answer.is_object()) return rubbish("it wrote a line that is no JSON object: " + excerpt(line));
  const auto named = answer.find("assignment");
  if (named == answer.end() || !named->is_string() || named->get<std::string>() != assignment) {
    return rubbish("it was asked for the answer to " + std::string(assignment) + " and wrote: " + excerpt(line));
  }
  for (const auto& [name, value] : answer.items()) {
    if (name == "assignment" || name == "values" || name == "skip") continue;
    return rubbish("its answer has the key " + excerpt(name) + "; there are assignment, values and skip", true);
  }
  const auto skip = answer.find("skip");
  const auto fields = answer.find("values");
  if (skip != answer.end()) {
    if (*skip == true && fields == answer.end()) return ExecAnswer{true, {}};
    if (!skip->is_boolean() || *skip == true) {
      return rubbish(R"("skip" must be true, and stand without "values": )" + excerpt(line), true);
    }
  }
  if (fields == answer.end() || !fields->is_object()) {
    return rubbish(R"(its answer has no object "values", and no "skip": )" + excerpt(line), true);
  }
  auto values = all_values(*fields);
  if (!values) return Unexpected{values.error()};
  if (auto fine = forms::canonical_form(form, *values, ""); !fine) {
    return rubbish("its answer does not fit the form: " + excerpt(fine.error().detail), true);
  }
  return ExecAnswer{false, std::move(*values)};
}

}  // namespace tally::worker
