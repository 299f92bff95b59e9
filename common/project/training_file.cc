#include "common/project/training_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/project/check_people.h"
#include "common/project/items_csv.h"
#include "common/project/nearest.h"

namespace tally::project {
namespace {

constexpr std::string_view joint = "; ";

// For each column of the spec its place in the file, or what is wrong.
Result<std::vector<std::size_t>, std::string> places_of(const ProjectSpec& spec,
                                                        const std::vector<std::string>& header) {
  std::vector<std::size_t> places;
  std::vector<std::string> names;
  for (const ColumnSpec& column : spec.columns) {
    names.push_back(column.name);
    const auto found = std::find(header.begin(), header.end(), column.name);
    if (found == header.end()) {
      return Unexpected{"there is no column '" + column.name + "', which the items have" +
                        did_you_mean(column.name, header)};
    }
    places.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  for (const std::string& name : header) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return Unexpected{"there is a column '" + name + "', which the items do not have" + did_you_mean(name, names)};
  }
  return places;
}

TrainingTask task_of(const ProjectSpec& spec, const std::vector<std::size_t>& places, ItemRow row) {
  TrainingTask task;
  for (const std::size_t place : places) task.values.push_back(std::move(row.item.values[place]));
  for (auto& [name, cell] : row.item.gold) {
    const auto is_it = [&called = name](const FieldSpec& field) { return field.name == called; };
    const auto field = std::find_if(spec.form.begin(), spec.form.end(), is_it);
    // A field that the form does not have is left for the check, which names it.
    task.gold[name] = field == spec.form.end() ? std::vector{cell} : gold_from_cell(*field, cell);
  }
  task.explanation = std::move(row.explanation);
  return task;
}

}  // namespace

// An option may hold the joint itself, so the longest option that fits is taken; a piece that is none ends at the next
// joint, and is refused by the form.
std::vector<std::string> gold_from_cell(const FieldSpec& field, const std::string& cell) {
  if (field.type != "choices") return {cell};
  std::vector<std::string> values;
  std::string_view rest = cell;
  while (true) {
    std::size_t length = std::min(rest.find(joint), rest.size());
    for (const std::string& option : field.options) {
      const bool fits =
          rest.starts_with(option) && (rest.size() == option.size() || rest.substr(option.size()).starts_with(joint));
      if (fits && option.size() > length) length = option.size();
    }
    values.emplace_back(rest.substr(0, length));
    if (length == rest.size()) return values;
    rest.remove_prefix(length + joint.size());
  }
}

Result<std::vector<TrainingTask>, std::vector<std::string>> read_training(std::istream& in, const ProjectSpec& spec,
                                                                          const std::string& file) {
  const auto only = [&](const ItemsMistake& mistake) { return Unexpected{std::vector{to_text(mistake, file)}}; };
  auto reader = ItemsReader::open(in, {}, ItemsKind::training);
  if (!reader) return only(reader.error());
  const auto places = places_of(spec, reader->header());
  if (!places) return only({1, "", places.error()});
  std::vector<TrainingTask> tasks;
  std::vector<std::string> mistakes;
  // Every row counts, so that a file without end is not read to it.
  for (std::size_t rows = 0;; ++rows) {
    auto row = reader->next();
    if (!row) {
      mistakes.push_back(to_text(row.error(), file));
    } else if (!*row) {
      break;
    } else {
      const std::int64_t line = (*row)->line;
      if (rows >= training_tasks_max) {
        return only({line, "", "there are more than " + std::to_string(training_tasks_max) + " training tasks"});
      }
      tasks.push_back(task_of(spec, *places, std::move(**row)));
      const std::string wrong = objection_to_training_task(spec, tasks.back());
      if (!wrong.empty()) mistakes.push_back(to_text(ItemsMistake{line, "", wrong}, file));
    }
    if (mistakes.size() > training_tasks_max) break;
  }
  if (!mistakes.empty()) return Unexpected{std::move(mistakes)};
  return tasks;
}

}  // namespace tally::project
