#include "tools/quality/label_set.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "tools/stack/label_type.h"

namespace tally::quality {
namespace {

Result<aggregate::Answers, std::string> read(const std::filesystem::path& folder) {
  const std::filesystem::path answers_path = folder / "answers.csv";
  const std::filesystem::path truth_path = folder / "truth.csv";
  std::ifstream answers_file(answers_path, std::ios::binary);
  std::ifstream truth_file(truth_path, std::ios::binary);
  if (!answers_file || !truth_file) {
    return Unexpected{folder.string() + " is not a set: that is a folder with answers.csv and truth.csv"};
  }
  auto answers = aggregate::read_answers(answers_file, answers_path.string(), {}, aggregate::Repeats::last);
  if (!answers) return answers;
  const auto gold = aggregate::read_gold(truth_file, truth_path.string(), {}, *answers);
  if (!gold) return Unexpected{gold.error()};
  return answers;
}

// The number that each label gets when they are sorted by name.
std::vector<std::int32_t> sorted_numbers(const Names& labels) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(labels.count()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::int32_t a, std::int32_t b) { return labels.name(a) < labels.name(b); });
  std::vector<std::int32_t> numbers(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) numbers[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return numbers;
}

// From the line "| origin | … |".
std::string origin_in(const std::filesystem::path& readme) {
  constexpr std::string_view head = "| origin | ";
  std::ifstream in(readme, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(head, 0) == 0) return line.substr(head.size(), line.rfind(" |") - head.size());
  }
  return "";
}

}  // namespace

Result<LabelSet, std::string> load_label_set(const std::filesystem::path& folder) {
  const auto read_set = read(folder);
  if (!read_set) return Unexpected{read_set.error()};
  const aggregate::Answers& answers = *read_set;
  const std::vector<std::int32_t> number = sorted_numbers(answers.labels);

  LabelSet set;
  const auto path = std::filesystem::absolute(folder).lexically_normal();
  set.name = path.has_filename() ? path.filename() : path.parent_path().filename();
  set.origin = origin_in(folder / "README.md");
  set.tasks = answers.tasks.count();
  set.workers = answers.workers.count();
  set.labels.resize(number.size());
  for (std::size_t i = 0; i < number.size(); ++i) {
    set.labels[static_cast<std::size_t>(number[i])] = answers.labels.name(static_cast<std::int32_t>(i));
  }
  for (const auto& row : answers.rows) {
    set.answers.push_back({row.task, row.worker, number[static_cast<std::size_t>(row.label)]});
  }
  for (const std::int32_t label : answers.gold) {
    set.truth.push_back(label < 0 ? -1 : number[static_cast<std::size_t>(label)]);
  }
  return set;
}

std::vector<std::filesystem::path> folders_of_sets(const std::vector<std::string>& folders) {
  std::vector<std::filesystem::path> found;
  const auto is_set = [](const std::filesystem::path& folder) {
    return std::filesystem::exists(folder / "answers.csv");
  };
  for (const std::string& folder : folders) {
    std::vector<std::filesystem::path> inside;
    if (!is_set(folder) && std::filesystem::is_directory(folder)) {
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (is_set(entry.path())) inside.push_back(entry.path());
      }
    }
    if (inside.empty()) inside.emplace_back(folder);
    std::sort(inside.begin(), inside.end());
    found.insert(found.end(), inside.begin(), inside.end());
  }
  return found;
}

Kind kind_of(const LabelSet& set) {
  std::set<std::string> labels;
  for (const auto& answer : set.answers) labels.insert(set.labels[static_cast<std::size_t>(answer.label)]);
  const std::string type = stack::type_of_labels(labels);
  if (type == "choice") return Kind::labels;
  return type == "number" ? Kind::numbers : Kind::texts;
}

LabelSet with_answers_max(LabelSet set, std::int32_t answers_max, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::size_t> order(set.answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  std::vector<std::int32_t> taken(static_cast<std::size_t>(set.tasks));
  std::vector<aggregation::labels::Answer> kept;
  for (const std::size_t i : order) {
    const auto& answer = set.answers[i];
    if (taken[static_cast<std::size_t>(answer.task)]++ < answers_max) kept.push_back(answer);
  }
  set.answers = std::move(kept);
  return set;
}

}  // namespace tally::quality
