#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "common/base/assert.h"
#include "common/net/client.h"
#include "schemas/messages.h"
#include "tests/support/scratch_folder.h"
#include "worker-client/line_source.h"
#include "worker-client/stop.h"
#include "worker-client/wire.h"

// The other side of a worker's program, played by the test: a broker, a keyboard, a signal, a disk.
namespace tally::worker {

using test::ScratchFolder;

inline AssignmentId assignment(std::int32_t no) { return {part_of(ProjectId{17}, 1), no}; }

inline ProjectSpec bird_spec() {
  ProjectSpec spec;
  spec.title = "Birds";
  spec.instructions = "Say which bird it is.";
  spec.item_template = "Photo: ${photo}";
  spec.columns = {{"photo", ColumnKind::text}};
  spec.form = {{"bird", "choice", "Which bird?", true, {"robin", "wren"}, {}},
               {"count", "number", "How many?", false, {}, {{"min", "0"}, {"max", "10"}}}};
  spec.reward = Micros{50'000};
  return spec;
}

inline TaskOffer bird_task(std::int32_t no, const std::string& photo = "1.jpg") {
  TaskOffer task;
  task.assignment = assignment(no);
  task.task = {part_of(ProjectId{17}, 1), no};
  task.item_no = no;
  task.project = ProjectId{17};
  task.lease_left_ms = 600'000;
  task.reward = Micros{50'000};
  task.values = {photo};
  return task;
}

// Somebody who wants it to stop as soon as requested() is called.
class PlayedStop : public Stop {
 public:
  PlayedStop() { REQUIRE(::pipe(ends_) == 0); }
  ~PlayedStop() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  // Any thread, so without a check of Catch2.
  void request() {
    ++requests_;
    const ssize_t written = ::write(ends_[1], "x", 1);
    TALLY_ASSERT(written == 1);
  }
  [[nodiscard]] int fd() const override { return ends_[0]; }
  [[nodiscard]] int requests() override {
    pollfd one{ends_[0], POLLIN, 0};
    char byte = 0;
    while (::poll(&one, 1, 0) > 0) REQUIRE(::read(ends_[0], &byte, 1) == 1);
    return requests_;
  }

 private:
  int ends_[2] = {-1, -1};
  std::atomic<int> requests_ = 0;
};

// A keyboard: lines as they are asked for, then its end.
class PlayedLines : public LineSource {
 public:
  explicit PlayedLines(std::vector<std::string> lines) : lines_(lines.begin(), lines.end()) {}

  Entry read(const std::string& prompt, const std::string& initial) override {
    prompts.push_back(prompt);
    initials.push_back(initial);
    if (lines_.empty()) return {Entry::Kind::end, {}};
    Entry entry{Entry::Kind::line, lines_.front()};
    lines_.pop_front();
    if (before_line) before_line(entry.text);
    return entry;
  }
  [[nodiscard]] std::size_t left() const { return lines_.size(); }

  std::vector<std::string> prompts;
  std::vector<std::string> initials;
  std::function<void(const std::string&)> before_line;

 private:
  std::deque<std::string> lines_;
};

// A broker's side of training, as it answers where nobody disturbs it.
struct Trainer {
  std::vector<TrainingTask> tasks;
  std::int64_t right_min = 1;
  std::int64_t rounds_max = 2;

  std::int64_t rounds = 0;  // That were ended.
  std::int64_t no = 1;      // Whose turn it is.
  std::int64_t right = 0;
  bool is_passed = false;
  std::vector<TrainingAnswer> answers;

  [[nodiscard]] std::optional<NoWork> no_work() const {
    if (tasks.empty() || is_passed) return std::nullopt;
    return rounds < rounds_max ? NoWork::training_needed : NoWork::training_failed;
  }
  Result<Reply, Refusal> answer(const Train& train) {
    TrainingStep step;
    if (train.answer) {
      if (!no_work()) return Unexpected{Refusal{RefusalCode::training_over, "it is over", 0}};
      if (train.answer->round != rounds + 1 || train.answer->no != no) {
        return Unexpected{Refusal{RefusalCode::training_out_of_order, "it is the turn of another", 0}};
      }
      answers.push_back(*train.answer);
      const TrainingTask& task = tasks.at(static_cast<std::size_t>(no - 1));
      bool is_right = true;
      for (const auto& [field, gold] : task.gold) {
        const auto given = train.answer->values.find(field);
        is_right = is_right && given != train.answer->values.end() && given->second == gold;
      }
      right = (no == 1 ? 0 : right) + (is_right ? 1 : 0);
      step.feedback = TrainingFeedback{static_cast<std::int32_t>(no), is_right, task.gold, task.explanation};
      if (++no > std::ssize(tasks)) {
        no = 1;
        ++rounds;
        is_passed = right >= right_min;
      }
    }
    step.tasks = std::ssize(tasks);
    step.right = right;
    step.right_min = right_min;
    step.is_passed = is_passed;
    step.rounds_left = rounds_max - rounds;
    if (no_work() == NoWork::training_needed) {
      step.next =
          TrainingOffer{rounds + 1, static_cast<std::int32_t>(no), tasks.at(static_cast<std::size_t>(no - 1)).values};
    }
    return Reply{step};
  }
};

// A broker with a heap of tasks of project 17. It answers at once, even where a real one would wait.
class PlayedBroker : public Wire {
 public:
  using AnyReply = Result<Reply, Refusal>;

  std::uint64_t send(const Request& request) override {
    const std::uint64_t id = ++last_id_;
    requests.push_back(request);
    auto reply = instead ? instead(request) : std::nullopt;
    if (!reply) reply = std::visit([&](const auto& message) { return answer(message); }, request);
    if (!cut) replies_.push_back({id, std::move(*reply)});
    return id;
  }
  void forget(std::uint64_t) override {}
  std::optional<Arrived> receive(Duration timeout, std::span<const int> also) override {
    if (!replies_.empty()) {
      Arrived arrived = std::move(replies_.front());
      replies_.pop_front();
      return arrived;
    }
    std::vector<pollfd> fds;
    for (const int fd : also) fds.push_back({fd, POLLIN, 0});
    ::poll(fds.data(), fds.size(), static_cast<int>(timeout.ms));
    return std::nullopt;
  }
  [[nodiscard]] bool is_key_refused() const override { return key_refused; }
  [[nodiscard]] std::string trouble() const override { return cut ? "nobody there" : ""; }

  template <class M>
  [[nodiscard]] std::vector<M> sent() const {
    std::vector<M> found;
    for (const Request& request : requests) {
      if (const auto* message = std::get_if<M>(&request)) found.push_back(*message);
    }
    return found;
  }
  [[nodiscard]] std::vector<AssignmentId> handed_back(HandBackHow how) const {
    std::vector<AssignmentId> found;
    for (const HandBack& message : sent<HandBack>()) {
      if (message.how == how) found.push_back(message.assignment);
    }
    return found;
  }

  std::deque<TaskOffer> tasks;
  NoWork why_none = NoWork::all_tasks_taken;
  ProjectSpec spec = bird_spec();
  Trainer trainer;   // Before anything else, where it has tasks.
  Micros pays;       // For every answer, at once.
  bool cut = false;  // Replies are lost.
  bool key_refused = false;
  std::function<std::optional<AnyReply>(const Request&)> instead;  // What this gives is answered instead.
  std::function<void()> when_empty;                                // A pull found no task.

  StandingPage standing;
  std::vector<Request> requests;
  std::map<AssignmentId, AnswerValues> answers;

 private:
  std::vector<TaskOffer> give(std::int64_t count) {
    std::vector<TaskOffer> given;
    while (std::ssize(given) < count && !tasks.empty()) {
      given.push_back(tasks.front());
      tasks.pop_front();
    }
    return given;
  }
  template <class M>
  AnyReply answer(const M&) {
    return Reply{Acknowledged{}};
  }
  AnyReply answer(const Train& train) { return trainer.answer(train); }
  AnyReply answer(const GetStanding&) { return Reply{standing}; }
  AnyReply answer(const Pull& pull) {
    if (const auto why = trainer.no_work()) return Reply{Tasks{{}, why, {}}};
    Tasks reply{give(pull.count), std::nullopt, {}};
    if (reply.tasks.empty()) {
      reply.no_work = why_none;
      if (when_empty) when_empty();
    }
    return Reply{std::move(reply)};
  }
  AnyReply answer(const Submit& submit) {
    Submitted reply;
    for (const SubmittedAnswer& one : submit.answers) {
      answers[one.assignment] = one.values;
      reply.outcomes.push_back({one.assignment, true, std::nullopt, "", pays});
    }
    reply.tasks = give(submit.next);
    if (submit.next > 0 && reply.tasks.empty()) reply.no_work = why_none;
    return Reply{std::move(reply)};
  }
  AnyReply answer(const TakeBackSkip& back) {
    TaskOffer task = bird_task(back.assignment.no + 100, "again");
    return Reply{Tasks{{task}, std::nullopt, {}}};
  }
  AnyReply answer(const DescribeProject& about) {
    return Reply{ProjectDescription{about.project, ProjectState::open, spec}};
  }
  AnyReply answer(const Earnings&) { return Reply{EarningsPage{}}; }

  std::uint64_t last_id_ = 0;
  std::deque<Arrived> replies_;
};

inline std::int64_t count_of(const std::string& text, const std::string& part) {
  std::int64_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace tally::worker
