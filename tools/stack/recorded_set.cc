#include "tools/stack/recorded_set.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "common/forms/form.h"
#include "common/forms/unicode.h"
#include "common/project/items_csv.h"
#include "tools/stack/label_type.h"

namespace tally::stack {
namespace {

// Numbers names in order of first appearance.
class Names {
 public:
  explicit Names(std::vector<std::string>& names) : names_(names) {}
  std::size_t index_of(const std::string& name) {
    const auto [found, is_new] = index_.emplace(name, names_.size());
    if (is_new) names_.push_back(name);
    return found->second;
  }
  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, std::size_t> index_;
};

struct Row {
  std::int64_t line = 0;
  std::vector<std::string> cells;  // Of the wanted columns, in their order.
};
// Empty: the row is fine.
using TakeRow = std::function<std::string(const Row&)>;

std::string at(const std::filesystem::path& file, std::int64_t line, const std::string& what) {
  return file.string() + ":" + std::to_string(line) + ": " + what;
}

Result<std::vector<std::size_t>, std::string> find_columns(const std::vector<std::string>& header,
                                                           const std::vector<std::string>& wanted) {
  std::vector<std::size_t> places;
  for (const std::string& name : wanted) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end()) return Unexpected{"the column '" + name + "' is missing from the first line"};
    places.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  return places;
}

Result<Done, std::string> read_rows(const std::filesystem::path& file, const std::vector<std::string>& wanted,
                                    const TakeRow& take) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Unexpected{file.string() + " cannot be read: a set is a folder with answers.csv and truth.csv"};
  auto reader = project::ItemsReader::open(in);
  if (!reader) return Unexpected{to_text(reader.error(), file.string())};
  const auto places = find_columns(reader->header(), wanted);
  if (!places) return Unexpected{at(file, 1, places.error())};
  for (;;) {
    const auto read = reader->next();
    if (!read) return Unexpected{to_text(read.error(), file.string())};
    if (!read.value()) return Done{};
    Row row{(*read)->line, {}};
    for (const std::size_t place : *places) row.cells.push_back((*read)->item.values.at(place));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (forms::is_blank(row.cells[i])) return Unexpected{at(file, row.line, "the " + wanted[i] + " is empty")};
    }
    if (const std::string wrong = take(row); !wrong.empty()) return Unexpected{at(file, row.line, wrong)};
  }
}

// Of a worker's answers to one task the last stays: it is what the worker thought in the end.
void drop_repeats(RecordedSet& set) {
  std::set<std::pair<std::size_t, std::size_t>> seen;
  std::reverse(set.answers.begin(), set.answers.end());
  set.repeated = static_cast<std::int64_t>(std::erase_if(
      set.answers, [&](const RecordedAnswer& answer) { return !seen.emplace(answer.task, answer.worker).second; }));
  std::reverse(set.answers.begin(), set.answers.end());
}

}  // namespace

Result<RecordedSet, std::string> load_recorded_set(const std::filesystem::path& folder) {
  RecordedSet set;
  set.name = std::filesystem::absolute(folder).lexically_normal().filename().string();
  if (set.name.empty()) set.name = std::filesystem::absolute(folder).lexically_normal().parent_path().filename();
  Names tasks(set.tasks);
  Names workers(set.workers);
  const auto answers = read_rows(folder / "answers.csv", {"task", "worker", "label"}, [&](const Row& row) {
    const std::size_t task = tasks.index_of(row.cells[0]);
    const std::size_t worker = workers.index_of(row.cells[1]);
    set.answers.push_back({task, worker, row.cells[2], row.line});
    return std::string();
  });
  if (!answers) return Unexpected{answers.error()};
  drop_repeats(set);

  set.truth.resize(set.tasks.size());
  const auto truth = read_rows(folder / "truth.csv", {"task", "label"}, [&](const Row& row) -> std::string {
    const auto task = tasks.find(row.cells[0]);
    if (!task) return "";  // Nobody answered it.
    if (set.truth[*task] && *set.truth[*task] != row.cells[1]) return "this task has another label further up";
    set.truth[*task] = row.cells[1];
    return "";
  });
  if (!truth) return Unexpected{truth.error()};
  return set;
}

RecordedSet with_workers_max(RecordedSet set, std::size_t workers_max) {
  if (workers_max == 0 || workers_max >= set.workers.size()) return set;
  RecordedSet kept{.name = set.name, .repeated = set.repeated};
  Names tasks(kept.tasks);
  kept.workers.assign(set.workers.begin(), set.workers.begin() + static_cast<std::ptrdiff_t>(workers_max));
  for (RecordedAnswer& answer : set.answers) {
    if (answer.worker >= workers_max) continue;
    const std::string& name = set.tasks[answer.task];
    const bool is_new = !tasks.find(name);
    if (is_new) kept.truth.push_back(set.truth[answer.task]);
    answer.task = tasks.index_of(name);
    kept.answers.push_back(std::move(answer));
  }
  return kept;
}

Result<FieldSpec, std::string> label_field(const RecordedSet& set, const std::string& type) {
  std::set<std::string> labels;
  for (const RecordedAnswer& answer : set.answers) labels.insert(answer.label);
  const FieldSpec field = field_of_labels(labels, type == "auto" ? type_of_labels(labels) : type);
  if (const auto checked = forms::check_form({field}); !checked) {
    return Unexpected{"the labels do not make a field of type '" + field.type + "': " + checked.error().detail};
  }
  for (const RecordedAnswer& answer : set.answers) {
    if (ballot_of(field, answer.label)) continue;
    return Unexpected{"answers.csv:" + std::to_string(answer.line) + ": a field of type '" + field.type +
                      "' does not take this label; name another type"};
  }
  return field;
}

std::optional<std::string> ballot_of(const FieldSpec& field, const std::string& label) {
  auto ballots = forms::canonical_form({field}, {{field.name, {label}}}, "");
  if (!ballots) return std::nullopt;
  return std::move(ballots->front());
}

}  // namespace tally::stack
