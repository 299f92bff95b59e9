#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/storage/read_context.h"
#include "broker/storage/read_statements.h"
#include "common/codec/records_codec.h"

// What can be told of a project without its tasks.
namespace tally::storage {
namespace {

namespace sql = read_statements;

ProjectRow project_row(const pqxx::row& row) {
  ProjectRow project;
  project.project = ProjectId{number(row[1])};
  project.owner = AccountId{number(row[2])};
  project.title = text(row[3]);
  project.state = named<ProjectState>(row[4]);
  project.reward = amount(row[5]);
  project.pay = named<PayPolicy>(row[6]);
  project.created_ms = number(row[7]);
  project.deadline_ms = number(row[8]);
  project.items = number(row[9]);
  return project;
}

// How far each of these projects has come. A worker is not told.
void add_progress(const ReadContext& context, std::vector<ProjectRow>& rows) {
  if (context.role == Role::worker) return;
  ArrayText controls;
  for (const ProjectRow& row : rows) controls.add(control_part_of(row.project));
  std::map<PartId, std::pair<std::int64_t, std::int64_t>> progress;
  for (const auto& row : exec(context.tx, sql::progress_of, {controls.text()})) {
    progress[PartId{number(row[0])}] = {number(row[1]), number(row[2])};
  }
  for (ProjectRow& row : rows) std::tie(row.closed, row.answers) = progress[control_part_of(row.project)];
}

pqxx::result list(const ReadContext& context, std::vector<std::string> parameters) {
  switch (context.role) {
    case Role::worker:
      return exec(context.tx, sql::projects_open, parameters);
    case Role::requester:
      parameters.push_back(parameter(context.who));
      return exec(context.tx, sql::projects_of_owner, parameters);
    case Role::admin:
      return exec(context.tx, sql::projects_newest, parameters);
    case Role::gateway:
      break;
  }
  return {};
}

// A worker is told how many training tasks there are: what is right in them, and why, only with the answer to each.
void hide_training(ProjectSpec& spec) {
  for (TrainingTask& task : spec.training.tasks) task = TrainingTask{};
}

}  // namespace

Result<ProjectHead, Refusal> find_project(const ReadContext& context, ProjectId project) {
  const Unexpected<Refusal> none{
      Refusal{RefusalCode::project_not_found, "there is no project " + std::to_string(project.value), 0}};
  constexpr std::int64_t project_max = std::numeric_limits<std::int64_t>::max() / parts_per_project - 1;
  if (project.value < 1 || project.value > project_max) return none;
  const auto rows = exec(context.tx, sql::project_head, {parameter(control_part_of(project))});
  if (rows.empty()) return none;
  const pqxx::row row = rows[0];
  ProjectHead head;
  head.control = control_part_of(project);
  head.row = project_row(row);
  if (context.role == Role::requester && head.row.owner != context.who) {
    return Unexpected{Refusal{RefusalCode::not_yours, "this project is another requester's", 0}};
  }
  head.spec = bytes(row[10]);
  head.part_size = number(row[11]);
  head.reserved = amount(row[12]);
  return head;
}

Result<ProjectDescription, Refusal> read(const ReadContext& context, const DescribeProject& request) {
  const auto head = find_project(context, request.project);
  if (!head) return Unexpected{head.error()};
  ProjectDescription description{head->row.project, head->row.state, undamaged(codec::decode_spec(head->spec))};
  if (context.role == Role::worker) hide_training(description.spec);
  return description;
}

Result<ProjectsPage, Refusal> read(const ReadContext& context, const ListProjects& request) {
  constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();
  const auto key = key_of<2>(request.after, {newest, newest});
  if (!key) return Unexpected{key.error()};
  const std::int64_t limit = rows_wanted(request.limit);
  const auto found = list(context, {parameter(key->at(0)), parameter(key->at(1)), parameter(limit + 1)});
  std::vector<ProjectRow> rows;
  for (const auto& row : found) rows.push_back(project_row(row));
  const bool has_more = std::ssize(rows) > limit;
  if (has_more) rows.pop_back();
  add_progress(context, rows);

  ProjectsPage page;
  PageFiller<ProjectsPage> filler(page, context.frame_bytes_max);
  const bool has_all = filler.add_all(std::move(rows));
  if (has_all && !has_more) return page;
  const ProjectRow& last = page.rows.back();
  page.next = cursor_text<2>({last.created_ms, control_part_of(last.project).value});
  return page;
}

// At any moment: reserved = paid + fees + refunded + held.
Result<ProjectStatus, Refusal> read(const ReadContext& context, const GetStatus& request) {
  const auto head = find_project(context, request.project);
  if (!head) return Unexpected{head.error()};
  const std::string control = parameter(head->control);
  const pqxx::row parts = exec(context.tx, sql::status_of_parts, {control})[0];
  ProjectStatus status;
  status.row = head->row;
  status.posted = number(parts[0]);
  status.settled = number(parts[1]);
  status.undecided = number(parts[2]);
  status.best_guesses = number(parts[8]);
  status.row.closed = status.settled + status.undecided + status.best_guesses;
  status.row.answers = number(parts[3]);
  status.leased = number(parts[4]);
  status.under_review = number(parts[5]);
  status.reserved = head->reserved;
  status.fees = amount(parts[7]);

  // The sums of the parts count every payout. A reversed one is the requester's money again: in the escrow of its part,
  // or, where it had been swept already, on its way from the worker's wallet (or debt) to the requester's.
  const pqxx::row reversed = exec(context.tx, sql::status_reversed, {control})[0];
  const Micros reversed_to_wallet = amount(reversed[0]) - amount(reversed[1]);
  status.paid = amount(parts[6]) - amount(reversed[0]);
  status.refunded = amount(exec(context.tx, sql::status_refunded, {control})[0][0]) + reversed_to_wallet;

  status.held = amount(exec(context.tx, sql::status_held, {control, parameter(head->row.owner)})[0][0]) +
                amount(exec(context.tx, sql::status_under_way, {control})[0][0]);
  status.now_ms = context.now.ms;
  return status;
}

}  // namespace tally::storage
