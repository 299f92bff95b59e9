#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include "aggregate/kind_tools.h"
#include "common/aggregation/boxes/boxes.h"
#include "common/aggregation/in_parts.h"
#include "common/cli/program.h"

// boxes: each answer is the boxes that a worker drew in a picture, or none; in the file a box is "x y width height",
// and boxes are joined by semicolons.
namespace tally::aggregate {
namespace {

namespace boxes = aggregation::boxes;

using Boxes = std::vector<boxes::Box>;
using ByTask = std::vector<std::vector<boxes::Answer>>;

struct Pictures {
  std::vector<Boxes> by_label;  // By what the file says; answers refer to them.
  ByTask tasks;
  std::vector<boxes::Outcome> found;  // By task.
};

constexpr std::string_view method_name = "overlap";
constexpr std::size_t tasks_per_part = 64;

void skip_spaces(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(' '), text.size())); }

// Nothing where it is none.
std::optional<boxes::Box> box_from(std::string_view text) {
  std::array<std::int32_t, 4> numbers{};
  for (std::int32_t& number : numbers) {
    skip_spaces(text);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text.front() != ' ') return std::nullopt;
  }
  skip_spaces(text);
  const boxes::Box box{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (!text.empty() || !boxes::is_valid(box)) return std::nullopt;
  return box;
}

std::optional<Boxes> boxes_from(std::string_view text) {
  Boxes found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    skip_spaces(one);
    if (one.empty()) continue;
    const auto box = box_from(one);
    if (!box) return std::nullopt;
    found.push_back(*box);
  }
  return found;
}

std::string text_of(const std::vector<boxes::Merged>& merged) {
  std::string text;
  for (const auto& [box, workers] : merged) {
    text += (text.empty() ? "" : "; ") + std::to_string(box.x) + " " + std::to_string(box.y) + " " +
            std::to_string(box.width) + " " + std::to_string(box.height);
  }
  return text.empty() ? ";" : text;
}

// By label: the boxes in it.
std::vector<Boxes> boxes_by_label(const Answers& answers) {
  std::vector<Boxes> by_label;
  for (std::int32_t label = 0; label < answers.labels.count(); ++label) {
    auto found = boxes_from(answers.labels.name(label));
    if (!found) {
      cli::fail_usage(answers.wrong_label(
          label,
          "is not a list of boxes; write x, y, width and height of each in whole pixels, with ';' between "
          "boxes, such as 10 20 30 40; 5 5 8 8, and ';' alone where nothing was drawn"));
    }
    by_label.push_back(std::move(*found));
  }
  return by_label;
}

void check_counts(const Answers& answers, const ByTask& tasks) {
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    std::int64_t count = 0;
    for (const boxes::Answer& answer : tasks[task]) count += std::ssize(answer.boxes);
    if (count <= boxes::boxes_max) continue;
    cli::fail_usage("task '" + answers.tasks.name(static_cast<std::int32_t>(task)) + "' has " + std::to_string(count) +
                    " boxes, of at most " + std::to_string(boxes::boxes_max) + "; cut the picture into pieces");
  }
}

void write_verdicts(RowWriter& out, const Answers& answers, const std::vector<boxes::Outcome>& found) {
  out.header({"task", "boxes", "drawn_by", "answers"});
  for (std::size_t task = 0; task < found.size(); ++task) {
    std::string drawn_by;
    for (const boxes::Merged& merged : found[task].boxes) {
      drawn_by += (drawn_by.empty() ? "" : "; ") + std::to_string(merged.workers.size());
    }
    out.row({answers.tasks.name(static_cast<std::int32_t>(task)), text_of(found[task].boxes), drawn_by,
             found[task].workers});
  }
}

struct WorkerBoxes {
  std::int64_t answers = 0;
  std::int64_t drawn = 0;
  std::int64_t kept = 0;
  std::int64_t missed = 0;
};

void count_task(std::vector<WorkerBoxes>& counts, std::span<const boxes::Answer> given, const boxes::Outcome& found) {
  std::set<std::int32_t> workers;  // One who answered the task again is in it once.
  for (const boxes::Answer& answer : given) {
    WorkerBoxes& worker = counts[static_cast<std::size_t>(answer.worker)];
    ++worker.answers;
    worker.drawn += std::ssize(answer.boxes);
    workers.insert(answer.worker);
  }
  for (const std::int32_t no : workers) {
    WorkerBoxes& worker = counts[static_cast<std::size_t>(no)];
    for (const boxes::Merged& merged : found.boxes) {
      const bool is_drawn = std::binary_search(merged.workers.begin(), merged.workers.end(), no);
      ++(is_drawn ? worker.kept : worker.missed);
    }
  }
}

void write_workers(RowWriter& out, const Answers& answers, const Pictures& pictures) {
  std::vector<WorkerBoxes> counts(static_cast<std::size_t>(answers.workers.count()));
  for (std::size_t task = 0; task < pictures.tasks.size(); ++task) {
    count_task(counts, pictures.tasks[task], pictures.found[task]);
  }
  out.header({"worker", "answers", "boxes", "boxes_kept", "boxes_missed"});
  for (std::size_t worker = 0; worker < counts.size(); ++worker) {
    const auto& [given, drawn, kept, missed] = counts[worker];
    out.row({answers.workers.name(static_cast<std::int32_t>(worker)), given, drawn, kept, missed});
  }
}

Tables make(const Wanted& wanted, const Answers& answers, aggregation::Workforce& workforce) {
  if (!wanted.method.empty() && wanted.method != method_name) fail_no_method(wanted);
  const auto pictures = std::make_shared<Pictures>();
  pictures->by_label = boxes_by_label(answers);
  pictures->tasks = answers_by_task<boxes::Answer>(answers, [&](std::int32_t label) -> std::span<const boxes::Box> {
    return pictures->by_label[static_cast<std::size_t>(label)];
  });
  check_counts(answers, pictures->tasks);
  pictures->found.resize(pictures->tasks.size());
  const std::int64_t overlap_ppm = std::llround(wanted.overlap * 1e6);
  aggregation::for_each_in_parts(pictures->tasks.size(), tasks_per_part, workforce, [&](std::size_t task) {
    pictures->found[task] = boxes::merge_boxes(pictures->tasks[task], overlap_ppm);
  });
  return {[=, &answers](RowWriter& out) { write_verdicts(out, answers, pictures->found); },
          [=, &answers](RowWriter& out) { write_workers(out, answers, *pictures); },
          {}};
}

MethodLines methods() { return {{method_name, "boxes that overlap by --overlap mean the same thing; its middle"}}; }

}  // namespace

extern const KindOf boxes_kind;
const KindOf boxes_kind{Kind::boxes, "boxes", "boxes 'x y width height', joined by ';'", false, methods, make};

}  // namespace tally::aggregate
