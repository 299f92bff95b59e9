#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "broker/storage/read_context.h"
#include "broker/storage/read_statements.h"
#include "common/codec/records_codec.h"
#include "common/forms/form.h"

// The export of a project: a row a task, in the order of the items. First the numbers of the tasks of a page are found,
// then what belongs to them is read, some tasks at a time, until the page is full.
namespace tally::storage {
namespace {

namespace sql = read_statements;

struct Project {
  ProjectHead head;
  ProjectSpec spec;
  bool has_free_text = false;
};

struct Given {
  AnswerRow row;  // Without its values and the words of a rejection.
  Ballots ballots;
  Micros cost;
};

struct Verdict {
  VerdictReason reason = VerdictReason::quorum;
  std::vector<FieldJudged> judged;
  std::set<std::int32_t> made_from;  // Assignments.
  std::int32_t audited_after = 0;
};

// What belongs to some tasks.
struct Found {
  Contents items;
  std::map<TaskId, Verdict> verdicts;
  std::map<TaskId, std::vector<Given>> answers;  // By assignment.
  Contents values;                               // Of answers, as far as they are shown.
  Contents rejections;
};

// ---- Which tasks ----------------------------------------------------------------------------------------------------

PartId end_of(const Project& project) { return PartId{project.head.control.value + parts_per_project}; }

// The next tasks after one, by part and number.
std::vector<TaskId> tasks_after(const ReadContext& context, const Project& project, TaskId after, std::int64_t count) {
  std::vector<TaskId> tasks;
  // The part of `after` may have no more, each of the others has one at least.
  for (const auto& row : exec(context.tx, sql::parts_with_tasks,
                              {parameter(after.part), parameter(end_of(project)), parameter(count + 1)})) {
    const PartId part{number(row[0])};
    const std::int64_t in_part = number(row[1]);
    for (std::int64_t no = part == after.part ? after.no + std::int64_t{1} : 1; no <= in_part; ++no) {
      if (std::ssize(tasks) == count) return tasks;
      tasks.push_back({part, static_cast<std::int32_t>(no)});
    }
  }
  return tasks;
}

// The same, only those with an answer that waits for review.
std::vector<TaskId> tasks_in_review_after(const ReadContext& context, const Project& project, TaskId after,
                                          std::int64_t count) {
  std::vector<TaskId> tasks;
  PartId from = after.part;
  while (std::ssize(tasks) < count) {
    const auto next = exec(context.tx, sql::next_part_in_review, {parameter(from), parameter(end_of(project))});
    if (next.empty()) break;
    const PartId part{number(next[0][0])};
    const std::int64_t after_no = part == after.part ? after.no : 0;
    for (const auto& row : exec(context.tx, sql::tasks_in_review,
                                {parameter(part), parameter(after_no), parameter(count - std::ssize(tasks))})) {
      tasks.push_back({part, row[0].as<std::int32_t>()});
    }
    from = PartId{part.value + 1};
  }
  return tasks;
}

// ---- What belongs to them -------------------------------------------------------------------------------------------

std::map<TaskId, Verdict> verdicts_of(const ReadContext& context, const std::vector<std::string>& keys) {
  std::map<TaskId, Verdict> verdicts;
  for (const auto& row : exec(context.tx, sql::verdicts_of_tasks, keys)) {
    Verdict& verdict = verdicts[{PartId{number(row[0])}, row[1].as<std::int32_t>()}];
    verdict.reason = named<VerdictReason>(row[2]);
    verdict.judged = undamaged(codec::decode_judged(bytes(row[3])));
    for (const WeighedBallot& ballot : undamaged(codec::decode_weighed(bytes(row[4])))) {
      verdict.made_from.insert(ballot.assignment);
    }
    verdict.audited_after = row[5].as<std::int32_t>();
  }
  return verdicts;
}

std::map<TaskId, std::vector<Given>> answers_of(const ReadContext& context, const std::vector<std::string>& keys) {
  std::map<TaskId, std::vector<Given>> answers;
  for (const auto& row : exec(context.tx, sql::answers_of_tasks, keys)) {
    const PartId part{number(row[0])};
    Given given;
    given.row.assignment = {part, row[2].as<std::int32_t>()};
    given.row.worker = AccountId{number(row[3])};
    given.row.at_ms = number(row[4]);
    given.ballots = undamaged(codec::decode_ballots(bytes(row[5])));
    given.row.state = named<PayState>(row[6]);
    given.row.reason = text(row[7]);
    // What was reversed came back to the requester, its fee did not.
    if (given.row.state != PayState::reversed) given.row.paid = amount(row[8]);
    given.cost = given.row.paid + amount(row[9]);
    given.row.took_ms = number(row[10]);
    answers[{part, row[1].as<std::int32_t>()}].push_back(std::move(given));
  }
  return answers;
}

Found find(const ReadContext& context, const Project& project, std::span<const TaskId> tasks, bool with_answers) {
  ArrayText parts;
  ArrayText numbers;
  std::vector<std::pair<PartId, std::int64_t>> items;
  for (const TaskId task : tasks) {
    parts.add(task.part);
    numbers.add(task.no);
    items.emplace_back(task.part, task.no);
  }
  const std::vector<std::string> keys{parts.text(), numbers.text()};
  Found found;
  found.items = contents_of(context, ContentKind::item, items);
  found.verdicts = verdicts_of(context, keys);
  found.answers = answers_of(context, keys);

  std::vector<std::pair<PartId, std::int64_t>> shown;
  std::vector<std::pair<PartId, std::int64_t>> rejected;
  for (const auto& [task, given] : found.answers) {
    const bool shows_text = project.has_free_text && found.verdicts.contains(task);
    for (const Given& answer : given) {
      const AssignmentId id = answer.row.assignment;
      if (with_answers || shows_text) shown.emplace_back(id.part, id.no);
      if (with_answers && has_rejection(answer.row.reason)) rejected.emplace_back(id.part, id.no);
    }
  }
  found.values = contents_of(context, ContentKind::answer, shown);
  found.rejections = contents_of(context, ContentKind::rejection, rejected);
  return found;
}

// ---- One row --------------------------------------------------------------------------------------------------------

AnswerValues values_of(const Found& found, AssignmentId assignment) {
  const auto content = found.values.find({assignment.part, assignment.no});
  if (content == found.values.end()) return {};
  return undamaged(codec::decode_answer(content->second));
}

// Of free text: what the first who wrote it, and whose words are not erased, wrote. "" when nobody's are left.
std::string text_of_ballot(const Found& found, const std::vector<Given>& given, const std::string& field,
                           std::size_t field_no, const std::string& ballot) {
  for (const Given& answer : given) {
    if (answer.ballots.at(field_no) != ballot) continue;
    const AnswerValues values = values_of(found, answer.row.assignment);
    const auto entered = values.find(field);
    if (entered != values.end() && !entered->second.empty()) return entered->second.front();
  }
  return {};
}

// The ballots that the verdict was made from: an answer handed in after it has no vote.
std::map<std::string, std::int64_t> votes_on(const Verdict& verdict, const std::vector<Given>& given,
                                             std::size_t field_no) {
  std::map<std::string, std::int64_t> votes;
  for (const Given& answer : given) {
    if (verdict.made_from.contains(answer.row.assignment.no)) ++votes[answer.ballots.at(field_no)];
  }
  return votes;
}

FieldResult field_result(const Project& project, const Found& found, const Verdict& verdict,
                         const std::vector<Given>& given, std::size_t field_no) {
  const FieldSpec& field = project.spec.form[field_no];
  const bool is_free_text = forms::is_free_text(field);
  const auto readable = [&](const std::string& ballot) {
    if (is_free_text && !ballot.empty()) return text_of_ballot(found, given, field.name, field_no, ballot);
    return forms::readable(ballot);
  };
  const FieldJudged& judged = verdict.judged.at(field_no);
  FieldResult result;
  result.field = field.name;
  result.settled = judged.settled;
  if (!judged.value.empty()) result.value = readable(judged.value);
  result.confidence_ppm = judged.confidence_ppm;
  result.posterior_ppm = judged.posterior_ppm;
  result.method = judged.method;
  for (const auto& [ballot, count] : votes_on(verdict, given, field_no)) {
    result.votes.push_back({readable(ballot), count});
  }
  std::stable_sort(result.votes.begin(), result.votes.end(),
                   [](const VoteCount& a, const VoteCount& b) { return a.count > b.count; });
  return result;
}

Item item_of(const Project& project, const Found& found, TaskId task) {
  const auto content = found.items.find({task.part, task.no});
  if (content != found.items.end()) return undamaged(codec::decode_item(content->second));
  // An erased item still has its columns.
  Item erased;
  erased.values.resize(project.spec.columns.size());
  return erased;
}

ResultRow result_row(const Project& project, const Found& found, TaskId task, bool with_answers) {
  ResultRow row;
  row.task = task;
  row.item_no = (part_no_of(task.part) - 1) * project.head.part_size + task.no;
  Item item = item_of(project, found, task);
  row.values = std::move(item.values);
  row.gold = std::move(item.gold);
  const auto answers = found.answers.find(task);
  const std::vector<Given> none;
  const std::vector<Given>& given = answers == found.answers.end() ? none : answers->second;
  row.answers = std::ssize(given);
  for (const Given& answer : given) row.cost += answer.cost;

  const auto verdict = found.verdicts.find(task);
  if (verdict != found.verdicts.end()) {
    row.state = state_of(project.spec.form, verdict->second.judged, verdict->second.reason);
    if (row.state != TaskState::settled) row.reason = name_of(verdict->second.reason);
    row.audited_after = verdict->second.audited_after;
    for (std::size_t i = 0; i < project.spec.form.size(); ++i) {
      row.judged.push_back(field_result(project, found, verdict->second, given, i));
    }
  }
  if (!with_answers) return row;
  for (const Given& answer : given) {
    row.given.push_back(answer.row);
    row.given.back().values = values_of(found, answer.row.assignment);
    row.given.back().reason = reason_text(answer.row.reason, found.rejections, answer.row.assignment);
  }
  return row;
}

// ---- A page ---------------------------------------------------------------------------------------------------------

Result<TaskId, Refusal> task_of(const Project& project, const std::string& after) {
  // Numbers within the project: part and task.
  const auto key = key_of<2>(after, {1, 0});
  if (!key) return Unexpected{key.error()};
  const auto [part_no, no] = *key;
  if (part_no < 1 || part_no >= parts_per_project || no > std::numeric_limits<std::int32_t>::max()) {
    return Unexpected{Refusal{RefusalCode::malformed, "after is not a cursor of this list", 0}};
  }
  return TaskId{part_of(project.head.row.project, part_no), static_cast<std::int32_t>(no)};
}

}  // namespace

Result<ResultsPage, Refusal> read(const ReadContext& context, const GetResults& request) {
  const auto head = find_project(context, request.project);
  if (!head) return Unexpected{head.error()};
  Project project{*head, undamaged(codec::decode_spec(head->spec))};
  project.has_free_text = std::any_of(project.spec.form.begin(), project.spec.form.end(), forms::is_free_text);
  const auto after = task_of(project, request.after);
  if (!after) return Unexpected{after.error()};

  const std::int64_t limit = rows_wanted(request.limit);
  const std::vector<TaskId> tasks = request.under_review_only
                                        ? tasks_in_review_after(context, project, *after, limit + 1)
                                        : tasks_after(context, project, *after, limit + 1);
  const std::size_t wanted = std::min(tasks.size(), static_cast<std::size_t>(limit));
  ResultsPage page;
  PageFiller<ResultsPage> filler(page, context.frame_bytes_max);
  // As many tasks at a time as will probably fit: what is read beyond that is read in vain.
  constexpr std::size_t step_first = 16;
  constexpr std::size_t step_max = 256;
  bool is_full = false;
  for (std::size_t done = 0; done < wanted && !is_full;) {
    const std::size_t room = done == 0 ? step_first : std::min(step_max, filler.room_in_rows());
    const auto some = std::span(tasks).subspan(done, std::min(room, wanted - done));
    const Found found = find(context, project, some, request.answers);
    for (const TaskId task : some) {
      is_full = !filler.add(result_row(project, found, task, request.answers));
      if (is_full) break;
      ++done;
    }
  }
  if (page.rows.size() == tasks.size()) return page;
  const TaskId last = page.rows.back().task;
  page.next = cursor_text<2>({part_no_of(last.part), last.no});
  return page;
}

}  // namespace tally::storage
