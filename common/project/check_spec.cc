#include "common/project/check_spec.h"

#include <set>
#include <string>

#include "common/aggregation/online/label_model.h"
#include "common/forms/form.h"
#include "common/forms/unicode.h"
#include "common/project/check_people.h"
#include "common/project/columns.h"
#include "common/project/item_template.h"

namespace tally::project {
namespace {

// What is wrong; empty when nothing is.
using Objection = std::string;

Objection objection_to_texts(const ProjectSpec& spec) {
  if (!forms::is_one_line(spec.title)) return "title must be one line of UTF-8 text";
  if (forms::is_blank(spec.title)) return "title must not be empty";
  if (forms::code_points_in(spec.title) > title_length_max) {
    return "title is over " + std::to_string(title_length_max) + " characters";
  }
  if (spec.instructions.size() > instructions_bytes_max) {
    return "instructions are over " + std::to_string(instructions_bytes_max) + " bytes";
  }
  if (!forms::is_prose(spec.instructions)) return "instructions must be UTF-8 text without control characters";
  if (spec.item_template.size() > template_bytes_max) {
    return "template is over " + std::to_string(template_bytes_max) + " bytes";
  }
  if (!forms::is_prose(spec.item_template)) return "template must be UTF-8 text without control characters";
  return {};
}

Objection objection_to_columns(const ProjectSpec& spec) {
  if (spec.columns.empty() || spec.columns.size() > columns_max) {
    return "a project has 1 to " + std::to_string(columns_max) + " columns";
  }
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < spec.columns.size(); ++i) {
    const std::string& name = spec.columns[i].name;
    const std::string objection = objection_to_column_name(name);
    if (!objection.empty()) return "the name of column " + std::to_string(i + 1) + " " + objection;
    if (!names.insert(name).second) return "column '" + name + "' is there twice";
  }
  const auto fine = check_template(spec.item_template, spec.columns);
  return fine ? Objection() : fine.error();
}

Objection objection_to_redundancy(const Redundancy& redundancy) {
  if (redundancy.min < 1) return "redundancy min must be at least 1";
  if (redundancy.max < redundancy.min) return "redundancy max must not be below min";
  if (redundancy.max > redundancy_max) return "redundancy max must be at most " + std::to_string(redundancy_max);
  if (redundancy.quorum < 1) return "redundancy quorum must be at least 1";
  if (redundancy.quorum > redundancy.max) return "redundancy quorum must not be above max";
  const std::int64_t theta_ppm = redundancy.theta_ppm;
  if (theta_ppm != 0 && (theta_ppm < theta_ppm_min || theta_ppm > theta_ppm_max)) {
    return "redundancy theta must be from 0.5 to 0.999999";
  }
  const std::int64_t confidence_ppm = redundancy.confidence_ppm;
  if (confidence_ppm != 0 && (confidence_ppm < confidence_ppm_min || confidence_ppm > confidence_ppm_max)) {
    return "redundancy confidence must be from 0.5 to 0.999";
  }
  if (theta_ppm != 0 && confidence_ppm != 0) return "redundancy takes theta or confidence, not both";
  if (redundancy.audit_ppm < 0 || redundancy.audit_ppm > audit_ppm_max) {
    return "redundancy audit must be from 0 to 0.5";
  }
  if (redundancy.audit_ppm != 0 && confidence_ppm == 0) return "redundancy audit goes with confidence: leave it out";
  if (redundancy.checks_ppm < 0 || redundancy.checks_ppm > checks_ppm_max) {
    return "redundancy checks must be from 0 to 0.5";
  }
  if (redundancy.checks_ppm != 0 && !redundancy.is_by_skill()) {
    return "redundancy checks goes with theta or confidence: leave it out";
  }
  return {};
}

// A verdict's record holds as many numbers.
constexpr std::int64_t evidence_max = 10'000;

// Skill is known of those who choose among a few options.
Objection objection_to_skill(const ProjectSpec& spec) {
  if (!spec.redundancy.is_by_skill()) return {};
  const std::string key = spec.redundancy.theta_ppm > 0 ? "theta" : "confidence";
  bool has_choice = false;
  std::int64_t all_labels = 0;
  for (const FieldSpec& field : spec.form) {
    const std::int32_t labels = forms::labels_of(field);
    if (labels > aggregation::LabelModel::labels_max) {
      return "field '" + field.name + "' has more than " + std::to_string(aggregation::LabelModel::labels_max) +
             " options, which redundancy " + key + " does not work for: leave it out, and quorum decides";
    }
    has_choice = has_choice || (labels > 0 && field.required);
    all_labels += labels;
  }
  if (all_labels * spec.redundancy.max > evidence_max) {
    return "redundancy " + key + ": options of all choices times max answers are more than " +
           std::to_string(evidence_max) + "; leave some out, or lower max";
  }
  if (has_choice) return {};
  return "redundancy " + key + " needs a required field of type choice: leave it out, and quorum decides";
}

Objection objection_to_duration(const char* name, Duration given, Duration min, Duration max) {
  if (given >= min && given <= max) return {};
  return std::string(name) + " must be from " + to_text(min) + " to " + to_text(max);
}

Objection objection_to_times(const ProjectSpec& spec, Time now) {
  Objection objection = objection_to_duration("lease", spec.lease, lease_min, lease_max);
  if (!objection.empty()) return objection;
  objection = objection_to_duration("review_delay", spec.review_delay, review_delay_min, review_delay_max);
  if (!objection.empty()) return objection;
  objection = objection_to_duration("patience", spec.patience, patience_min, patience_max);
  if (!objection.empty()) return objection;
  if (spec.deadline_ms == 0) return {};
  if (spec.deadline_ms < 0 || Time{spec.deadline_ms} <= now) return "deadline must be in the future";
  if (Time{spec.deadline_ms} > deadline_max) return "deadline must be before the year 10000";
  return {};
}

Unexpected<Refusal> invalid(Objection objection) {
  return {Refusal{RefusalCode::spec_invalid, std::move(objection), 0}};
}

}  // namespace

Result<Done, Refusal> check_spec(const ProjectSpec& spec, Time now) {
  if (auto objection = objection_to_texts(spec); !objection.empty()) return invalid(std::move(objection));
  if (auto objection = objection_to_columns(spec); !objection.empty()) return invalid(std::move(objection));
  if (auto fine = forms::check_form(spec.form); !fine) return fine;
  if (spec.reward.value <= 0) return invalid("reward must be more than zero");
  if (spec.reward > amount_max) return invalid("reward must be at most " + to_text(amount_max));
  if (auto objection = objection_to_redundancy(spec.redundancy); !objection.empty())
    return invalid(std::move(objection));
  if (auto objection = objection_to_skill(spec); !objection.empty()) return invalid(std::move(objection));
  if (auto objection = objection_to_times(spec, now); !objection.empty()) return invalid(std::move(objection));
  if (spec.tasks_per_worker_max < 0) return invalid("tasks_per_worker_max must not be negative; 0 is no limit");
  if (spec.tasks_per_worker_max > tasks_per_worker_max_max) {
    return invalid("tasks_per_worker_max must be at most " + std::to_string(tasks_per_worker_max_max));
  }
  if (auto objection = objection_to_requirements(spec.require); !objection.empty()) {
    return invalid(std::move(objection));
  }
  if (auto objection = objection_to_training(spec); !objection.empty()) return invalid(std::move(objection));
  return Done{};
}

}  // namespace tally::project
