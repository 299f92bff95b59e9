#include "admin/quality/policy_figures.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "admin/quality/project_figures.h"
#include "common/aggregation/online/policy_replay.h"
#include "common/base/assert.h"
#include "common/forms/form.h"

namespace tally::admin::quality {
namespace {

using aggregation::ReplayedField;
using aggregation::ReplayedTask;

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

// The tasks of one part and their answers, in the order in which they came; places in Collected.
struct PartAnswers {
  std::vector<std::int32_t> tasks;
  std::vector<std::size_t> answers;
};

std::map<PartId, PartAnswers> by_part(const Collected& collected) {
  std::map<PartId, PartAnswers> parts;
  for (std::size_t task = 0; task < collected.tasks.size(); ++task) {
    parts[collected.tasks[task].id.part].tasks.push_back(static_cast<std::int32_t>(task));
  }
  for (std::size_t i = 0; i < collected.answers.size(); ++i) {
    parts[collected.tasks[at(collected.answers[i].task)].id.part].answers.push_back(i);
  }
  for (auto& [id, part] : parts) {
    const auto came = [&](std::size_t i) {
      const AnswerGiven& answer = collected.answers[i];
      return std::tuple(answer.at_ms, answer.assignment.no, i);
    };
    std::sort(part.answers.begin(), part.answers.end(),
              [&](std::size_t a, std::size_t b) { return came(a) < came(b); });
  }
  return parts;
}

aggregation::ReplayField replay_field(const FieldAnswers& field) {
  const auto* method = aggregation::find_method(forms::default_method(field.spec));
  TALLY_ASSERT(method != nullptr);
  return {method, forms::tolerance_e6(field.spec), field.spec.required, field.labels};
}

// What the figures are made from while parts are played.
class Player {
 public:
  Player(const Collected& collected, const Redundancy& then, Micros price, PolicyFigures& figures)
      : collected_(collected), then_(then), price_(price), figures_(figures) {
    for (const FieldAnswers& field : collected.fields) fields_.push_back(replay_field(field));
  }

  void play(const PartAnswers& part) {
    std::map<std::int32_t, std::int32_t> place_of;  // By task of the project.
    for (const std::int32_t task : part.tasks) place_of.emplace(task, static_cast<std::int32_t>(place_of.size()));
    const std::size_t width = fields_.size();
    std::vector<aggregation::ReplayBallot> ballots(part.answers.size() * width);
    std::vector<aggregation::ReplayAnswer> answers;
    for (std::size_t i = 0; i < part.answers.size(); ++i) {
      const AnswerGiven& given = collected_.answers[part.answers[i]];
      const std::span of_answer(ballots.data() + i * width, width);
      for (std::size_t field = 0; field < width; ++field) of_answer[field] = ballot(field, part.answers[i]);
      answers.push_back({place_of.at(given.task), collected_.workers[at(given.worker)], of_answer});
    }
    const auto gold = gold_of(part);
    const auto count = static_cast<std::int32_t>(part.tasks.size());
    const auto replayed = aggregation::replay_policy({then_, fields_, count, answers, gold});
    for (std::size_t i = 0; i < replayed.size(); ++i) count_task(part, part.tasks[i], replayed[i]);
  }

 private:
  [[nodiscard]] aggregation::ReplayBallot ballot(std::size_t field, std::size_t answer) const {
    const FieldAnswers& of = collected_.fields[field];
    return {of.values.name(of.given[answer]), of.labels > 0 ? of.given[answer] : -1};
  }

  [[nodiscard]] std::vector<aggregation::ReplayGold> gold_of(const PartAnswers& part) const {
    std::vector<aggregation::ReplayGold> gold;
    for (std::size_t field = 0; field < fields_.size(); ++field) {
      for (std::size_t i = 0; i < part.tasks.size(); ++i) {
        const std::int32_t label = collected_.fields[field].gold[at(part.tasks[i])];
        if (label != unknown) {
          gold.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(field), label});
        }
      }
    }
    return gold;
  }

