#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/reliability/coverage.h"
#include "common/reliability/field_reliability.h"
#include "schemas/ids.h"
#include "schemas/messages/session.h"

// How reliable a project's results are, from its results alone: the answers themselves are not needed.
namespace tally::reliability {

// What is to be known of a project beside its results.
struct ProjectTerms {
  ProjectId id;
  std::string title;     // As the requester wrote it: not safe for the terminal.
  Micros price;          // Of an answer, with its fee.
  std::string currency;  // A label; may be empty.
  Redundancy redundancy;
};

[[nodiscard]] ProjectTerms terms_of(ProjectId id, const ProjectSpec& spec, const Welcome& welcome);
// `coverage`: of the project, for what a task takes; before any closed it is taken to need the most answers it may get.
[[nodiscard]] Asked asked_of(const ProjectTerms& terms, const Coverage& coverage);

// Adds up what each task shows. Memory: a few counts a field, whatever the number of tasks.
class ProjectCounts {
 public:
  explicit ProjectCounts(const ProjectSpec& spec);

  void add(const ResultRow& task);

  [[nodiscard]] const Coverage& coverage() const { return coverage_; }
  // In the order of the form.
  [[nodiscard]] std::vector<FieldReliability> fields(const ProjectTerms& terms) const;

 private:
  struct Field {
    FieldSpec spec;
    FieldCounts counts;
  };
  Coverage coverage_;
  std::vector<Field> fields_;
};

}  // namespace tally::reliability
