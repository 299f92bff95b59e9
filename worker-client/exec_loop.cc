#include "worker-client/exec_loop.h"

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "common/base/assert.h"
#include "common/cli/program.h"
#include "common/cli/safe_text.h"
#include "schemas/ids.h"
#include "worker-client/exec_line.h"
#include "worker-client/show.h"

namespace tally::worker {
namespace {

constexpr Duration turn_max{500};
constexpr Duration when_a_pipe_is_full{5};
constexpr Duration settling_max{500};
constexpr Duration progress_every{10'000};
constexpr Duration before_trouble_is_shown{2'000};

std::string safe(std::string_view text) { return cli::safe_for_terminal(text, false); }
std::string text_of(const Refusal& refusal) {
  return safe(refusal.detail.empty() ? name_of(refusal.code) : refusal.detail);
}

Duration growing(Duration first, Duration max, int failures) {
  Duration delay = first;
  for (int i = 1; i < failures && delay < max; ++i) delay.ms *= 2;
  return std::min(delay, max);
}

}  // namespace

ExecLoop::ExecLoop(Wire& wire, const Outbox& outbox, Stop& stop, std::ostream& log, ExecConfig config)
    : wire_(wire),
      outbox_(outbox),
      stop_(stop),
      log_(log),
      config_(std::move(config)),
      session_({.at_once = config_.parallel,
                .prefetch = true,
                .leases_max = config_.work.leases_max,
                .count_max = config_.work.count_max}),
      sender_(wire_, outbox_, config_.work.answers_per_message_max),
      training_(wire_),
      slots_(static_cast<std::size_t>(config_.parallel)) {}

ExecLoop::~ExecLoop() = default;

int ExecLoop::run() {
  Outbox::LeftOver left = outbox_.load();
  for (const std::string& complaint : left.complaints) say("warning: " + complaint);
  if (!left.answers.empty())
    say("sending what was kept from before: " + std::to_string(left.answers.size()) + " answers");
  for (SubmittedAnswer& answer : left.answers) sender_.queue(std::move(answer));
  progress_at_ = steady_now() + progress_every;

  while (!is_done()) {
    look_at_stop();
    for (Slot& slot : slots_) tend(slot);
    return_unwanted();
    describe();
    assign_training();
    assign();
    ask();
    listen();
    show_progress();
  }

  std::vector<ExecProgram*> programs;
  for (const Slot& slot : slots_) {
    if (slot.program) programs.push_back(slot.program.get());
  }
  ExecProgram::end(programs, config_.end_patience_ms);
  say("this session: " + to_text(earned_.sums(), safe(config_.work.currency)) + ", " + std::to_string(returned_) +
      " tasks handed back");
  if (sender_.is_empty()) return code_;
  say("some answers have not been acknowledged; they are kept in " + outbox_.folder().string() +
      " and sent at the next start");
  return code_ == cli::exit_done ? cli::exit_unreachable : code_;
}

void ExecLoop::say(const std::string& text) { log_ << "tally-worker: " << safe(text) << "\n" << std::flush; }

// ---- Ending ---------------------------------------------------------------------------------------------------------

// The first request lets programs finish what they have begun, the second does not, the third waits for nothing.
void ExecLoop::look_at_stop() {
  const int requests = stop_.requests();
  if (requests > 0 && !stopped_at_) {
    stopped_at_ = steady_now();
    session_.stop();
    if (is_at_work()) say("ending when the programs have finished what they have begun; once more ends at once");
  }
  const bool at_once = requests > 1 || (stopped_at_ && steady_now() > *stopped_at_ + config_.grace);
  if (!at_once && code_ == cli::exit_done) return;
  for (Slot& slot : slots_) {
    give_up_work(slot);
    slot.program.reset();
  }
}

// Something is wrong that working on cannot mend.
void ExecLoop::end_work(int code, const std::string& why) {
  say(why);
  code_ = code;
  session_.stop();
}

bool ExecLoop::is_at_work() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.is_at_work(); });
}

