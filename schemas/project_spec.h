#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/field.h"
#include "schemas/money.h"
#include "schemas/time.h"

// What a requester asks for: the content of project.toml, as it travels and as the journal keeps it.
namespace tally {

// One field of the form. `type` names a file of common/forms; what else a type needs is in `options` (the choices, in
// the order shown) and `settings` (e.g. tolerance, min, max, length_max), which that file checks.
struct FieldSpec {
  std::string name;   // [a-z][a-z0-9_]*, unique in the form
  std::string type;   // "choice", "choices", "number", "text"
  std::string label;  // The question a worker reads.
  bool required = true;
  std::vector<std::string> options;
  std::map<std::string, std::string> settings;

  static constexpr auto fields() {
    return std::tuple{Field{"name", &FieldSpec::name},       Field{"type", &FieldSpec::type},
                      Field{"label", &FieldSpec::label},     Field{"required", &FieldSpec::required},
                      Field{"options", &FieldSpec::options}, Field{"settings", &FieldSpec::settings}};
  }
  friend bool operator==(const FieldSpec&, const FieldSpec&) = default;
};

enum class ColumnKind { text, image, link };
template <>
struct EnumNames<ColumnKind> {
  static constexpr std::array<std::string_view, 3> names{"text", "image", "link"};
};

// One column of the requester's items; an item is one value per column, in this order.
struct ColumnSpec {
  std::string name;
  ColumnKind kind = ColumnKind::text;

  static constexpr auto fields() {
    return std::tuple{Field{"name", &ColumnSpec::name}, Field{"kind", &ColumnSpec::kind}};
  }
  friend bool operator==(const ColumnSpec&, const ColumnSpec&) = default;
};

// How many answers a task gets: `min` at first; one more while a required field is not settled; at `max` it ends, with
// a best guess where there is one. A field is settled when a value has `quorum` ballots and more than any other. A
// choice may be weighed by what is known of who gave its answers: it is settled when one option is as probable as
// `confidence_ppm`, as far as the project's outcomes show (common/aggregation/online/claims.h), or as the model alone
// says by `theta_ppm`; one of them is given, or none. 1 <= min <= max <= redundancy_max and 1 <= quorum <= max; a
// quorum above min only means that a unanimous start is not enough.
struct Redundancy {
  std::int32_t min = 3;
  std::int32_t max = 5;
  std::int32_t quorum = 2;
  std::int64_t theta_ppm = 0;       // Posterior of the model; 0: not asked for.
  std::int64_t confidence_ppm = 0;  // The verdict's claim; 0: not asked for.
  std::int64_t audit_ppm = 0;       // The share of tasks, drawn by lot, that go on to max though they could settle.
  // Of an unknown worker's tasks the share that are settled ones, given to look at the worker: gold that the project
  // grows itself. It falls with trust. 0: none.
  std::int64_t checks_ppm = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"min", &Redundancy::min},
                      Field{"max", &Redundancy::max},
                      Field{"quorum", &Redundancy::quorum},
                      Field{"theta_ppm", &Redundancy::theta_ppm},
                      Field{"confidence_ppm", &Redundancy::confidence_ppm},
                      Field{"audit_ppm", &Redundancy::audit_ppm},
                      Field{"checks_ppm", &Redundancy::checks_ppm}};
  }
  [[nodiscard]] bool is_by_skill() const { return theta_ppm > 0 || confidence_ppm > 0; }
  friend bool operator==(const Redundancy&, const Redundancy&) = default;
};
inline constexpr std::int32_t redundancy_max = 100;
inline constexpr std::int64_t theta_ppm_min = 500'000;
inline constexpr std::int64_t theta_ppm_max = 999'999;
inline constexpr std::int64_t confidence_ppm_min = 500'000;
inline constexpr std::int64_t confidence_ppm_max = 999'000;
inline constexpr std::int64_t audit_ppm_max = 500'000;
inline constexpr std::int64_t audit_ppm_usual = 20'000;
inline constexpr std::int64_t checks_ppm_max = 500'000;

enum class PayPolicy {
  agreeing,  // Answers that agree with the verdict on every required field; all, where the task does not settle.
  all,       // Every answer, when it is accepted.
  review,    // What the requester approves; by itself after `review_delay`.
};
template <>
struct EnumNames<PayPolicy> {
  static constexpr std::array<std::string_view, 3> names{"agreeing", "all", "review"};
};

// A named score that a worker holds: granted by an admin, by a training round that was passed, or by a rule of the
// broker's configuration. Names are [a-z][a-z0-9_-]*, at most 40 bytes; scores 0 to 100.
struct QualificationNeed {
  std::string name;
  std::int64_t score_min = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"name", &QualificationNeed::name}, Field{"score_min", &QualificationNeed::score_min}};
  }
  friend bool operator==(const QualificationNeed&, const QualificationNeed&) = default;
};
inline constexpr std::size_t qualifications_max = 20;
inline constexpr std::int64_t qualification_score_max = 100;

// Who may work on a project: whoever holds all of the qualifications and has the standing that is asked for.
struct Requirements {
  std::vector<QualificationNeed> qualifications;  // By name, each once.
  // Over all projects: of the worker's answers that a verdict judged at least so many, of which so large a share
  // agreed.
  std::int64_t judged_min = 0;
  std::int64_t agreement_ppm = 0;
  // In this project: once so many gold tasks were answered, so large a share must be right. 0: not asked for.
  std::int64_t gold_ppm = 0;
  std::int64_t gold_after = 5;

