#include "tools/sim/requester.h"

#include <algorithm>
#include <utility>

namespace tally::sim {

void Requester::next_project() {
  if (is_finishing_ || projects_left_ == 0) return;
  --projects_left_;
  OpenProject announced;
  announced.key = name() + " batch " + std::to_string(++keys_);
  announced.spec = random_spec(client.random, environment_.now());
  announced.items = client.random.between(1, 12);
  open(std::move(announced));
  client.after(client.random.between(Duration{5'000}, Duration{240'000}), [this] { next_project(); });
}

void Requester::open(OpenProject announced) {
  client.ask_for(announced, [this, announced](Result<ProjectOpened, Refusal> opened) {
    if (!opened) {
      // The deposit may be on its way; the deadline may have passed meanwhile.
      const bool may_come =
          opened.error().code == RefusalCode::balance_too_low || opened.error().code == RefusalCode::internal_error;
      if (may_come && !is_finishing_) client.after(Duration{20'000}, [this, announced] { open(announced); });
      return;
    }
    board_.emplace(opened->project, announced.spec);
    post(opened->project, 1, announced.items, opened->part_size);
    client.after(client.random.between(Duration{5'000}, Duration{60'000}),
                 [this, project = opened->project] { meddle(project); });
  });
}

void Requester::post(ProjectId project, std::int64_t first, std::int64_t items, std::int64_t part_size) {
  if (first > items) return;
  const std::int64_t end_of_part = (first - 1) / part_size * part_size + part_size;
  const std::int64_t last = std::min({items, end_of_part, first + client.random.between(0, 4)});
  post_run(project, first, last, items, part_size);
}

// A run that could not be stored is cut in the same way when it is sent again: another copy of it may have come in.
void Requester::post_run(ProjectId project, std::int64_t first, std::int64_t last, std::int64_t items,
                         std::int64_t part_size) {
  PostItems posted;
  posted.project = project;
  posted.first = first;
  for (std::int64_t no = first; no <= last; ++no) {
    posted.items.push_back({values_of(no), {}, gold_of(board_.at(project), no)});
  }
  client.ask_for(std::move(posted), [this, project, first, last, items, part_size](Result<ItemsPosted, Refusal> done) {
    if (done) return post(project, last + 1, items, part_size);
    if (done.error().code != RefusalCode::internal_error) return;  // The project is over.
    client.after(Duration{1'000},
                 [this, project, first, last, items, part_size] { post_run(project, first, last, items, part_size); });
  });
}

void Requester::change(ProjectId project, ProjectAction action) {
  client.ask_for(ChangeProject{project, action}, [](const Result<Acknowledged, Refusal>&) {});
}

void Requester::meddle(ProjectId project) {
  if (is_finishing_) return;
  Random& random = client.random;
  switch (random.between(0, 9)) {
    case 0:
      change(project, ProjectAction::pause);
      client.after(random.between(Duration{1'000}, Duration{60'000}),
                   [this, project] { change(project, ProjectAction::resume); });
      break;
    case 1: {
      Extend extend;
      extend.key = name() + " extend " + std::to_string(++keys_);
      extend.project = project;
      if (random.percent(70))
        extend.deadline_ms = (environment_.now() + Duration{random.between(600'000, 3'600'000)}).ms;
      client.ask_for(std::move(extend), [](const Result<Acknowledged, Refusal>&) {});
      break;
    }
    case 2:
      if (random.percent(30)) change(project, random.percent(50) ? ProjectAction::cancel : ProjectAction::end);
      break;
    default:
      review(project);
  }
  client.after(random.between(Duration{5'000}, Duration{90'000}), [this, project] { meddle(project); });
}

void Requester::review(ProjectId project) {
  GetResults results;
  results.project = project;
  results.answers = true;
  client.ask_for(std::move(results), [this](Result<ResultsPage, Refusal> page) {
    if (!page) return;
    for (const ResultRow& row : page->rows) {
      for (const AnswerRow& answer : row.given) judge(answer);
    }
  });
}

void Requester::judge(const AnswerRow& answer) {
  Random& random = client.random;
  if (answer.state == PayState::review && random.percent(60)) {
    client.ask_for(Review{answer.assignment, random.percent(70), "as I see it"},
                   [](const Result<Acknowledged, Refusal>&) {});
  }
  if (random.percent(5)) {
    Bonus bonus;
    bonus.key = name() + " bonus " + std::to_string(++keys_);
    bonus.assignment = answer.assignment;
    bonus.amount = Micros{random.between(1, 5'000)};
    client.ask_for(std::move(bonus), [](const Result<Acknowledged, Refusal>&) {});
  }
}

void Requester::finish() {
  is_finishing_ = true;
  // A task that nobody ever may have waits for a worker who may: at some time its requester gives up.
  constexpr std::int64_t patience = 15;
  const bool gives_up = ++times_finished_ > patience;
  for (const auto& [project, spec] : board_) {
    const bool asks_for_more = spec.require.any() || !spec.training.tasks.empty();
    change(project, gives_up && asks_for_more ? ProjectAction::end : ProjectAction::resume);
  }
}

}  // namespace tally::sim