  [[nodiscard]] std::int32_t value_of(std::size_t field, const ReplayedField& judged) const {
    if (!judged.has_value) return unknown;
    if (judged.is_by_skill) return judged.label;
    return collected_.fields[field].values.find(judged.value).value_or(unknown);
  }

  // As the project pays; what a review would say is not known, so all are.
  [[nodiscard]] bool is_paid(std::size_t answer, const ReplayedTask& task) const {
    const bool is_settled = task.reason && is_settling(*task.reason);
    if (collected_.spec.pay != PayPolicy::agreeing || !is_settled) return true;
    for (std::size_t field = 0; field < fields_.size(); ++field) {
      if (!fields_[field].is_required) continue;
      const FieldAnswers& of = collected_.fields[field];
      const std::int32_t value = value_of(field, task.judged[field]);
      const aggregation::Policy policy{then_, fields_[field].tolerance_e6};
      if (!fields_[field].method->agrees(of.values.name(of.given[answer]), of.values.name(value), policy)) return false;
    }
    return true;
  }

  void count_task(const PartAnswers& part, std::int32_t task, const ReplayedTask& replayed) {
    PolicyOutcome& outcome = figures_.replayed;
    outcome.answers += std::ssize(replayed.bought);
    for (const std::int32_t no : replayed.bought) {
      if (is_paid(part.answers[at(no)], replayed)) outcome.cost += price_;
    }
    outcome.settled += replayed.reason && is_settling(*replayed.reason) ? 1 : 0;
    figures_.futile += replayed.reason == VerdictReason::futile ? 1 : 0;
    figures_.out_of_answers += replayed.reason ? 0 : 1;
    for (std::size_t field = 0; field < replayed.judged.size(); ++field) compare(field, task, replayed.judged[field]);
  }

  void compare(std::size_t field, std::int32_t task, const ReplayedField& judged) {
    FieldComparison& comparison = figures_.fields[field];
    const std::int32_t value = value_of(field, judged);
    if (value == unknown) return;
    ++comparison.then.values;
    if (judged.is_by_skill) {
      ++comparison.then.claimed;
      comparison.then.claims_ppm += judged.confidence_ppm;
    }
    const FieldAnswers& of = collected_.fields[field];
    if (of.gold[at(task)] != unknown) comparison.then.proof.add(value == of.gold[at(task)]);
    if (of.judged[at(task)].value == unknown) return;
    ++comparison.compared;
    comparison.differs += value == of.judged[at(task)].value ? 0 : 1;
  }

  const Collected& collected_;
  const Redundancy& then_;
  Micros price_;
  PolicyFigures& figures_;
  std::vector<aggregation::ReplayField> fields_;
};

FieldOutcome outcome_now(const Collected& collected, const FieldAnswers& field) {
  const reliability::FieldCounts counts = counts_of(collected, field);
  FieldOutcome outcome{counts.values, counts.proof, counts.claims.tasks(), 0};
  for (const reliability::ClaimBin& bin : counts.claims.bins()) outcome.claims_ppm += bin.claims_ppm;
  return outcome;
}

}  // namespace

std::optional<double> FieldOutcome::mean_claim() const {
  if (claimed == 0) return std::nullopt;
  return static_cast<double>(claims_ppm) / static_cast<double>(claimed) / 1e6;
}

PolicyFigures what_if(const Collected& collected, const Redundancy& then, Micros price) {
  PolicyFigures figures{collected.spec.redundancy, then, std::ssize(collected.tasks)};
  figures.as_it_went.answers = std::ssize(collected.answers);
  for (const TaskAnswers& task : collected.tasks) {
    figures.as_it_went.cost += task.cost;
    figures.as_it_went.settled += task.state == TaskState::settled ? 1 : 0;
    figures.open_now += task.state == TaskState::open ? 1 : 0;
  }
  for (const FieldAnswers& field : collected.fields) {
    figures.fields.push_back({field.spec.name, outcome_now(collected, field), {}, 0, 0});
  }
  Player player(collected, then, price, figures);
  for (const auto& [id, part] : by_part(collected)) player.play(part);
  return figures;
}

}  // namespace tally::admin::quality
