#include "aggregate/answers_file.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <unordered_set>

#include "common/forms/unicode.h"
#include "common/project/items_csv.h"

namespace tally::aggregate {
namespace {

using aggregation::labels::Answer;

std::string at(const std::string& file, std::int64_t line, const std::string& what) {
  return file + ":" + std::to_string(line) + ": " + what;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

// Empty: the row is fine.
using TakeRow = std::function<std::string(const std::vector<const std::string*>& cells, std::int64_t line)>;

Result<Done, std::string> read_rows(std::istream& in, const std::string& name, const std::vector<std::string>& wanted,
                                    const TakeRow& take) {
  auto reader = project::ItemsReader::open(in);
  if (!reader) return Unexpected{to_text(reader.error(), name)};
  std::vector<std::size_t> places;
  for (const std::string& column : wanted) {
    const auto& header = reader->header();
    const auto found = std::find(header.begin(), header.end(), column);
    if (found == header.end()) {
      return Unexpected{at(name, 1,
                           "the column '" + column + "' is missing; the file has " + list_of(header) +
                               ". Rename one, or say which it is (--task-column and the like)")};
    }
    places.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  std::vector<const std::string*> cells(wanted.size());
  for (;;) {
    const auto read = reader->next();
    if (!read) return Unexpected{to_text(read.error(), name)};
    if (!read.value()) return Done{};
    const auto& row = *read.value();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      cells[i] = &row.item.values.at(places[i]);
      if (forms::is_blank(*cells[i])) {
        return Unexpected{at(name, row.line, "the " + wanted[i] + " is empty; fill it in, or take the row out")};
      }
    }
    if (const std::string wrong = take(cells, row.line); !wrong.empty()) return Unexpected{at(name, row.line, wrong)};
  }
}

std::int32_t number_of_label(Answers& answers, const std::string& label, Line line) {
  const std::int32_t number = answers.labels.number_of(label);
  if (number == std::ssize(answers.label_lines)) answers.label_lines.push_back(line);
  return number;
}

std::int64_t place_of(const Answer& row) { return (std::int64_t{row.task} << 32) | row.worker; }

// Keeps of each worker's answers to a task the first, or the last.
void drop_repeats(Answers& answers, Repeats repeats) {
  if (repeats == Repeats::all) return;
  auto& rows = answers.rows;
  const auto count = rows.size();
  if (repeats == Repeats::last) std::reverse(rows.begin(), rows.end());
  std::unordered_set<std::int64_t> seen;
  seen.reserve(count);
  std::erase_if(rows, [&](const Answer& row) { return !seen.insert(place_of(row)).second; });
  if (repeats == Repeats::last) std::reverse(rows.begin(), rows.end());
  answers.repeated = static_cast<std::int64_t>(count - rows.size());
}

}  // namespace

std::string Answers::wrong_label(std::int32_t label, const std::string& what) const {
  const Line& line = label_lines[static_cast<std::size_t>(label)];
  return at(line.is_of_gold ? gold_name : name, line.no, "'" + labels.name(label) + "' " + what);
}

Result<Answers, std::string> read_answers(std::istream& in, const std::string& name, const Columns& columns,
                                          Repeats repeats) {
  Answers answers;
  answers.name = name;
  const std::vector<std::string> wanted{columns.task, columns.worker, columns.label};
  const auto read = read_rows(in, name, wanted, [&](const auto& cells, std::int64_t line) {
    if (answers.rows.size() >= std::numeric_limits<std::int32_t>::max()) {
      return std::string("more than 2,147,483,647 rows; split the file by tasks");
    }
    answers.rows.push_back({answers.tasks.number_of(*cells[0]), answers.workers.number_of(*cells[1]),
                            number_of_label(answers, *cells[2], {false, line})});
    return std::string();
  });
  if (!read) return Unexpected{read.error()};
  drop_repeats(answers, repeats);
  return answers;
}

Result<std::int64_t, std::string> read_gold(std::istream& in, const std::string& name, const Columns& columns,
                                            Answers& answers) {
  std::int64_t without_answers = 0;
  answers.gold_name = name;
  answers.gold.assign(static_cast<std::size_t>(answers.tasks.count()), -1);
  const auto read = read_rows(in, name, {columns.task, columns.label}, [&](const auto& cells, std::int64_t line) {
    const auto task = answers.tasks.find(*cells[0]);
    if (!task) {
      ++without_answers;
      return std::string();
    }
    const std::int32_t label = number_of_label(answers, *cells[1], {true, line});
    std::int32_t& gold = answers.gold[static_cast<std::size_t>(*task)];
    if (gold >= 0 && gold != label) {
      return "the task '" + *cells[0] + "' has the label '" + answers.labels.name(gold) + "' further up; keep one";
    }
    if (gold < 0) ++answers.gold_count;
    gold = label;
    return std::string();
  });
  if (!read) return Unexpected{read.error()};
  return without_answers;
}

}  // namespace tally::aggregate
