#include "requester/review.h"

#include <iostream>
#include <map>

#include "common/cli/safe_text.h"
#include "requester/ask.h"
#include "requester/figures.h"
#include "requester/replies.h"
#include "requester/results.h"

namespace tally::requester {
namespace {

constexpr std::size_t reviews_max = 32;  // On their way at a time.

GetResults waiting_of(ProjectId project) {
  GetResults ask;
  ask.project = project;
  ask.answers = true;
  ask.under_review_only = true;
  return ask;
}

std::vector<AssignmentId> assignments_from(const std::vector<std::string>& texts) {
  std::vector<AssignmentId> ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) ids.push_back(assignment_from(text));
  return ids;
}

// Thrown through each_result() when the user has had enough.
struct Stop {};

}  // namespace

ReviewCommand::ReviewCommand(cli::Program& program) : program_(program) {
  CLI::App* review =
      program.app().add_subcommand("review", "Approves or rejects answers of a project that pays by review");
  review->add_option("PROJECT", project_, "Shows its waiting answers one by one, and asks");
  review->add_option("--approve", approve_, "Answers to approve, such as a17.1.9")->type_name("ANSWER");
  review->add_option("--reject", reject_, "Answers to reject; needs --reason")->type_name("ANSWER");
  review->add_option("--reason", reason_, "Of a rejection; the worker reads it");
  review->add_option("--approve-all", approve_all_, "Approves every answer of this project that waits")
      ->type_name("PROJECT");
  review->callback([this] { run(); });
}

void ReviewCommand::run() {
  const int ways =
      (project_.empty() ? 0 : 1) + (approve_.empty() && reject_.empty() ? 0 : 1) + (approve_all_.empty() ? 0 : 1);
  if (ways != 1)
    cli::fail_usage("name a PROJECT to review, or --approve and --reject with answers, or --approve-all PROJECT");
  if (!reject_.empty() && reason_.empty()) cli::fail_usage("--reject needs --reason: the worker reads it");
  if (!project_.empty()) return one_by_one(project_from(project_));
  if (!approve_all_.empty()) return approve_all(project_from(approve_all_));
  // Both are read before anything is sent: a mistake in the last leaves nothing half done.
  const auto approve = assignments_from(approve_);
  const auto reject = assignments_from(reject_);
  const Tally approved = judge_all(approve, true);
  const Tally rejected = judge_all(reject, false);
  if (!approve.empty()) say("Approved " + grouped(approved.judged) + ".\n");
  if (!reject.empty()) say("Rejected " + grouped(rejected.judged) + ".\n");
  if (approved.refused + rejected.refused > 0) {
    throw cli::Failure{cli::exit_refused, grouped(approved.refused + rejected.refused) + " could not be judged."};
  }
}

void ReviewCommand::one_by_one(ProjectId project) {
  if (!is_interactive()) {
    cli::fail_usage("nobody is here to be asked: use --approve, --reject or --approve-all");
  }
  const ProjectSpec spec = program_.ask(DescribeProject{project}).spec;
  std::int64_t shown = 0;
  try {
    each_result(program_, waiting_of(project), [&](const ResultRow& task) {
      const std::string objection = objection_to(spec, task);
      if (!objection.empty()) throw cli::Failure{cli::exit_refused, objection};
      for (const AnswerRow& answer : under_review(task)) {
        ++shown;
        if (!judge(spec, task, answer)) throw Stop{};
      }
    });
  } catch (const Stop&) {
    return;
  }
  say(shown > 0 ? "That was the last one.\n" : "No answer of this project waits for you.\n");
}

bool ReviewCommand::judge(const ProjectSpec& spec, const ResultRow& task, const AnswerRow& answer) {
  say("\n" + review_text(spec, task, answer));
  while (true) {
    const auto line = ask_user("[a]pprove, [r]eject, [s]kip, [q]uit: ");
    if (!line) return false;
    const auto judgement = judgement_from(*line);
    if (!judgement) continue;
    if (*judgement == Judgement::stop) return false;
    if (*judgement == Judgement::skip) return true;
    Review review{answer.assignment, *judgement == Judgement::approve, {}};
    if (!review.approve) {
      const auto reason = ask_user("Why, for the worker to read (empty: back): ");
      if (!reason) return false;
      if (reason->find_first_not_of(" \t") == std::string::npos) continue;
      review.reason = *reason;
    }
    const auto done = program_.client().ask(review);
    if (done) return true;
    // It may have been approved by itself meanwhile; the others still wait.
    say(cli::safe_for_terminal(done.error().detail, false) + "\n");
    if (done.error().code == RefusalCode::not_under_review) return true;
  }
}

void ReviewCommand::approve_all(ProjectId project) {
  GetResults ask = waiting_of(project);
  Tally tally;
  // Page by page, so that only one is in memory.
  while (true) {
    const ResultsPage page = program_.ask(ask);
    std::vector<AssignmentId> waiting;
    for (const ResultRow& task : page.rows) {
      for (const AnswerRow& answer : under_review(task)) waiting.push_back(answer.assignment);
    }
    const Tally judged = judge_all(waiting, true);
    tally.judged += judged.judged;
    tally.refused += judged.refused;
    if (page.next.empty() || page.next == ask.after) break;
    ask.after = page.next;
  }
  say("Approved " + grouped(tally.judged) + ".\n");
  if (tally.refused > 0) throw cli::Failure{cli::exit_refused, grouped(tally.refused) + " could not be judged."};
}

ReviewCommand::Tally ReviewCommand::judge_all(const std::vector<AssignmentId>& answers, bool approve) {
  net::Conversation& conversation = program_.client().conversation();
  Replies replies(conversation, program_.wait());
  std::map<std::uint64_t, AssignmentId> waiting;
  Tally tally;
  auto next = answers.begin();
  while (next != answers.end() || !waiting.empty()) {
    while (next != answers.end() && waiting.size() < reviews_max) {
      waiting.emplace(conversation.send(Request{Review{*next, approve, approve ? "" : reason_}}), *next);
      ++next;
    }
    const auto arrived = replies.next();
    if (!arrived) continue;
    const auto judged = waiting.find(arrived->request_id);
    if (judged == waiting.end()) continue;
    if (arrived->reply) {
      ++tally.judged;
    } else {
      ++tally.refused;
      std::cerr << to_text(judged->second) << ": " << cli::safe_for_terminal(arrived->reply.error().detail, false)
                << '\n';
    }
    waiting.erase(judged);
  }
  return tally;
}

}  // namespace tally::requester