bool ExecLoop::is_done() {
  const bool nothing_open = !is_at_work() && session_.waiting().empty();
  if (session_.is_complete() && !session_.is_stopping() && nothing_open) session_.stop();
  if (no_work_ && config_.work.stop_when_idle && nothing_open && sender_.is_empty()) session_.stop();
  if (!session_.is_stopping() || !nothing_open) return false;
  if (!closing_since_) closing_since_ = steady_now();
  // A pull that waits at the broker may still bring a lease, which must be handed back.
  if (sender_.is_empty() && hand_backs_.empty() && !pull_) return true;
  return stop_.requests() > 2 || steady_now() > *closing_since_ + config_.work.patience;
}

// ---- Programs -------------------------------------------------------------------------------------------------------

void ExecLoop::start(Slot& slot) {
  try {
    slot.program = std::make_unique<ExecProgram>(config_.command, exec_line_bytes_max);
    const Duration settling = slot.failures > 0 ? std::min(settling_max, config_.restart_after) : Duration{0};
    slot.ready_at = steady_now() + settling;
  } catch (const std::runtime_error& error) {
    failed(slot, error.what(), false);
  }
}

void ExecLoop::tend(Slot& slot) {
  using Kind = ExecProgram::Heard::Kind;
  if (!slot.program && !session_.is_stopping() && steady_now() >= slot.start_at) start(slot);
  if (slot.program) slot.program->pump();
  while (slot.program) {
    const ExecProgram::Heard heard = slot.program->hear();
    switch (heard.kind) {
      case Kind::nothing:
        if (slot.is_at_work() && steady_now() >= slot.work_until) {
          failed(slot, "it did not answer in time", false);
        }
        return;
      case Kind::line:
        heard_line(slot, heard.text);
        break;
      case Kind::too_long:
        failed(slot,
               "it wrote a line of more than " + std::to_string(exec_line_bytes_max) + " bytes: " + excerpt(heard.text),
               false);
        break;
      case Kind::ended: {
        const std::string rest = heard.text.empty() ? "" : "; it said, without a line end: " + excerpt(heard.text);
        failed(slot, slot.program->ending() + rest, false);
        break;
      }
    }
  }
}

void ExecLoop::heard_line(Slot& slot, const std::string& line) {
  if (slot.training) return heard_training_answer(slot, line);
  if (!slot.task)
    return failed(slot, "it wrote a line when it had no task: " + excerpt(line) + " (messages belong on stderr)",
                  false);
  const TaskOffer& offer = slot.task->offer;
  auto answer = answer_from(line, to_text(offer.assignment), projects_.find(offer.project)->form);
  if (!answer) return failed(slot, answer.error().what, answer.error().in_step);
  slot.failures = 0;
  if (answer->skip) return give_up_task(slot, HandBackHow::skipped);
  try {
    sender_.keep({offer.assignment, std::move(answer->values)});
  } catch (const OutboxError& error) {
    end_work(cli::exit_refused, error.what());
    return give_up_task(slot, HandBackHow::returned);
  }
  rewards_[offer.assignment] = offer.reward;
  session_.answered(offer.assignment, steady_now());
  slot.task.reset();
}

void ExecLoop::heard_training_answer(Slot& slot, const std::string& line) {
  const ProjectSpec* spec = training_.project() ? projects_.find(*training_.project()) : nullptr;
  TALLY_ASSERT(spec != nullptr);  // It was needed to give the task.
  auto answer = answer_from(line, training_name(*slot.training), spec->form);
  if (!answer) return failed(slot, answer.error().what, answer.error().in_step);
  if (answer->skip) return failed(slot, "it skipped a training task, which cannot be skipped", true);
  slot.failures = 0;
  slot.training.reset();
  trainee_ = static_cast<std::size_t>(&slot - slots_.data());
  training_.answered(std::move(answer->values));
}

