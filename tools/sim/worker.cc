#include "tools/sim/worker.h"

#include <iterator>
#include <utility>

namespace tally::sim {

void Worker::reform() {
  kind_ = WorkerKind::honest;
  if (!is_enrolled()) return;
  client.forget_all();
  tasks_.clear();
  training_for_.clear();
  pull_later(Duration{5'000});
}

void Worker::pull_later(Duration most) {
  client.after(client.random.between(Duration{200}, most), [this] { pull(); });
}

void Worker::pull() {
  Pull pull;
  pull.count = client.random.between(1, 3);
  if (client.random.percent(50)) pull.wait_ms = client.random.between(1'000, 30'000);
  if (!board_.empty() && client.random.percent(30)) {
    const auto place = std::next(board_.begin(), client.random.between(0, std::ssize(board_) - 1));
    pull.project = place->first;
    if (place->second.pull_by_item && client.random.percent(50)) {
      for (int i = 0; i < 3; ++i) pull.items.push_back(client.random.between(1, 12));
    }
  }
  train_for_some();
  if (client.random.percent(10)) {
    client.ask_for(GetStanding{{}, pull.project}, [](const Result<StandingPage, Refusal>&) {});
  }
  client.ask_for(std::move(pull), [this](Result<Tasks, Refusal> tasks) {
    if (!tasks || tasks->tasks.empty()) return pull_later(Duration{15'000});
    take(std::move(tasks->tasks));
  });
}

void Worker::take(std::vector<TaskOffer> offers) {
  tasks_ = std::move(offers);
  if (kind_ == WorkerKind::crashing && client.random.percent(40)) {
    client.forget_all();
    tasks_.clear();
    training_for_.clear();
    return pull_later(Duration{120'000});
  }
  Duration thinking = client.random.between(Duration{500}, Duration{20'000});
  if (kind_ == WorkerKind::dawdling) thinking = client.random.between(Duration{500}, Duration{600'000});
  client.after(thinking, [this] { hand_in(); });
}

// Beside what is at hand; some train again for what they passed.
void Worker::train_for_some() {
  if (board_.empty() || !client.random.percent(30)) return;
  const auto place = std::next(board_.begin(), client.random.between(0, std::ssize(board_) - 1));
  if (!place->second.training.tasks.empty()) train(place->first);
}

void Worker::train(ProjectId project) {
  if (!training_for_.insert(project).second) return;
  client.ask_for(Train{project, {}}, [this, project](const Result<TrainingStep, Refusal>& step) {
    if (step) return go_on(project, *step);
    training_for_.erase(project);
  });
}

void Worker::go_on(ProjectId project, const TrainingStep& step) {
  if (!step.next) {
    training_for_.erase(project);
    return;
  }
  const ProjectSpec& spec = board_.at(project);
  const TrainingTask& task = spec.training.tasks.at(static_cast<std::size_t>(step.next->no) - 1);
  Train train{project, TrainingAnswer{step.next->round, step.next->no, task.gold}};
  const bool is_careful = kind_ == WorkerKind::honest;
  if (client.random.percent(is_careful ? 10 : 40)) {
    train.answer->values = answer_to(spec, project, client.random.between(1, 20), client.random.next());
  }
  client.after(client.random.between(Duration{200}, Duration{8'000}), [this, project, train] {
    const auto ignore = [](const Result<TrainingStep, Refusal>&) {};
    if (client.random.percent(15)) {
      Train out_of_order = train;
      out_of_order.answer->round -= client.random.between(0, 1);
      out_of_order.answer->no += static_cast<std::int32_t>(client.random.between(-1, 2));
      client.ask_for(std::move(out_of_order), ignore);
    }
    if (client.random.percent(15)) client.ask_for(train, ignore);
    client.ask_for(train, [this, project](const Result<TrainingStep, Refusal>& next) {
      if (next) return go_on(project, *next);
      training_for_.erase(project);
    });
  });
}

AnswerValues Worker::answer(const TaskOffer& offer) {
  const ProjectSpec& spec = board_.at(offer.project);
  const std::int64_t item_no = item_in(offer.values);
  switch (kind_) {
    case WorkerKind::lazy:
      return answer_to(spec, offer.project, 1);
    case WorkerKind::spamming:
      return answer_to(spec, offer.project, item_no, client.random.next());
    case WorkerKind::colluding:
      return answer_to(spec, offer.project, item_no, 1);
    default:
      return answer_to(spec, offer.project, item_no);
  }
}

void Worker::hand_in() {
  Submit submit;
  for (const TaskOffer& offer : std::exchange(tasks_, {})) {
    if (!board_.contains(offer.project)) continue;
    const bool skips = kind_ == WorkerKind::skipping ? client.random.percent(60) : client.random.percent(3);
    if (skips) {
      hand_back(offer);
    } else {
      submit.answers.push_back({offer.assignment, answer(offer)});
    }
  }
  submit.next = client.random.between(0, 3);
  last_ = submit.answers;
  misbehave();
  client.ask_for(std::move(submit), [this](Result<Submitted, Refusal> submitted) {
    if (!submitted || submitted->tasks.empty()) return pull_later(Duration{10'000});
    take(std::move(submitted->tasks));
  });
}

void Worker::hand_back(const TaskOffer& offer) {
  const auto how = client.random.percent(50) ? HandBackHow::skipped : HandBackHow::returned;
  client.ask_for(HandBack{offer.assignment, how}, [this, offer](Result<Acknowledged, Refusal> done) {
    if (!done || !client.random.percent(40)) return;
    client.after(client.random.between(Duration{1'000}, Duration{30'000}), [this, offer] {
      client.ask_for(TakeBackSkip{offer.assignment}, [this](Result<Tasks, Refusal> tasks) {
        // Handed in by itself, beside what is at hand.
        if (!tasks || tasks->tasks.empty()) return;
        const TaskOffer again = tasks->tasks.front();
        client.after(Duration{3'000}, [this, again] {
          Submit submit;
          submit.answers.push_back({again.assignment, answer(again)});
          client.ask_for(std::move(submit), [](const Result<Submitted, Refusal>&) {});
        });
      });
    });
  });
}

void Worker::misbehave() {
  if (kind_ != WorkerKind::repeating) return;
  client.after(client.random.between(Duration{1}, Duration{60'000}), [this] { client.send_something_again(); });
  if (last_.empty() || !client.random.percent(50)) return;
  client.after(client.random.between(Duration{1}, Duration{90'000}), [this, last = last_] {
    Submit submit;
    submit.answers = last;
    if (client.random.percent(50)) {
      for (SubmittedAnswer& answer : submit.answers) {
        const ProjectId project = project_of(answer.assignment.part);
        answer.values = answer_to(board_.at(project), project, client.random.between(1, 20), 7);
      }
    }
    client.ask_for(std::move(submit), [](const Result<Submitted, Refusal>&) {});
  });
}

}  // namespace tally::sim
