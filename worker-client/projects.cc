#include "worker-client/projects.h"

#include <algorithm>

#include "common/forms/form.h"
#include "common/project/item_template.h"

namespace tally::worker {

Result<Done, std::string> usable(const ProjectSpec& spec, const TaskOffer& task) {
  const std::string newer = " (a newer tally-worker may know it)";
  if (auto form = forms::check_form(spec.form); !form) return Unexpected{"its form: " + form.error().detail + newer};
  if (auto text = project::check_template(spec.item_template, spec.columns); !text) {
    return Unexpected{"its " + text.error() + newer};
  }
  if (task.values.size() != spec.columns.size()) return Unexpected{"its item does not fit its columns" + newer};
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
  }
  return "there is no work";
}

std::string time_left_text(Duration left) {
  const std::int64_t seconds = std::max<std::int64_t>(0, left.ms / 1000);
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + ":" + two(seconds % 60);
  return std::to_string(minutes / 60) + ":" + two(minutes % 60) + ":" + two(seconds % 60);
}

}  // namespace tally::worker
