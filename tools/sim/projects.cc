#include "tools/sim/projects.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::sim {
namespace {

const std::vector<std::string> birds{"bunting", "grosbeak", "finch", "other"};

constexpr std::string_view picture = "picture ";

FieldSpec choice_field() { return {"bird", "choice", "Which bird?", true, birds, {}}; }
FieldSpec choices_field() { return {"birds", "choices", "Which birds?", true, birds, {}}; }
FieldSpec number_field() { return {"count", "number", "How many?", true, {}, {{"tolerance", "0.5"}}}; }
FieldSpec text_field() { return {"note", "text", "Anything else?", false, {}, {}}; }

std::vector<FieldSpec> random_form(Random& random) {
  switch (random.between(0, 3)) {
    case 0:
      return {choice_field()};
    case 1:
      return {choice_field(), text_field()};
    case 2:
      return {number_field()};
    default:
      return {choices_field(), number_field()};
  }
}

Redundancy random_redundancy(Random& random) {
  Redundancy redundancy;
  redundancy.min = static_cast<std::int32_t>(random.between(1, 3));
  redundancy.max = redundancy.min + static_cast<std::int32_t>(random.between(0, 2));
  redundancy.quorum = static_cast<std::int32_t>(random.between(1, redundancy.max));
  return redundancy;
}

// A quarter of those with a choice asks for a posterior, a quarter for a confidence.
void weigh_some_by_skill(ProjectSpec& spec) {
  if (spec.form.front().type != "choice") return;
  const std::int64_t lot = spec.reward.value % 4;
  if (lot == 0) spec.redundancy.theta_ppm = 600'000 + spec.reward.value * 7;
  if (lot != 2) return;
  spec.redundancy.confidence_ppm = 600'000 + spec.reward.value * 5;
  spec.redundancy.audit_ppm = 300'000;
}

// What is right in a training task, as a worker enters it. Notes are not judged.
AnswerValues training_gold(const ProjectSpec& spec, std::int64_t no) {
  AnswerValues gold = answer_to(spec, ProjectId{}, no);
  gold.erase(text_field().name);
  return gold;
}

void train_for_some(ProjectSpec& spec, Random& random) {
  if (!random.percent(25)) return;
  Training& training = spec.training;
  for (std::int64_t no = 1; no <= random.between(1, 3); ++no) {
    training.tasks.push_back({{"training picture " + std::to_string(no)}, training_gold(spec, no), "as the book says"});
  }
  training.pass_ppm = random.pick(std::vector<std::int64_t>{500'000, 800'000, 1'000'000});
  training.rounds_max = random.between(1, 3);
  if (random.percent(50)) training.grants = trained_qualification;
}

void ask_some_for_more(ProjectSpec& spec, Random& random) {
  Requirements& require = spec.require;
  if (random.percent(20)) require.qualifications.push_back({granted_qualification, random.between(0, 90)});
  if (random.percent(6)) require.qualifications.push_back({trained_qualification, random.between(0, 90)});
  if (random.percent(6)) require.qualifications.push_back({ruled_qualification, random.between(0, 90)});
  if (random.percent(6)) {
    require.judged_min = random.between(0, 4);
    require.agreement_ppm = random.between(0, 800'000);
  }
  if (!random.percent(20)) return;
  require.gold_ppm = random.between(300'000, 900'000);
  require.gold_after = random.between(1, 2);
}

}  // namespace

std::map<std::string, std::string> gold_of(const ProjectSpec& spec, std::int64_t item_no) {
  if (item_no % 4 != 0 || spec.form.front().type != "choice") return {};
  return {{spec.form.front().name, birds[static_cast<std::size_t>(item_no) % birds.size()]}};
}

ProjectSpec random_spec(Random& random, Time now) {
  ProjectSpec spec;
  spec.title = "Birds";
  spec.columns = {{"picture", ColumnKind::text}};
  spec.form = random_form(random);
  // Not a multiple of the fee's parts, so that each fee is rounded.
  spec.reward = Micros{random.between(1, 50'000)};
  spec.redundancy = random_redundancy(random);
  weigh_some_by_skill(spec);
  spec.pay = random.pick(std::vector{PayPolicy::agreeing, PayPolicy::agreeing, PayPolicy::all, PayPolicy::review});
  spec.lease = random.between(Duration{20'000}, Duration{300'000});
  spec.review_delay = random.between(Duration{10'000}, Duration{200'000});
  spec.patience = random.between(Duration{30'000}, Duration{200'000});
  if (random.percent(25)) spec.deadline_ms = (now + random.between(Duration{60'000}, Duration{900'000})).ms;
  if (random.percent(35)) spec.tasks_per_worker_max = random.between(1, 6);
  spec.pull_by_item = random.percent(30);
  train_for_some(spec, random);
  ask_some_for_more(spec, random);
  if (spec.redundancy.is_by_skill() && random.percent(50)) spec.redundancy.checks_ppm = random.between(1, 500'000);
  return spec;
}

std::vector<std::string> values_of(std::int64_t item_no) { return {std::string(picture) + std::to_string(item_no)}; }

std::int64_t item_in(const std::vector<std::string>& values) { return std::stoll(values.at(0).substr(picture.size())); }

AnswerValues answer_to(const ProjectSpec& spec, ProjectId project, std::int64_t item_no, std::uint64_t shade) {
  Random truth(static_cast<std::uint64_t>(project.value) * 1'000'003U + static_cast<std::uint64_t>(item_no) +
               shade * 0x51ed2701U);
  AnswerValues values;
  for (const FieldSpec& field : spec.form) {
    if (field.type == "choice") values[field.name] = {truth.pick(birds)};
    if (field.type == "choices") values[field.name] = {birds[0], birds[static_cast<std::size_t>(truth.between(1, 3))]};
    if (field.type == "number") values[field.name] = {std::to_string(truth.between(0, 20))};
    if (field.type == "text" && truth.percent(50)) values[field.name] = {"a note on item " + std::to_string(item_no)};
  }
  return values;
}

}  // namespace tally::sim
