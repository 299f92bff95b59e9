#pragma once

#include <set>
#include <string>

#include "broker/audit/trace_lines.h"
#include "schemas/ids.h"
#include "schemas/project_spec.h"

namespace tally::audit {

// Adds how this worker came to be let in to a project: the training rounds there, and what became of the qualifications
// that it asks for or grants. Nothing where it asks for none. `owner`: of the project.
void trace_worker(TraceLines& lines, PartId control, AccountId owner, const ProjectSpec& spec, AccountId worker);

// "12 answers told, 83 % of them right", as a worker's row has it: answers are told in shares of tasks.
[[nodiscard]] std::string skill_text(const SkillRow& row);

}  // namespace tally::audit
