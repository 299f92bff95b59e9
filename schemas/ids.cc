#include "schemas/ids.h"

#include <array>
#include <limits>

namespace tally {
namespace {

template <class Number>
std::string with_letter(char letter, Number id) {
  return letter + std::to_string(project_of(id.part).value) + '.' + std::to_string(part_no_of(id.part)) + '.' +
         std::to_string(id.no);
}

template <class Number>
std::optional<Number> parse(char letter, std::string_view text) {
  if (text.empty() || text.front() != letter) return std::nullopt;
  text.remove_prefix(1);
  std::array<std::int64_t, 3> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto dot = i + 1 < numbers.size() ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto number = whole_number_from(text.substr(0, dot));
    if (!number) return std::nullopt;
    numbers.at(i) = *number;
    text.remove_prefix(dot < text.size() ? dot + 1 : dot);
  }
  const auto [project, part_no, no] = numbers;
  if (project > std::numeric_limits<std::int64_t>::max() / parts_per_project - 1) return std::nullopt;
  if (part_no >= parts_per_project || no < 1 || no > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return Number{part_of(ProjectId{project}, part_no), static_cast<std::int32_t>(no)};
}

}  // namespace

std::string to_text(TaskId id) { return with_letter('t', id); }
std::string to_text(AssignmentId id) { return with_letter('a', id); }
std::string to_text(TransferId id) { return with_letter('m', id); }
std::string to_text(PartId id) {
  return 'p' + std::to_string(project_of(id).value) + '.' + std::to_string(part_no_of(id));
}

std::optional<TaskId> task_id_from(std::string_view text) { return parse<TaskId>('t', text); }
std::optional<AssignmentId> assignment_id_from(std::string_view text) { return parse<AssignmentId>('a', text); }
std::optional<TransferId> transfer_id_from(std::string_view text) { return parse<TransferId>('m', text); }

std::optional<std::int64_t> whole_number_from(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace tally
