#include "tests/admin/made_project.h"

#include <algorithm>
#include <random>

#include "common/aggregation/online/policy_replay.h"
#include "common/aggregation/skill.h"

namespace tally::test {
namespace {

constexpr std::int64_t first_account = 33;

struct Said {
  std::int32_t task = 0;
  std::size_t worker = 0;
  std::int32_t label = 0;
};

struct Crowd {
  std::vector<std::int32_t> truth;
  std::vector<Said> said;  // In the order in which it came.
};

Crowd crowd_of(const MadePlan& plan, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> chance;
  const auto labels = static_cast<std::int32_t>(plan.options.size());
  std::uniform_int_distribution<std::int32_t> any(0, labels - 1);
  std::uniform_int_distribution<std::int32_t> other(1, labels - 1);
  std::vector<std::size_t> workers(plan.skills.size());
  for (std::size_t i = 0; i < workers.size(); ++i) workers[i] = i;
  Crowd crowd;
  for (std::int32_t task = 0; task < plan.tasks; ++task) {
    const std::int32_t truth = crowd.truth.emplace_back(any(random));
    std::vector<std::int32_t> would_say;
    for (const double skill : plan.skills) {
      would_say.push_back(chance(random) < skill ? truth : (truth + other(random)) % labels);
    }
    for (const std::size_t copier : plan.copies) would_say[copier] = would_say[copier - 1];
    std::shuffle(workers.begin(), workers.end(), random);
    const auto answers = std::min(static_cast<std::size_t>(plan.answers_max), workers.size());
    for (std::size_t i = 0; i < answers; ++i) {
      const std::size_t worker = workers[i];
      crowd.said.push_back({task, worker, would_say[worker]});
    }
  }
  std::shuffle(crowd.said.begin(), crowd.said.end(), random);
  return crowd;
}

ProjectSpec spec_of(const MadePlan& plan) {
  ProjectSpec spec;
  spec.title = "Birds";
  spec.instructions = "Say which bird it is.";
  spec.item_template = "${text}";
  spec.columns = {{"text", ColumnKind::text}};
  spec.form = {{"bird", "choice", "Which bird?", true, plan.options, {}}};
  spec.reward = Micros{10'000};
  spec.redundancy = plan.redundancy;
  return spec;
}

TaskState state_of(const aggregation::ReplayedTask& task) {
  if (!task.reason) return TaskState::open;
  if (is_settling(*task.reason)) return TaskState::settled;
  return task.judged.front().has_value ? TaskState::best_guess : TaskState::undecided;
}

// The verdict as a broker shows it.
FieldResult result_of(const MadePlan& plan, const aggregation::ReplayedField& judged) {
  FieldResult result;
  result.field = "bird";
  result.settled = judged.is_settled;
  result.confidence_ppm = judged.confidence_ppm;
  result.posterior_ppm = judged.posterior_ppm;
  result.method = judged.is_by_skill ? aggregation::skill_method : "plurality";
  if (judged.has_value) {
    result.value = judged.is_by_skill ? plan.options[static_cast<std::size_t>(judged.label)] : judged.value;
  }
  return result;
}

AnswerRow answer_row(TaskId task, std::int32_t no, std::size_t worker, const std::string& field,
                     const std::string& value) {
  AnswerRow answer;
  answer.assignment = {task.part, no};
  answer.worker = AccountId{first_account + static_cast<std::int64_t>(worker)};
  answer.at_ms = 1'700'000'000'000 + no * 7'000LL;
  answer.took_ms = 7'000;
  answer.values = {{field, {value}}};
  answer.state = PayState::paid;
  answer.paid = Micros{10'000};
  return answer;
}

// Of the tasks [first, end), which are a part of their own.
void play_part(const MadePlan& plan, const Crowd& crowd, std::int32_t part_no, std::int32_t first, std::int32_t end,
               MadeProject& project) {
  std::vector<Said> said;
  for (const Said& each : crowd.said) {
    if (each.task >= first && each.task < end) said.push_back(each);
  }
  std::vector<aggregation::ReplayBallot> ballots;
  for (const Said& each : said) ballots.push_back({plan.options[static_cast<std::size_t>(each.label)], each.label});
  std::vector<aggregation::ReplayAnswer> answers;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const AccountId worker{first_account + static_cast<std::int64_t>(said[i].worker)};
    answers.push_back({said[i].task - first, worker, std::span(&ballots[i], 1)});
  }
  std::vector<aggregation::ReplayGold> gold;
  for (std::int32_t task = first; task < std::min(end, plan.gold); ++task) {
    gold.push_back({task - first, 0, crowd.truth[static_cast<std::size_t>(task)]});
  }
  const aggregation::ReplayField field{aggregation::find_method("plurality"), 0, true,
                                       static_cast<std::int32_t>(plan.options.size())};
  const auto replayed = aggregation::replay_policy({plan.redundancy, std::span(&field, 1), end - first, answers, gold});
  for (std::int32_t task = first; task < end; ++task) {
    const aggregation::ReplayedTask& played = replayed[static_cast<std::size_t>(task - first)];
    ResultRow row;
    row.task = {part_of(project.id, part_no), task - first + 1};
    row.item_no = task + 1;
    row.values = {"Item " + std::to_string(task + 1)};
    row.state = state_of(played);
    row.reason = played.reason && !is_settling(*played.reason) ? name_of(*played.reason) : "";
    if (row.state != TaskState::open) row.judged = {result_of(plan, played.judged.front())};
    row.answers = std::ssize(played.bought);
    for (const std::int32_t no : played.bought) {
      const Said& each = said[static_cast<std::size_t>(no)];
      row.given.push_back(
          answer_row(row.task, no + 1, each.worker, "bird", plan.options[static_cast<std::size_t>(each.label)]));
      row.cost += Micros{12'000};
    }
    const std::string& truth = plan.options[static_cast<std::size_t>(crowd.truth[static_cast<std::size_t>(task)])];
    if (task < plan.gold) row.gold = {{"bird", truth}};
    project.rows.push_back(std::move(row));
    project.truth.push_back(truth);
  }
}

}  // namespace

MadeProject made_project(const MadePlan& plan, unsigned seed) {
  MadeProject project;
  project.spec = spec_of(plan);
  project.spec.pay = PayPolicy::all;
  const Crowd crowd = crowd_of(plan, seed);
  for (std::int32_t part = 0; part < plan.parts; ++part) {
    play_part(plan, crowd, part + 1, plan.tasks * part / plan.parts, plan.tasks * (part + 1) / plan.parts, project);
  }
  return project;
}

void give_time(MadeProject& project, AccountId worker, std::int64_t took_ms) {
  for (ResultRow& row : project.rows) {
    for (AnswerRow& answer : row.given) {
      if (answer.worker == worker) answer.took_ms = took_ms;
    }
  }
}

ResultRow row_of(std::int32_t task, const std::string& field, const std::vector<std::string>& answers) {
  ResultRow row;
  row.task = {part_of(ProjectId{17}, 1), task};
  row.item_no = task;
  row.values = {"Item " + std::to_string(task)};
  row.answers = std::ssize(answers);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    row.given.push_back(answer_row(row.task, (task - 1) * 10 + static_cast<std::int32_t>(i) + 1, i, field, answers[i]));
  }
  return row;
}

admin::Asker asker_of(const MadeProject& project, std::size_t page) {
  return admin::Asker([&project, page](const Request& request) -> Result<Reply, Refusal> {
    if (std::holds_alternative<Hello>(request)) {
      Welcome welcome;
      welcome.fee_ppm = 200'000;
      welcome.currency = "USD";
      return Reply{welcome};
    }
    if (const auto* describe = std::get_if<DescribeProject>(&request)) {
      if (describe->project == project.id)
        return Reply{ProjectDescription{project.id, ProjectState::open, project.spec}};
    }
    const auto* results = std::get_if<GetResults>(&request);
    if (results == nullptr || results->project != project.id) {
      return Unexpected{Refusal{RefusalCode::project_not_found, "there is no such project", 0}};
    }
    const std::size_t first = results->after.empty() ? 0 : std::stoul(results->after);
    ResultsPage rows;
    for (std::size_t i = first; i < std::min(first + page, project.rows.size()); ++i) {
      rows.rows.push_back(project.rows[i]);
      if (!results->answers) rows.rows.back().given.clear();
    }
    if (first + page < project.rows.size()) rows.next = std::to_string(first + page);
    return Reply{rows};
  });
}

}  // namespace tally::test