void ExecLoop::failed(Slot& slot, const std::string& what, bool keep_program) {
  ++slot.failures;
  std::string text = "the program failed: " + what;
  if (slot.task) {
    text += "; its task " + name_of(slot.task->offer) + " is returned";
  } else if (slot.training) {
    text += "; its training task is given again";
  }
  give_up_work(slot);
  say(text);
  if (!keep_program) {
    slot.program.reset();
    slot.start_at = steady_now() + growing(config_.restart_after, config_.restart_after_max, slot.failures);
  }
  if (slot.failures < config_.failures_max || session_.is_stopping()) return;
  end_work(cli::exit_refused, "giving up: the program failed " + std::to_string(slot.failures) + " times in a row");
}

void ExecLoop::give_up_task(Slot& slot, HandBackHow how) {
  hand_back(slot.task->offer.assignment, how);
  slot.task.reset();
}

void ExecLoop::give_up_work(Slot& slot) {
  if (slot.task) give_up_task(slot, HandBackHow::returned);
  if (slot.training) training_.put_back();
  slot.training.reset();
}

// ---- Tasks ----------------------------------------------------------------------------------------------------------

void ExecLoop::hand_back(AssignmentId assignment, HandBackHow how) {
  ++returned_;
  session_.handed_back(assignment);
  hand_backs_.insert(wire_.send(HandBack{assignment, how}));
}

void ExecLoop::return_unwanted() {
  for (const OpenTask& task : session_.take_unwanted(steady_now())) {
    if (!session_.is_stopping()) say("task " + name_of(task.offer) + " ran out of time before its turn came");
    hand_back(task.offer.assignment, HandBackHow::returned);
  }
}

void ExecLoop::describe() {
  for (const OpenTask& task : session_.waiting()) describe(task.offer.project);
  if (training_.project()) describe(*training_.project());
}

void ExecLoop::describe(ProjectId project) {
  const auto is_it = [&](const auto& asked) { return asked.second == project; };
  if (projects_.find(project) != nullptr || std::any_of(describing_.begin(), describing_.end(), is_it)) return;
  describing_.emplace(wire_.send(DescribeProject{project}), project);
}

// One program does the training; what it learns is its own.
void ExecLoop::assign_training() {
  if (!training_.has_offer() || session_.is_stopping()) return;
  const Time now = steady_now();
  const auto is_free = [&](const Slot& slot) { return slot.program && !slot.is_at_work() && now >= slot.ready_at; };
  const auto slot = std::find_if(slots_.begin(), slots_.end(), is_free);
  const ProjectId project = *training_.project();
  const ProjectSpec* spec = projects_.find(project);
  if (slot == slots_.end() || spec == nullptr) return;
  TrainingOffer offer = *training_.take_offer();
  if (const auto fine = usable(*spec, offer.values); !fine) {
    return end_work(cli::exit_refused, "this program cannot read the training of project " +
                                           std::to_string(project.value) + ": " + fine.error());
  }
  // A training task is not leased: it has the time that a paid one would have.
  const Duration time = config_.task_time_max ? std::min(*config_.task_time_max, spec->lease) : spec->lease;
  slot->work_until = now + time;
  slot->program->give(training_line(offer, project, *spec, time, std::exchange(slot->feedback, std::nullopt)));
  slot->training = std::move(offer);
}

void ExecLoop::assign() {
  for (Slot& slot : slots_) {
    if (!slot.program || slot.is_at_work() || steady_now() < slot.ready_at || session_.is_stopping()) continue;
    const auto is_known = [&](const OpenTask& task) { return projects_.find(task.offer.project) != nullptr; };
    const auto& waiting = session_.waiting();
    const auto known = std::find_if(waiting.begin(), waiting.end(), is_known);
    if (known == waiting.end()) return;
    const Time now = steady_now();
    OpenTask task = *session_.begin(now, known->offer.assignment);
    const ProjectSpec& spec = *projects_.find(task.offer.project);
    if (const auto fine = usable(spec, task.offer.values); !fine) {
      hand_back(task.offer.assignment, HandBackHow::returned);
      return end_work(cli::exit_refused, "this program cannot read the tasks of project " +
                                             std::to_string(task.offer.project.value) + ": " + fine.error());
    }
    slot.work_until = work_deadline(task);
    if (config_.task_time_max) slot.work_until = std::min(slot.work_until, now + *config_.task_time_max);
    slot.program->give(task_line(task.offer, spec, task.deadline - now, std::exchange(slot.feedback, std::nullopt)));
    slot.task = std::move(task);
  }
}

