#include "worker-client/projects.h"

#include <algorithm>

#include "common/cli/safe_text.h"
#include "common/forms/form.h"
#include "common/project/item_template.h"

namespace tally::worker {

Result<Done, std::string> usable(const ProjectSpec& spec, std::span<const std::string> values) {
  const std::string newer = " (a newer tally-worker may know it)";
  if (auto form = forms::check_form(spec.form); !form) return Unexpected{"its form: " + form.error().detail + newer};
  if (auto text = project::check_template(spec.item_template, spec.columns); !text) {
    return Unexpected{"its " + text.error() + newer};
  }
  if (values.size() != spec.columns.size()) return Unexpected{"its item does not fit its columns" + newer};
  return Done{};
}

const ProjectSpec* Projects::find(ProjectId project) const {
  const auto found = specs_.find(project);
  return found == specs_.end() ? nullptr : &found->second;
}

std::string to_text(NoWork why) {
  switch (why) {
    case NoWork::no_open_project:
      return "no project is open to you";
    case NoWork::project_paused:
      return "the project is paused";
    case NoWork::project_ended:
      return "the project has ended";
    case NoWork::all_tasks_taken:
      return "others are at all the tasks there are; one may come back";
    case NoWork::had_every_task:
      return "you had every task that is still open";
    case NoWork::tasks_per_worker_reached:
      return "you had as many tasks of this project as one worker may";
    case NoWork::too_many_leases:
      return "you have too many open tasks; answer or return some first";
    case NoWork::tasks_loading:
      return "the tasks are being fetched";
    case NoWork::not_qualified:
      return "it asks for a qualification or standing that you do not have";
    case NoWork::training_needed:
      return "it begins with training";
    case NoWork::training_failed:
      return "its training was not passed, and may not be tried again";
  }
  return "there is no work";
}

std::string to_text_of_any(NoWork why) {
  switch (why) {
    case NoWork::training_needed:
      return "what is open begins with training: `tally-worker projects` lists it, `tally-worker work --project "
             "NUMBER` "
             "begins it";
    case NoWork::not_qualified:
    case NoWork::training_failed:
      return "what is open asks for more than you have: `tally-worker standing --project NUMBER` says what is missing";
    default:
      return to_text(why);
  }
}

bool is_shut_out(NoWork why) { return why == NoWork::not_qualified || why == NoWork::training_failed; }

std::string missing_text(ProjectId project, NoWork why, const StandingPage* standing) {
  const bool is_said = standing != nullptr && standing->in_project && !standing->in_project->missing.empty();
  const std::string number = std::to_string(project.value);
  return "You cannot work on project " + number + ": " +
         (is_said ? cli::safe_for_terminal(standing->in_project->missing, false) : to_text(why)) +
         ". `tally-worker standing --project " + number + "` shows how you stand";
}

std::string time_left_text(Duration left) {
  const std::int64_t seconds = std::max<std::int64_t>(0, left.ms / 1000);
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + ":" + two(seconds % 60);
  return std::to_string(minutes / 60) + ":" + two(minutes % 60) + ":" + two(seconds % 60);
}

}  // namespace tally::worker
