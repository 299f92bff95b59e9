#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/aggregation/labels/method.h"
#include "common/aggregation/metrics/metrics.h"
#include "schemas/field.h"

// How the workers of one project went about their answers to a field with few labels: what they agree on with the
// others, how fast they were, and signals that somebody did not look or that several copied.
//
// Pure: the same input gives the same conduct, and the order of the answers changes nothing but which of a worker's
// answers to one task is the last. It may be called from any thread. A signal is a reason for a person to look, never a
// verdict.
//
// Time: O(answers × answers of the task × labels²), for pairs are compared only where they share a task. Memory beside
// the input: about 60 bytes an answer, 16 × labels² a worker, and for suspicious pairs at most 60 MB, however many
// pairs share tasks.
//
// What cannot be seen: copies of right answers; a ring whose members hardly meet, or that has nearly all answers of its
// tasks, where gold does not tell; who copied from whom. A few who alone are right where all others are fooled look
// like a ring, and only gold clears them. docs/conduct.md has figures.
namespace tally::aggregation::conduct {

// Tasks, workers and labels are numbers from 0; their names are the caller's business.
struct Answer {
  std::int32_t task = 0;
  std::int32_t worker = 0;
  std::int32_t label = 0;
  float seconds = 0;  // From being given the task to the answer; 0 where it is not known.
};

struct ConductInput {
  labels::AnswerTable::Size size;
  // Of a worker's answers to one task the last counts. A project that is streamed is collected here, 16 bytes an
  // answer.
  std::span<const Answer> answers = {};
  // By task, the label that is known to be right, or labels::unknown; empty where none is known.
  std::span<const std::int32_t> gold = {};
  // By task, the label that a method believes most, or labels::unknown. Empty: the plurality of the answers, with gold
  // where it is known.
  std::span<const std::int32_t> believed = {};
  // The form's first option, or labels::unknown where the form shuffles them.
  std::int32_t first_option = labels::unknown;
};

// Who has less is not judged: with so few answers neither guilt nor its opposite shows.
inline constexpr std::int64_t answers_judged_min = 20;
inline constexpr std::int64_t pair_tasks_min = 5;         // Shared, and with somebody else's word on them.
inline constexpr std::int64_t pair_agreed_wrong_min = 3;  // Once or twice happens to everybody.
// Of the wrong answers of the one who has more of them. A smaller share that many tasks make significant is likeness.
inline constexpr double pair_wrong_share_min = 0.5;
// A task with more answers is left out where pairs are compared: a ring does not matter there, and it costs the square.
inline constexpr std::int64_t pair_answers_of_task_max = 128;
inline constexpr std::int64_t pairs_kept_max = 1 << 18;  // The most suspicious are kept, and tested against all.
inline constexpr std::int64_t answers_max = std::int64_t{1} << 31;

// Of all `constant` and `always_first` signals of a project, of all `too_fast`, and of all `copying`: the probability
// that any is false, at most, by Holm's steps. Each under the assumptions that are told at the kind.
// Source: Holm, "A simple sequentially rejective multiple test procedure", 1979.
inline constexpr double level = 0.01;
// Of all `random` signals of a project: the share that is expected to be false, at most.
// Source: Benjamini and Hochberg, "Controlling the false discovery rate", 1995.
inline constexpr double random_level = 0.05;

// What one is measured by is the `reference` of an answer: gold where it is known; elsewhere the label with the most
// votes of the others, each counting by its own agreement beyond chance (in whole thousandths, so that no order of
// sums decides, and one at least); none in a tie. Agreement beyond chance is "nothing" if chance alone gives as much
// with a probability of more than nothing_level.
enum class SignalKind {
  // One label, given to more than constant_share of the tasks whose reference is another label: so much bias is granted
  // to who looks. And agreement beyond chance is nothing.
  constant,
  always_first,  // The same, where the label is the form's first option.
  // Agreement beyond chance is less than floor_of_best of what the best quarter of the workers reach, and nothing. Who
  // looks but cannot tell the labels apart gets this signal too.
  random,
  // More than half of the answers took less than too_fast_share of the usual time. Alone it is no proof: some are fast.
  too_fast,
  // The same wrong answers as somebody else, more often than both one's errors, the popularity of wrong labels and the
  // hardness of the tasks explain; see pairs.h. Nor does it show whether both are one person.
  copying,
};

inline constexpr double constant_share = 2.0 / 3;
inline constexpr double floor_of_best = 0.5;
inline constexpr double best_min = 0.1;  // Where the best quarter reaches less, nobody can be called random.
inline constexpr double nothing_level = 0.05;
inline constexpr double too_fast_share = 0.25;

struct Signal {
  SignalKind kind = SignalKind::constant;
  std::int32_t worker = 0;
  std::int32_t label = labels::unknown;  // constant, always_first.
  // What was found, and of how many: answers with that label where the reference is another; answers that agree with
  // the reference; answers that were too fast; wrong answers shared with the closest of the ring.
  std::int64_t count = 0;
  std::int64_t of = 0;
  // What of them is explained: constant_share; what chance gives; half; what independent workers would share.
  double expected = 0;
  // random: what the floor asks for, as a count. too_fast: the median share of the usual time.
  double measure = 0;
  std::int32_t ring = -1;  // copying: its place in Conduct::rings.
  double log10_p = 0;      // Of the test of this one alone; the level is kept over all of them.
};

struct Kappa {
  double value = 0;
  double standard_error = 0;
  double log10_p = 0;    // Of as much agreement or more from a worker whose answers have nothing to do with the tasks.
  double by_chance = 0;  // The share that would agree then.
  std::int64_t agreed = 0;
  std::int64_t compared = 0;
};

struct WorkerConduct {
  std::int64_t answers = 0;
  std::int64_t shared = 0;  // Of them, to tasks that others answered too.
  // With the label that most of the others gave; tasks where they have no single one are not counted.
  metrics::Accuracy agreement;
  // With the reference, beyond chance. Empty where nothing is compared, or one and the same label throughout.
  // Source: Cohen, 1960; the standard errors: Fleiss, Cohen and Everitt, "Large sample standard errors of kappa and
  // weighted kappa", 1969.
  std::optional<Kappa> beyond_chance;
  metrics::Accuracy accuracy;  // On gold.
  std::int64_t timed = 0;      // Answers whose time is known.
  // The median of one's seconds by the usual seconds: the median of the others for that task where three are known,
  // else of the project. Empty where no time is known.
  std::optional<double> pace;
};

// Two workers of a ring, first < second.
struct Pair {
  std::int32_t first = 0;
  std::int32_t second = 0;
  std::int64_t shared = 0;  // Tasks compared.
  std::int64_t wrong_of_first = 0;
  std::int64_t wrong_of_second = 0;
  std::int64_t agreed_wrong = 0;  // The same label, and not the one that gold or those outside the pair say.
  double expected = 0;            // Of independent workers.
  double log10_p = 0;
};

// Pairs that are joined by workers they have in common.
struct Ring {
  std::vector<std::int32_t> workers;  // Ascending.
  std::vector<Pair> pairs;            // By their first, then their second.
};

struct Conduct {
  std::vector<WorkerConduct> workers;
  // [worker][label given][label believed]: answers. Tasks of which nothing is believed are left out.
  std::vector<std::int64_t> confusion;
  std::vector<Signal> signals;  // By worker, then kind.
  std::vector<Ring> rings;      // By their first worker.
  // Workers, ascending, who answer alike nearly always and far more often than like the rest; by the first of each
  // group. It accuses nobody: they may be good in a weak crowd. Gold among the tasks they share tells.
  std::vector<std::vector<std::int32_t>> alike;
  // What was tested, and what independence alone does not explain in this project; see pairs.h.
  std::int64_t workers_judged = 0;
  std::int64_t pairs_tested = 0;
  double pairs_excess = 1;
  double pairs_dispersion = 0;
  double best_beyond_chance = 0;  // The kappa that the best quarter of those judged reach.
};

// REQUIRES each number of an answer from 0 to below its count; gold, believed and first_option within the labels or
// labels::unknown; gold and believed empty or one a task; seconds finite and not negative; at most answers_max answers;
// workers × labels² at most labels::cells_max.
[[nodiscard]] Conduct conduct_of(const ConductInput& input);

// Of it only who was how fast: `timed`, `pace` and the signals too_fast, which do not depend on what was answered.
// REQUIRES what conduct_of does.
[[nodiscard]] Conduct pace_of(const ConductInput& input);

struct Reason {
  std::string for_admin;   // With the figures, the test and the names of the ring.
  std::string for_worker;  // Of the worker's own answers only: it names nobody else.
};

using NameOf = std::function<std::string(std::int32_t)>;

// REQUIRES a signal of that conduct.
[[nodiscard]] Reason reason_of(const Signal& signal, const Conduct& conduct, const NameOf& worker_name,
                               const NameOf& label_name);

}  // namespace tally::aggregation::conduct

namespace tally {

template <>
struct EnumNames<aggregation::conduct::SignalKind> {
  static constexpr std::array<std::string_view, 5> names{"constant", "always_first", "random", "too_fast", "copying"};
};

}  // namespace tally