// ---- The broker -----------------------------------------------------------------------------------------------------

void ExecLoop::ask() {
  const Time now = steady_now();
  if (const std::int64_t next = session_.wanted(now); sender_.send(next, config_.work.project, now)) {
    session_.asked(next);
  }
  if (training_.project() || standing_) return;  // There is nothing else for us meanwhile.
  pull_count_ = pull_ ? pull_count_ : session_.wanted(now);
  if (pull_ || pull_count_ == 0) return;
  session_.asked(pull_count_);
  const Duration poll = no_work_shown_ ? config_.work.poll : Duration{0};  // Why there is nothing is told at once.
  const Duration wait = config_.work.stop_when_idle ? config_.work.idle_wait : poll;
  pull_ = wire_.send(Pull{config_.work.project, pull_count_, {}, wait.ms});
}

Duration ExecLoop::time_to_wait() const {
  const Time now = steady_now();
  Time next = now + turn_max;
  for (const Slot& slot : slots_) {
    if (!slot.program && !session_.is_stopping()) next = std::min(next, slot.start_at);
    if (slot.program && !slot.is_at_work() && slot.ready_at > now) next = std::min(next, slot.ready_at);
    if (slot.is_at_work()) next = std::min(next, slot.work_until);
    if (slot.program && slot.program->has_more_to_give()) next = std::min(next, now + when_a_pipe_is_full);
  }
  if (session_.ask_again_at() > now) next = std::min(next, session_.ask_again_at());
  return std::max(next - now, Duration{0});
}

void ExecLoop::listen() {
  std::vector<int> also{stop_.fd()};
  for (const Slot& slot : slots_) {
    if (slot.program && slot.program->out_fd() >= 0) also.push_back(slot.program->out_fd());
  }
  Duration wait = time_to_wait();
  // All that is there is taken, so that one message carries the answers to it.
  while (auto reply = wire_.receive(wait, also)) {
    arrived(*reply);
    wait = Duration{0};
  }
  show_trouble();
}

void ExecLoop::arrived(const Wire::Arrived& arrived) {
  if (const auto report = sender_.arrived(arrived, steady_now())) return delivered(*report);
  if (const auto report = training_.arrived(arrived)) return trained(*report);
  if (pull_ == arrived.request_id) return pulled(arrived);
  if (standing_ == arrived.request_id) return shut_out(arrived);
  if (const auto found = describing_.find(arrived.request_id); found != describing_.end()) {
    const ProjectId project = found->second;
    describing_.erase(found);
    return described(project, arrived);
  }
  if (hand_backs_.erase(arrived.request_id) > 0 && !arrived.reply) {
    refused("a task could not be handed back", arrived.reply.error());
  }
}

void ExecLoop::delivered(const Sender::Report& report) {
  session_.given(report.asked, report.tasks, steady_now());
  if (report.no_work) session_.nothing(*report.no_work, steady_now());
  for (const SubmitOutcome& outcome : report.outcomes) {
    const auto reward = rewards_.find(outcome.assignment);
    earned_.outcome(outcome, reward == rewards_.end() ? Micros{} : reward->second);
    if (reward != rewards_.end()) rewards_.erase(reward);
    if (!outcome.accepted) say("answer " + to_text(outcome.assignment) + " was refused: " + outcome.detail);
  }
  if (report.refusal) refused("the broker did not take the answers, which are kept", *report.refusal);
}

