#include "admin/quality/ask.h"

#include <optional>
#include <utility>

#include "common/cli/result_pages.h"

namespace tally::admin::quality {
namespace {

// Every task with its answers, until `take` has enough.
template <class Take>
void each_task(Asker& asker, ProjectId project, const Take& take) {
  GetResults message;
  message.project = project;
  message.answers = true;
  cli::walk_results([&](const GetResults& page) { return asker.ask(page); }, std::move(message), take);
}

[[noreturn]] void fail_no_task(const std::string& task) {
  cli::fail_usage("'" + task + "' is no task; write it like t17.1.204, or give the number of its item");
}

}  // namespace

ProjectAsked ask_about(Asker& asker, ProjectId project) {
  const Welcome welcome = asker.ask(Hello{"tally-admin"});
  ProjectSpec spec = asker.ask(DescribeProject{project}).spec;
  ProjectTerms terms = reliability::terms_of(project, spec, welcome);
  return {std::move(terms), std::move(spec)};
}

Collected collect(Asker& asker, const ProjectAsked& asked, const Progress& progress) {
  Collector collector(asked.spec);
  std::int64_t tasks = 0;
  each_task(asker, asked.terms.id, [&](const ResultRow& row) {
    collector.take(row);
    progress(++tasks);
    return true;
  });
  return std::move(collector).collected();
}

ResultRow find_task(Asker& asker, ProjectId project, const std::string& task, const Progress& progress) {
  const auto id = task_id_from(task);
  const auto item_no = whole_number_from(task);
  if (!id && !item_no) fail_no_task(task);
  if (id && project_of(id->part) != project) {
    cli::fail_usage("task " + task + " is of project " + std::to_string(project_of(id->part).value) + ", not " +
                    std::to_string(project.value));
  }
  std::optional<ResultRow> found;
  std::int64_t tasks = 0;
  each_task(asker, project, [&](const ResultRow& row) {
    const bool is_it = id ? row.task == *id : row.item_no == *item_no;
    if (is_it) found = row;
    progress(++tasks);
    return !is_it;
  });
  if (found) return *std::move(found);
  throw cli::Failure{cli::exit_refused, "project " + std::to_string(project.value) + " has no task " + task};
}

}  // namespace tally::admin::quality
