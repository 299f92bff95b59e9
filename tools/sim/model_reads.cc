#include "tools/sim/model_reads.h"

#include <map>
#include <utility>
#include <variant>

namespace tally::sim {
namespace {

PayState pay_of(const Tables& tables, AssignmentId assignment) {
  const auto decided = tables.pay_decisions.find(assignment);
  if (decided != tables.pay_decisions.end()) return decided->second;
  return tables.payouts.contains(assignment) ? PayState::paid : PayState::waiting;
}

Reply results(const Tables& tables, const GetResults& request) {
  std::map<TaskId, ResultRow> rows;
  const AssignmentId first{control_part_of(request.project), 0};
  for (auto it = tables.answers.lower_bound(first);
       it != tables.answers.end() && project_of(it->first.part) == request.project; ++it) {
    const PayState pay = pay_of(tables, it->first);
    if (request.under_review_only && pay != PayState::review) continue;
    ResultRow& row = rows[{it->first.part, it->second.task}];
    row.task = {it->first.part, it->second.task};
    AnswerRow given;
    given.assignment = it->first;
    given.worker = it->second.worker;
    given.state = pay;
    row.given.push_back(std::move(given));
  }
  ResultsPage page;
  for (auto& [task, row] : rows) page.rows.push_back(std::move(row));
  return page;
}

Reply status(const Tables& tables, const GetStatus& request) {
  ProjectStatus status;
  status.row.project = request.project;
  status.row.state = tables.projects.at(control_part_of(request.project)).state;
  for (auto it = tables.parts.upper_bound(control_part_of(request.project));
       it != tables.parts.end() && project_of(it->first) == request.project; ++it) {
    status.posted += it->second.summary.tasks;
  }
  return status;
}

struct Reader {
  const Tables& tables;
  AccountId who;

  [[nodiscard]] bool owns(ProjectId project) const {
    const auto found = tables.projects.find(control_part_of(project));
    return found != tables.projects.end() && found->second.owner == who;
  }
  Reply operator()(const GetResults& request) const {
    return owns(request.project) ? results(tables, request) : refused(RefusalCode::project_not_found);
  }
  Reply operator()(const GetStatus& request) const {
    return owns(request.project) ? status(tables, request) : refused(RefusalCode::project_not_found);
  }
  template <class Other>
  Reply operator()(const Other&) const {
    return refused(RefusalCode::unknown_message);
  }
  static Reply refused(RefusalCode code) { return Refused{code, "", 0}; }
};

}  // namespace

Reply answer(const Tables& tables, const Request& request, AccountId who) {
  return std::visit(Reader{tables, who}, request);
}

}  // namespace tally::sim