void ExecLoop::pulled(const Wire::Arrived& arrived) {
  pull_.reset();
  const auto* tasks = arrived.reply ? std::get_if<Tasks>(&*arrived.reply) : nullptr;
  session_.given(pull_count_, tasks == nullptr ? std::span<const TaskOffer>() : tasks->tasks, steady_now());
  if (tasks != nullptr) {
    no_work_ = false;
    if (tasks->tasks.empty()) no_work(tasks->no_work.value_or(NoWork::all_tasks_taken));
    return;
  }
  session_.nothing(NoWork::too_many_leases, steady_now());
  if (arrived.reply || arrived.reply.error().code == RefusalCode::internal_error) {
    return say("the broker's reply to a pull was an error of its own; asking again");
  }
  end_work(cli::exit_refused, "the broker gives no work: " + text_of(arrived.reply.error()));
}

void ExecLoop::described(ProjectId project, const Wire::Arrived& arrived) {
  const auto* description = arrived.reply ? std::get_if<ProjectDescription>(&*arrived.reply) : nullptr;
  if (description != nullptr && description->project == project) return projects_.add(*description);
  const std::string why = arrived.reply ? "its reply was of another kind" : text_of(arrived.reply.error());
  end_work(cli::exit_refused, "the broker does not describe project " + std::to_string(project.value) + ": " + why);
}

void ExecLoop::no_work(NoWork why) {
  session_.nothing(why, steady_now());
  if (why == NoWork::tasks_loading) return;
  if (config_.work.project && why == NoWork::training_needed) {
    no_work_ = false;
    no_work_shown_.reset();
    return training_.begin(*config_.work.project);
  }
  if (config_.work.project && is_shut_out(why)) {
    no_work_ = false;
    shut_out_why_ = why;
    standing_ = wire_.send(GetStanding{std::nullopt, *config_.work.project});
    return;
  }
  no_work_ = true;
  const bool for_good =
      config_.work.project && (why == NoWork::project_ended || why == NoWork::tasks_per_worker_reached);
  if (for_good) session_.stop();
  if (no_work_shown_ == why && !for_good) return;
  no_work_shown_ = why;
  say("no task just now: " + (config_.work.project ? to_text(why) : to_text_of_any(why)));
}

void ExecLoop::trained(const ExecTraining::Report& report) {
  for (const std::string& line : report.lines) say(line);
  if (report.feedback && trainee_ < slots_.size()) slots_[trainee_].feedback = report.feedback;
  if (report.refusal) end_work(cli::exit_refused, "the training cannot go on: " + text_of(*report.refusal));
}

void ExecLoop::shut_out(const Wire::Arrived& arrived) {
  standing_.reset();
  const auto* standing = arrived.reply ? std::get_if<StandingPage>(&*arrived.reply) : nullptr;
  end_work(cli::exit_refused, missing_text(*config_.work.project, shut_out_why_, standing));
}

void ExecLoop::refused(const std::string& about, const Refusal& refusal) {
  const std::string text = about + ": " + text_of(refusal);
  if (ends_work(refusal.code)) return end_work(cli::exit_refused, text);
  say(text);
}

void ExecLoop::show_trouble() {
  if (wire_.is_key_refused() && !session_.is_stopping()) {
    return end_work(cli::exit_refused,
                    "the broker does not know this key: it was replaced, or is of another broker; ask an admin for an "
                    "invitation");
  }
  const std::string trouble = wire_.trouble();
  if (trouble.empty()) {
    unconnected_since_.reset();
    if (!trouble_shown_.empty()) say("connected again");
    trouble_shown_.clear();
    return;
  }
  if (!unconnected_since_) unconnected_since_ = steady_now();
  if (trouble == trouble_shown_ || steady_now() < *unconnected_since_ + before_trouble_is_shown) return;
  trouble_shown_ = trouble;
  say("no connection: " + trouble + "; trying again");
}

void ExecLoop::show_progress() {
  if (steady_now() < progress_at_) return;
  progress_at_ = steady_now() + progress_every;
  if (answers_shown_ == earned_.sums().answers) return;
  answers_shown_ = earned_.sums().answers;
  say(to_text(earned_.sums(), config_.work.currency));
}

}  // namespace tally::worker
