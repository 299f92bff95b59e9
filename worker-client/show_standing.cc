#include "worker-client/show_standing.h"

#include <nlohmann/json.hpp>

#include "common/aggregation/metrics/metrics.h"
#include "common/cli/figures.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "schemas/time.h"
#include "worker-client/projects.h"

namespace tally::worker {
namespace {

using aggregation::metrics::wilson_interval;
using nlohmann::ordered_json;

std::string safe(std::string_view text) { return cli::safe_for_terminal(text, false); }

std::string count_of(std::int64_t count, const std::string& thing) {
  return cli::grouped(count) + " " + thing + (count == 1 ? "" : "s");
}

// "114 of 120, 95.0% (95% interval: 89.5% to 97.7%)"
std::string share_text(std::int64_t part, std::int64_t whole) {
  const auto interval = wilson_interval(part, whole);
  return cli::grouped(part) + " of " + cli::grouped(whole) + ", " + cli::percent_of(part, whole) +
         " (95% interval: " + cli::percent(interval.low) + " to " + cli::percent(interval.high) + ")";
}

std::string qualifications_text(const StandingPage& page) {
  if (page.qualifications.empty()) return "You hold no qualification.\n";
  using cli::Align;
  cli::Table table({{"qualification"}, {"score", Align::right}, {"given by"}, {"when"}});
  for (const QualificationRow& row : page.qualifications) {
    const std::string of = row.project ? " of project " + std::to_string(row.project->value) : "";
    table.row({row.name, std::to_string(row.score), std::string(name_of(row.by)) + of, to_text(Time{row.at_ms})});
  }
  return table.to_text();
}

std::string training_text(const ProjectStanding& standing) {
  if (standing.training_tasks == 0) return "none is asked for";
  if (standing.is_trained) return "passed";
  const std::string tasks = count_of(standing.training_tasks, "task") + " a round, ";
  if (standing.rounds_left == 0) return tasks + "not passed, and may not be tried again";
  return tasks + "not passed yet, " + count_of(standing.rounds_left, "round") + " left";
}

std::string project_text(const ProjectStanding& standing, ProjectId project) {
  const std::string number = std::to_string(project.value);
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("training", training_text(standing));
  lines.emplace_back("tasks with a known answer",
                     standing.gold == 0 ? "none answered" : share_text(standing.right, standing.gold) + " right");
  std::string text = "In project " + number + ":\n" + cli::lines_of(lines);
  if (!standing.no_work) return text + "Nothing is missing: tally-worker work --project " + number + " begins.\n";
  text += "Missing: " + (standing.missing.empty() ? to_text(*standing.no_work) : safe(standing.missing)) + ".\n";
  if (standing.no_work == NoWork::training_needed) {
    text += "tally-worker work --project " + number + " begins with the training.\n";
  }
  return text;
}

ordered_json share_json(const char* part_name, std::int64_t part, const char* whole_name, std::int64_t whole) {
  ordered_json json{{whole_name, whole}, {part_name, part}};
  const auto interval = wilson_interval(part, whole);
  if (whole > 0) json["share"] = static_cast<double>(part) / static_cast<double>(whole);
  json["interval_95"] = {interval.low, interval.high};
  return json;
}

}  // namespace

std::string standing_text(const StandingPage& page, std::optional<ProjectId> project) {
  const Standing& all = page.over_all;
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("answers that a verdict judged", cli::grouped(all.judged));
  if (all.judged > 0) lines.emplace_back("that agree with it", share_text(all.agreed, all.judged));
  lines.emplace_back("tasks with a known answer", cli::grouped(all.gold));
  if (all.gold > 0) lines.emplace_back("answered right", share_text(all.right, all.gold));
  std::string text = "Account " + std::to_string(page.account.value) + ", over all projects:\n" + cli::lines_of(lines) +
                     "Counted are answers once all tasks around them have their verdict.\n\n" +
                     qualifications_text(page);
  if (project && page.in_project) text += "\n" + project_text(*page.in_project, *project);
  return text;
}

std::string standing_json(const StandingPage& page, std::optional<ProjectId> project) {
  ordered_json json;
  json["account"] = page.account.value;
  json["judged"] = share_json("agreed", page.over_all.agreed, "answers", page.over_all.judged);
  json["gold"] = share_json("right", page.over_all.right, "answers", page.over_all.gold);
  json["qualifications"] = ordered_json::array();
  for (const QualificationRow& row : page.qualifications) {
    ordered_json one{{"name", row.name}, {"score", row.score}, {"by", name_of(row.by)}};
    one["project"] = row.project ? ordered_json(row.project->value) : ordered_json();
    one["at"] = to_text(Time{row.at_ms});
    json["qualifications"].push_back(std::move(one));
  }
  if (project && page.in_project) {
    const ProjectStanding& in = *page.in_project;
    ordered_json one{{"project", project->value}};
    one["gold"] = share_json("right", in.right, "answers", in.gold);
    one["training"] = {{"tasks", in.training_tasks}, {"passed", in.is_trained}, {"rounds_left", in.rounds_left}};
    one["no_work"] = in.no_work ? ordered_json(name_of(*in.no_work)) : ordered_json();
    one["missing"] = in.missing;
    json["in_project"] = std::move(one);
  }
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace tally::worker
