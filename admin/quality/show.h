#pragma once

#include <iosfwd>
#include <string>

#include "admin/asker.h"
#include "admin/form.h"
#include "admin/quality/ask.h"

// What the commands write. Everything is worked out here, from the project's results.
namespace tally::admin::quality {

struct ProjectWanted {
  std::string project;
  std::string field;  // Empty: all.
  Form form;
};
void show_project(Asker& asker, const ProjectWanted& wanted, const Progress& progress, std::ostream& out);

struct WorkerWanted {
  std::string project;
  std::string worker;  // Empty: all of them.
  std::string field;   // Empty: the usual one.
  bool tell = false;
  Form form;
};
void show_workers(Asker& asker, const WorkerWanted& wanted, const Progress& progress, std::ostream& out);

struct TaskWanted {
  std::string project;
  std::string task;
  Form form;
};
void show_task(Asker& asker, const TaskWanted& wanted, const Progress& progress, std::ostream& out);

struct PolicyWanted {
  std::string project;
  std::string redundancy;
  Form form;
};
void show_what_if(Asker& asker, const PolicyWanted& wanted, const Progress& progress, std::ostream& out);

}  // namespace tally::admin::quality