  static constexpr auto fields() {
    using S = Requirements;
    return std::tuple{Field{"qualifications", &S::qualifications}, Field{"judged_min", &S::judged_min},
                      Field{"agreement_ppm", &S::agreement_ppm}, Field{"gold_ppm", &S::gold_ppm},
                      Field{"gold_after", &S::gold_after}};
  }
  // Something is asked that a worker may not have.
  [[nodiscard]] bool any() const {
    return !qualifications.empty() || judged_min > 0 || agreement_ppm > 0 || gold_ppm > 0;
  }
  friend bool operator==(const Requirements&, const Requirements&) = default;
};

// A task to learn on: every worker gets it, is told at once what would have been right, and is not paid.
struct TrainingTask {
  std::vector<std::string> values;                       // One per column of the project.
  std::map<std::string, std::vector<std::string>> gold;  // By field: what is right, as a worker enters it.
  std::string explanation;                               // Shown with the feedback. May be empty.

  static constexpr auto fields() {
    return std::tuple{Field{"values", &TrainingTask::values}, Field{"gold", &TrainingTask::gold},
                      Field{"explanation", &TrainingTask::explanation}};
  }
  friend bool operator==(const TrainingTask&, const TrainingTask&) = default;
};
inline constexpr std::size_t training_tasks_max = 50;

// The round before paid work. Without tasks there is none.
struct Training {
  std::vector<TrainingTask> tasks;
  std::int64_t pass_ppm = 800'000;  // Of the tasks of a round.
  std::int64_t rounds_max = 2;      // How often a worker may try.
  std::string grants;  // The qualification that whoever passes is given, with the score in percent. May be empty.

  static constexpr auto fields() {
    return std::tuple{Field{"tasks", &Training::tasks}, Field{"pass_ppm", &Training::pass_ppm},
                      Field{"rounds_max", &Training::rounds_max}, Field{"grants", &Training::grants}};
  }
  friend bool operator==(const Training&, const Training&) = default;
};

struct ProjectSpec {
  std::string title;
  std::string instructions;
  std::string item_template;  // Text with ${column}; a column of kind image or link is shown as such.
  std::vector<ColumnSpec> columns;
  std::vector<FieldSpec> form;
  Micros reward;  // For one answer; the platform's fee comes on top.
  Redundancy redundancy;
  PayPolicy pay = PayPolicy::agreeing;
  Duration lease{10LL * 60'000};
  Duration review_delay{7LL * 86'400'000};
  Duration patience{24LL * 3'600'000};    // How long a task waits that no eligible worker is left for.
  std::int64_t deadline_ms = 0;           // Time::ms when the project ends by itself; 0: it does not.
  std::int64_t tasks_per_worker_max = 0;  // 0: as many as there are.
  bool pull_by_item = false;              // Clients may ask for tasks by item number.
  Requirements require;
  Training training;

  static constexpr auto fields() {
    using S = ProjectSpec;
    return std::tuple{Field{"title", &S::title},
                      Field{"instructions", &S::instructions},
                      Field{"item_template", &S::item_template},
                      Field{"columns", &S::columns},
                      Field{"form", &S::form},
                      Field{"reward", &S::reward},
                      Field{"redundancy", &S::redundancy},
                      Field{"pay", &S::pay},
                      Field{"lease", &S::lease},
                      Field{"review_delay", &S::review_delay},
                      Field{"patience", &S::patience},
                      Field{"deadline_ms", &S::deadline_ms},
                      Field{"tasks_per_worker_max", &S::tasks_per_worker_max},
                      Field{"pull_by_item", &S::pull_by_item},
                      Field{"require", &S::require},
                      Field{"training", &S::training}};
  }
  // Whether workers see which item of the batch a task is. Where gold comes unseen among the others, its number would
  // give it away: the others come in their order.
  [[nodiscard]] bool tells_items() const { return pull_by_item || !redundancy.is_by_skill(); }
  // Whether the control part is asked before a task is handed out: for who may work on it, or for what it holds about
  // each worker (places taken, training, gold, what was learned of their skill).
  [[nodiscard]] bool keeps_workers() const {
    return tasks_per_worker_max > 0 || !training.tasks.empty() || require.any() || redundancy.is_by_skill();
  }
  friend bool operator==(const ProjectSpec&, const ProjectSpec&) = default;
};

// An item as it is posted: one value per column of the spec. `answers`, where given, replaces min and max of the
// project's redundancy for this one task (a replay of recorded answers buys exactly those).
// `gold`, where given, is what is known to be true: by field, of those that are one choice. No worker is told.
struct Item {
  std::vector<std::string> values;
  std::optional<std::int32_t> answers;
  std::map<std::string, std::string> gold;

  static constexpr auto fields() {
    return std::tuple{Field{"values", &Item::values}, Field{"answers", &Item::answers}, Field{"gold", &Item::gold}};
  }
  friend bool operator==(const Item&, const Item&) = default;
};

// What a worker enters: per field the values as text. A choice, number or text has one, choices any number; a field
// that is not required may be missing. Numbers travel as decimal text, so that no rounding decides a vote.
using AnswerValues = std::map<std::string, std::vector<std::string>>;

// The canonical form of an answer: one string per field of the form, in its order, empty where nothing was entered.
// For fields whose type is free text it is a salted digest of the normalised text, so that records hold no content.
using Ballots = std::vector<std::string>;

}  // namespace tally
