#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/project_spec.h"
#include "worker-client/line_source.h"

namespace tally::worker {

// What a person decided about the task before them.
enum class Choice {
  answer,
  skip,       // :skip
  unskip,     // :unskip: the task skipped last, first
  give_back,  // :return
  stop,       // :stop, the end of input, Ctrl-C
};

// Reads an answer with the keyboard, field by field, checks each as the broker will, and lets one correct before it is
// sent. The form's texts are made safe here.
class FormReader {
 public:
  struct Surroundings {
    std::function<std::string()> time_left;  // For the prompt: "9:41".
    std::function<void()> show_item;         // For :show.
  };

  // REQUIRES a form that forms::check_form accepts. Borrows all.
  FormReader(LineSource& lines, std::ostream& screen, const std::vector<FieldSpec>& form, Surroundings surroundings)
      : lines_(lines), screen_(screen), form_(form), surroundings_(std::move(surroundings)) {}

  // `draft` holds what was entered so far (nothing at first), an empty list for a field that was left empty; it can be
  // given again later. With Choice::answer the form accepts it.
  Choice read(AnswerValues& draft);

 private:
  struct Line;
  struct Outcome;

  Line read_line(const std::string& prompt, const std::string& initial);
  Outcome read_field(std::size_t index, AnswerValues& draft);
  Outcome read_summary(AnswerValues& draft);
  void show_field(std::size_t index);
  void show_summary(const AnswerValues& draft);

  LineSource& lines_;
  std::ostream& screen_;
  const std::vector<FieldSpec>& form_;
  Surroundings surroundings_;
};

// What one line means for this field: its values, none when an optional field is left empty. The error says what is
// wrong with it, safe to be shown.
[[nodiscard]] Result<std::vector<std::string>, std::string> values_from(const FieldSpec& field, std::string_view line);

}  // namespace tally::worker
