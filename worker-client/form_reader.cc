#include "worker-client/form_reader.h"

#include <algorithm>
#include <optional>
#include <ostream>

#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "common/forms/form.h"
#include "schemas/ids.h"
#include "worker-client/option_entry.h"

namespace tally::worker {
namespace {

constexpr std::string_view help =
    "  :skip     go on without answering; this task is not shown to you again\n"
    "  :unskip   go back to the task you skipped or returned last, if it is still free\n"
    "  :return   hand the task back because you cannot do it\n"
    "  :back     go back to the field before\n"
    "  :show     show the item again\n"
    "  :stop     hand the task back and stop (Ctrl-D and Ctrl-C do the same)\n"
    "  ::text    enter text that begins with a colon\n";

std::string safe(std::string_view text) { return cli::safe_for_terminal(text, false); }

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text.append(text.empty() ? "" : "; ").append(value);
  return text;
}

bool has_options(const FieldSpec& field) { return !field.options.empty(); }

}  // namespace

Result<std::vector<std::string>, std::string> values_from(const FieldSpec& field, std::string_view line) {
  if (trimmed(line).empty()) {
    if (field.required) return Unexpected{std::string("this field is required")};
    return std::vector<std::string>();
  }
  std::vector<std::string> values;
  if (field.type == "choice") {
    auto option = option_from(field.options, line);
    if (!option) return Unexpected{option.error()};
    values.push_back(std::move(*option));
  } else if (has_options(field)) {
    auto options = options_from(field.options, line);
    if (!options) return Unexpected{options.error()};
    values = std::move(*options);
  } else {
    values.emplace_back(line);
  }
  // The broker's own check, on a form of this field alone.
  FieldSpec alone = field;
  alone.required = true;
  if (auto fine = forms::canonical_form({alone}, {{field.name, values}}, ""); !fine) {
    return Unexpected{safe(fine.error().detail)};
  }
  return values;
}

// A line as it is meant for a field: a command, or text.
struct FormReader::Line {
  std::optional<Choice> choice;
  bool back = false;
  bool again = false;  // A command that was carried out here, or is none: ask once more.
  std::string text;
};

// What follows from reading one field, or the summary.
struct FormReader::Outcome {
  std::optional<Choice> choice;
  std::optional<std::size_t> go_to;  // A field.
};

FormReader::Line FormReader::read_line(const std::string& prompt, const std::string& initial) {
  Entry entry = lines_.read("[" + surroundings_.time_left() + "] " + prompt + "> ", initial);
  if (entry.kind != Entry::Kind::line) return Line{.choice = Choice::stop};
  if (entry.text.starts_with("::")) return Line{.text = entry.text.substr(1)};
  if (!entry.text.starts_with(':')) return Line{.text = std::move(entry.text)};

  const std::string_view command = trimmed(entry.text);
  if (command == ":skip") return Line{.choice = Choice::skip};
  if (command == ":unskip") return Line{.choice = Choice::unskip};
  if (command == ":return") return Line{.choice = Choice::give_back};
  if (command == ":stop") return Line{.choice = Choice::stop};
  if (command == ":back") return Line{.back = true};
  if (command == ":show") {
    surroundings_.show_item();
  } else {
    if (command != ":help") screen_ << "There is no command " << safe(command) << ". There are:\n";
    screen_ << help;
  }
  return Line{.again = true};
}

void FormReader::show_field(std::size_t index) {
  const FieldSpec& field = form_[index];
  screen_ << "\n" << index + 1 << "/" << form_.size() << "  " << safe(field.label) << "\n";
  const std::vector<std::string> labels = option_labels(field.options);
  for (std::size_t i = 0; i < labels.size(); ++i)
    screen_ << "     " << labels[i] << ") " << safe(field.options[i]) << "\n";
  screen_ << "     (" << safe(forms::entry_hint(field)) << (field.required ? "" : "; Enter leaves it empty") << ")\n";
}

FormReader::Outcome FormReader::read_field(std::size_t index, AnswerValues& draft) {
  const FieldSpec& field = form_[index];
  show_field(index);
  std::string initial = joined(draft[field.name]);
  while (true) {
    const Line line = read_line("", initial);
    if (line.choice) return {line.choice, std::nullopt};
    if (line.back) return {std::nullopt, index == 0 ? 0 : index - 1};
    if (line.again) continue;
    if (auto values = values_from(field, line.text)) {
      draft[field.name] = std::move(*values);
      return {};
    } else {
      screen_ << "     " << values.error() << "\n";
      initial = line.text;
    }
  }
}

void FormReader::show_summary(const AnswerValues& draft) {
  screen_ << "\nYour answer:\n";
  cli::Table table({{"", cli::Align::right}, {"field", cli::Align::left, 40}, {"answer", cli::Align::left, 400}});
  for (std::size_t i = 0; i < form_.size(); ++i) {
    const std::string text = joined(draft.at(form_[i].name));
    table.row({std::to_string(i + 1), form_[i].label, text.empty() ? "(left empty)" : text});
  }
  screen_ << table.to_text();
}

FormReader::Outcome FormReader::read_summary(AnswerValues& draft) {
  show_summary(draft);
  while (true) {
    const Line line = read_line("Send it? y, or the number of a field to change ", "");
    if (line.choice) return {line.choice, std::nullopt};
    if (line.back) return {std::nullopt, form_.size() - 1};
    if (line.again) continue;
    const std::string_view entry = trimmed(line.text);
    if (entry == "y" || entry == "Y" || entry == "yes") return {Choice::answer, std::nullopt};
    const auto number = whole_number_from(entry);
    if (number && *number >= 1 && *number <= std::ssize(form_)) return {std::nullopt, *number - 1};
    screen_ << "     Enter y to send it, a number from 1 to " << form_.size() << " to change that field, or :help.\n";
  }
}

Choice FormReader::read(AnswerValues& draft) {
  std::optional<std::size_t> go_to;
  while (true) {
    if (!go_to) {
      const auto is_open = [&](const FieldSpec& field) { return !draft.contains(field.name); };
      const auto open = std::find_if(form_.begin(), form_.end(), is_open);
      if (open != form_.end()) go_to = static_cast<std::size_t>(open - form_.begin());
    }
    const bool is_field = go_to.has_value();
    Outcome outcome = is_field ? read_field(*go_to, draft) : read_summary(draft);
    if (outcome.choice) {
      if (is_field && draft.at(form_[*go_to].name).empty()) draft.erase(form_[*go_to].name);
      return *outcome.choice;
    }
    if (outcome.go_to && is_field && *outcome.go_to != *go_to && draft.at(form_[*go_to].name).empty()) {
      draft.erase(form_[*go_to].name);  // Left by :back before it was entered.
    }
    go_to = outcome.go_to;
  }
}

}  // namespace tally::worker
