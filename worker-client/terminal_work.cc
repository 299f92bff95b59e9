#include "worker-client/terminal_work.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <poll.h>
#include <utility>

#include "common/base/assert.h"
#include "common/cli/program.h"
#include "common/cli/safe_text.h"
#include "schemas/ids.h"
#include "worker-client/show.h"
#include "worker-client/terminal_training.h"

namespace tally::worker {
namespace {

constexpr Duration before_trouble_is_shown{2'000};
constexpr Duration turn{500};
constexpr int unusable_max = 3;

std::string safe(std::string_view text) { return cli::safe_for_terminal(text, false); }

// Text of several lines, which ends in one line end.
std::string safe_lines(std::string_view text) {
  std::string made = cli::safe_for_terminal(text, true);
  if (!made.ends_with('\n')) made += '\n';
  return made;
}

bool has_input(int fd) {
  pollfd one{fd, POLLIN, 0};
  return fd >= 0 && poll(&one, 1, 0) > 0;
}

}  // namespace

TerminalWork::TerminalWork(Wire& wire, const Outbox& outbox, LineSource& lines, Stop& stop, std::ostream& screen,
                           WorkConfig config)
    : wire_(wire),
      outbox_(outbox),
      lines_(lines),
      stop_(stop),
      screen_(screen),
      config_(std::move(config)),
      session_({.at_once = 1, .prefetch = false, .leases_max = config_.leases_max, .count_max = config_.count_max}),
      sender_(wire_, outbox_, config_.answers_per_message_max) {}

int TerminalWork::run() {
  int code = cli::exit_done;
  try {
    deliver_left_over();
    while (!is_asked_to_stop() && !session_.is_complete() && !is_over_) {
      return_unwanted();
      if (const auto task = session_.begin(steady_now(), preferred_)) {
        work_on(*task);
      } else {
        pull();
      }
    }
    session_.stop();
    await_pull();
    return_unwanted();
    ask_for_news();
  } catch (const GaveUp&) {
    code = cli::exit_unreachable;
  } catch (const MustEnd&) {
    code = cli::exit_refused;
  }
  show_earned();
  if (!sender_.is_empty()) {
    screen_ << "Some answers have not been acknowledged. They are kept in " << safe(outbox_.folder().string())
            << " and sent at the next start.\n";
  }
  return code;
}

// ---- Asking ---------------------------------------------------------------------------------------------------------

bool TerminalWork::is_asked_to_stop() {
  if (stop_.requests() > 0) session_.stop();
  return session_.is_stopping();
}

void TerminalWork::show_trouble() {
  if (wire_.is_key_refused()) {
    screen_ << "The broker does not know your key: it was replaced, or is of another broker. Ask an admin for an "
               "invitation.\n";
    throw MustEnd{};
  }
  const std::string trouble = wire_.trouble();
  if (trouble == trouble_shown_) return;
  trouble_shown_ = trouble;
  screen_ << (trouble.empty() ? "Connected again.\n" : "No connection: " + safe(trouble) + "; trying again...\n")
          << std::flush;
}

// One turn of waiting. The first request to stop lets what is under way come to its end, for a while; the second does
// not.
void TerminalWork::listen(Time since, bool at_keyboard) {
  const std::array<int, 2> also{stop_.fd(), lines_.fd()};
  const bool both = at_keyboard && lines_.fd() >= 0 && !is_asked_to_stop();
  if (auto arrived = wire_.receive(turn, std::span(also).first(both ? 2 : 1))) {
    replies_.insert_or_assign(arrived->request_id, std::move(arrived->reply));
  }
  if (is_asked_to_stop()) {
    if (!stopped_at_) stopped_at_ = steady_now();
    if (stop_.requests() > 1 || steady_now() > *stopped_at_ + config_.patience) throw GaveUp{};
  }
  if (steady_now() > since + before_trouble_is_shown) show_trouble();
}

std::optional<TerminalWork::AnyReply> TerminalWork::take_reply(std::uint64_t request) {
  const auto found = replies_.find(request);
  if (found == replies_.end()) return std::nullopt;
  AnyReply reply = std::move(found->second);
  replies_.erase(found);
  return reply;
}

TerminalWork::AnyReply TerminalWork::wait_for(std::uint64_t request) {
  const Time since = steady_now();
  while (true) {
    if (auto reply = take_reply(request)) return std::move(*reply);
    listen(since, false);
  }
}

void TerminalWork::show_refusal(const std::string& about, const Refusal& refusal) {
  screen_ << about << ": " << safe(refusal.detail.empty() ? name_of(refusal.code) : refusal.detail) << ".\n";
  if (ends_work(refusal.code)) throw MustEnd{};
}

// ---- Answers --------------------------------------------------------------------------------------------------------

void TerminalWork::deliver_left_over() {
  Outbox::LeftOver left = outbox_.load();
  for (const std::string& complaint : left.complaints) screen_ << "Warning: " << safe(complaint) << ".\n";
  if (left.answers.empty()) return;
  screen_ << "Sending what was kept from before: " << left.answers.size() << " answers\n";
  for (SubmittedAnswer& answer : left.answers) sender_.queue(std::move(answer));
  while (sender_.queued() > 0) {
    const std::size_t before = sender_.queued();
    deliver(0);
    if (sender_.queued() >= before) return;  // They wait for better times, and go with the next answer.
  }
}

// One message with what is queued. The next task comes with the reply.
void TerminalWork::deliver(std::int64_t next) {
  const auto request = sender_.send(next, config_.project, steady_now());
  if (!request) return;
  session_.asked(next);
  const auto report = sender_.arrived({*request, wait_for(*request)}, steady_now());
  TALLY_ASSERT(report.has_value());
  session_.given(report->asked, report->tasks, steady_now());
  if (report->no_work) session_.nothing(*report->no_work, steady_now());
  for (const SubmitOutcome& outcome : report->outcomes) show_outcome(outcome);
  if (report->refusal) show_refusal("The broker did not take the answers, which are kept", *report->refusal);
}

void TerminalWork::show_outcome(const SubmitOutcome& outcome) {
  const auto reward = rewards_.find(outcome.assignment);
  earned_.outcome(outcome, reward == rewards_.end() ? Micros{} : reward->second);
  if (reward != rewards_.end()) rewards_.erase(reward);
  screen_ << "Answer " << to_text(outcome.assignment) << ": ";
  if (!outcome.accepted) {
    screen_ << "refused: " << safe(outcome.detail) << "\n";
  } else if (outcome.paid > Micros{0}) {
    screen_ << "accepted, " << money(outcome.paid, safe(config_.currency)) << " paid\n";
  } else {
    screen_ << "accepted\n";
  }
}

// What has become of the answers of this session since they were accepted. Without it the last we heard is shown.
void TerminalWork::ask_for_news() {
  const std::int64_t answers = earned_.sums().waiting_answers == 0 ? 0 : earned_.sums().answers;
  if (answers == 0) return;
  const auto reply = ask(Earnings{.unpaid_only = false, .after = {}, .limit = std::min<std::int64_t>(answers, 100)});
  if (!reply) return;
  if (const auto* page = std::get_if<EarningsPage>(&*reply)) earned_.news(page->rows);
}

void TerminalWork::show_earned() {
  const Earned::Sums sums = earned_.sums();
  if (sums.answers + sums.refused == 0) return;
  const std::string text = to_text(sums, safe(config_.currency));
  if (text == earned_shown_) return;
  earned_shown_ = text;
  screen_ << "This session: " << text << "\n";
}

// ---- Leases ---------------------------------------------------------------------------------------------------------

void TerminalWork::return_unwanted() {
  for (const OpenTask& task : session_.take_unwanted(steady_now())) {
    if (!session_.is_stopping()) screen_ << "Task " << name_of(task.offer) << " ran out of time.\n";
    give_back(task.offer.assignment, HandBackHow::returned);
  }
}

void TerminalWork::give_back(AssignmentId assignment, HandBackHow how) {
  session_.handed_back(assignment);
  const auto reply = ask(HandBack{assignment, how});
  if (!reply) return show_refusal("The task could not be handed back", reply.error());
  handed_back_.push_back(assignment);
}

void TerminalWork::take_back_skip() {
  if (handed_back_.empty()) {
    screen_ << "There is no task that you skipped.\n";
    return;
  }
  const AssignmentId last = handed_back_.back();
  handed_back_.pop_back();
  const auto reply = ask(TakeBackSkip{last});
  if (!reply) return show_refusal("That task cannot be taken back", reply.error());
  const auto* tasks = std::get_if<Tasks>(&*reply);
  if (tasks == nullptr || tasks->tasks.empty()) return;
  session_.asked(std::ssize(tasks->tasks));
  session_.given(std::ssize(tasks->tasks), tasks->tasks, steady_now());
  preferred_ = tasks->tasks.front().assignment;
}

// While we wait for work.
void TerminalWork::look_at_keyboard() {
  const Entry entry = lines_.read("", "");
  if (entry.kind != Entry::Kind::line || entry.text == ":stop") return session_.stop();
  if (entry.text == ":unskip") return take_back_skip();
  screen_ << "Waiting for a task. :stop ends, :unskip goes back to a task that you skipped.\n";
}

// Waits for work, until there is some or something else is to be done.
void TerminalWork::pull() {
  const Time since = steady_now();
  if (!pull_ && session_.wanted(since) > 0) {
    pull_ = Pulling{0, session_.wanted(since)};
    session_.asked(pull_->count);
    // The first pull does not wait, so that a person is told at once why there is nothing.
    const Duration poll = no_work_shown_ ? config_.poll : Duration{0};
    const Duration wait = config_.stop_when_idle ? config_.idle_wait : poll;
    pull_->request = wire_.send(Pull{config_.project, pull_->count, {}, wait.ms});
  }
  while (session_.waiting().empty() && !is_asked_to_stop()) {
    if (!pull_ && session_.wanted(steady_now()) > 0) return;
    listen(since, true);
    if (pull_) {
      if (const auto reply = take_reply(pull_->request)) return pulled(*reply);
    }
    if (has_input(lines_.fd())) look_at_keyboard();
  }
}

// What a pull that is under way still brings goes back at once: a lease that only ran out would keep the task from
// everybody for its whole time, and from this worker for good.
void TerminalWork::await_pull() {
  if (!pull_) return;
  screen_ << "Stopping: our question for work is still under way. Ctrl-C once more ends at once.\n" << std::flush;
  pulled(wait_for(pull_->request));
}

void TerminalWork::pulled(const AnyReply& reply) {
  const std::int64_t count = std::exchange(pull_, std::nullopt)->count;
  const auto* tasks = reply ? std::get_if<Tasks>(&*reply) : nullptr;
  session_.given(count, tasks == nullptr ? std::span<const TaskOffer>() : tasks->tasks, steady_now());
  if (tasks == nullptr) {
    const Refusal why =
        reply ? Refusal{RefusalCode::internal_error, "its reply was of another kind", 0} : reply.error();
    show_refusal("The broker gives no work", why);
    if (why.code != RefusalCode::internal_error) throw MustEnd{};
    return session_.nothing(NoWork::too_many_leases, steady_now());
  }
  if (tasks->tasks.empty()) {
    no_work(tasks->no_work.value_or(NoWork::all_tasks_taken));
  } else {
    no_work_shown_.reset();
  }
}

void TerminalWork::no_work(NoWork why) {
  session_.nothing(why, steady_now());
  if (why == NoWork::tasks_loading || session_.is_stopping()) return;
  if (config_.project && why == NoWork::training_needed) return train(*config_.project);
  if (config_.project && is_shut_out(why)) end_shut_out(*config_.project, why);
  const bool for_good = config_.project && (why == NoWork::project_ended || why == NoWork::tasks_per_worker_reached);
  is_over_ = config_.stop_when_idle || for_good;
  if (no_work_shown_ == why && !is_over_) return;
  no_work_shown_ = why;
  screen_ << "No task for you just now: " << (config_.project ? to_text(why) : to_text_of_any(why)) << "."
          << (is_over_ ? "\n" : " Waiting; :stop and Enter, or Ctrl-C, ends.\n") << std::flush;
}

// Only where the project was named: nobody is to find themselves in unpaid work.
void TerminalWork::train(ProjectId project) {
  const ProjectSpec* spec = described(project);
  if (spec == nullptr) throw MustEnd{};
  no_work_shown_.reset();
  introduced_.insert(project);
  const auto ended =
      TerminalTraining([this](const Request& request) { return ask(request); }, lines_, screen_).run(project, *spec);
  if (!ended) {
    show_refusal("The training cannot go on", ended.error());
    throw MustEnd{};
  }
  if (*ended == TerminalTraining::Ended::stopped) session_.stop();
}

void TerminalWork::end_shut_out(ProjectId project, NoWork why) {
  const auto reply = ask(GetStanding{std::nullopt, project});
  screen_ << missing_text(project, why, reply ? std::get_if<StandingPage>(&*reply) : nullptr) << ".\n";
  throw MustEnd{};
}

// ---- One task -------------------------------------------------------------------------------------------------------

const ProjectSpec* TerminalWork::described(ProjectId project) {
  if (projects_.find(project) == nullptr) {
    const auto reply = ask(DescribeProject{project});
    const auto* description = reply ? std::get_if<ProjectDescription>(&*reply) : nullptr;
    if (!reply) show_refusal("The broker does not describe the project", reply.error());
    if (description == nullptr) return nullptr;
    projects_.add(*description);
  }
  return projects_.find(project);
}

const ProjectSpec* TerminalWork::spec_of(const OpenTask& task) {
  const ProjectId project = task.offer.project;
  const ProjectSpec* spec = described(project);
  if (spec == nullptr) return nullptr;
  if (const auto fine = usable(*spec, task.offer.values); !fine) {
    screen_ << "This program cannot show a task of project " << project.value << ": " << safe(fine.error()) << ".\n";
    return nullptr;
  }
  return spec;
}

void TerminalWork::show_task(const OpenTask& task, const ProjectSpec& spec) {
  screen_ << "\nTask " << name_of(task.offer) << " of project " << task.offer.project.value << ", " << safe(spec.title)
          << ": " << money(task.offer.reward, safe(config_.currency)) << ", "
          << time_left_text(task.deadline - steady_now()) << " left\n";
  if (introduced_.insert(task.offer.project).second) {
    if (!spec.instructions.empty()) screen_ << "\n" << safe_lines(spec.instructions);
    screen_ << "\n(:help shows what you can do besides answering.)\n";
  }
  screen_ << item_text(spec, task.offer.values);
}

void TerminalWork::work_on(const OpenTask& task) {
  preferred_.reset();
  const ProjectSpec* spec = spec_of(task);
  if (spec == nullptr) {
    give_back(task.offer.assignment, HandBackHow::returned);
    // Each try costs a task that this worker does not get again.
    if (++unusable_ >= unusable_max) throw MustEnd{};
    return;
  }
  unusable_ = 0;
  show_task(task, *spec);
  AnswerValues draft = std::exchange(drafts_[task.offer.assignment], {});
  drafts_.erase(task.offer.assignment);
  FormReader reader(lines_, screen_, spec->form,
                    {.time_left = [&] { return time_left_text(task.deadline - steady_now()); },
                     .show_item = [&] { screen_ << item_text(*spec, task.offer.values); }});
  while (!carry_out(reader.read(draft), task, draft)) {
  }
}

// Whether this task is out of our hands, for now at least.
bool TerminalWork::carry_out(Choice choice, const OpenTask& task, const AnswerValues& draft) {
  const AssignmentId assignment = task.offer.assignment;
  switch (choice) {
    case Choice::answer:
      return hand_in(task, draft);
    case Choice::skip:
      give_back(assignment, HandBackHow::skipped);
      return true;
    case Choice::give_back:
      give_back(assignment, HandBackHow::returned);
      return true;
    case Choice::unskip:
      if (handed_back_.empty()) {
        screen_ << "There is no task that you skipped.\n";
        return false;
      }
      drafts_[assignment] = draft;
      session_.put_back(task);
      take_back_skip();
      return true;
    case Choice::stop:
      session_.stop();
      give_back(assignment, HandBackHow::returned);
      return true;
  }
  return true;
}

bool TerminalWork::hand_in(const OpenTask& task, const AnswerValues& draft) {
  SubmittedAnswer answer{task.offer.assignment, draft};
  std::erase_if(answer.values, [](const auto& field) { return field.second.empty(); });
  try {
    sender_.keep(std::move(answer));
  } catch (const OutboxError& error) {
    screen_ << safe(error.what()) << ".\nNothing was sent. When there is room again, send it with y.\n";
    return false;
  }
  rewards_[task.offer.assignment] = task.offer.reward;
  session_.answered(task.offer.assignment, steady_now());
  deliver(session_.wanted(steady_now()));
  ask_for_news();
  show_earned();
  return true;
}

}  // namespace tally::worker
