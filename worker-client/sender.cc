#include "worker-client/sender.h"

#include <algorithm>
#include <utility>

namespace tally::worker {
namespace {

constexpr Duration try_again_after{5'000};
constexpr std::size_t bytes_per_message_max = std::size_t{1} << 20U;  // A broker takes at least so much.

std::size_t bytes_of(const SubmittedAnswer& answer) {
  std::size_t bytes = 0;
  for (const auto& [field, values] : answer.values) {
    bytes += field.size();
    for (const std::string& value : values) bytes += value.size();
  }
  return bytes;
}

}  // namespace

bool is_final(RefusalCode code) {
  switch (code) {
    case RefusalCode::malformed:
    case RefusalCode::too_large:
    case RefusalCode::project_not_found:
    case RefusalCode::task_not_found:
    case RefusalCode::assignment_not_found:
    case RefusalCode::not_yours:
    case RefusalCode::project_not_open:
    case RefusalCode::project_ended:
    case RefusalCode::answer_invalid:
    case RefusalCode::already_answered_differently:
    case RefusalCode::lease_expired:
    case RefusalCode::task_closed:
      return true;
    default:
      return false;
  }
}

Sender::Sender(Wire& wire, const Outbox& outbox, std::int64_t answers_per_message_max)
    : wire_(wire),
      outbox_(outbox),
      per_message_(static_cast<std::size_t>(std::clamp<std::int64_t>(answers_per_message_max, 1, 1'000))) {}

void Sender::keep(SubmittedAnswer answer) {
  outbox_.put(answer);
  queue(std::move(answer));
}

std::optional<std::uint64_t> Sender::send(std::int64_t next, std::optional<ProjectId> project, Time now) {
  if (queued_.empty() || now < not_before_) return std::nullopt;
  Sent sent;
  std::size_t bytes = 0;
  while (!queued_.empty() && sent.answers.size() < per_message_) {
    bytes += bytes_of(queued_.front());
    if (bytes > bytes_per_message_max && !sent.answers.empty()) break;
    sent.answers.push_back(std::move(queued_.front()));
    queued_.pop_front();
  }
  sent.asked = next;
  Submit submit;
  submit.answers = sent.answers;
  submit.next = next;
  submit.project = project;
  const std::uint64_t request = wire_.send(submit);
  under_way_.emplace(request, std::move(sent));
  return request;
}

void Sender::queue_again(SubmittedAnswer answer, Time now) {
  not_before_ = now + try_again_after;
  queued_.push_back(std::move(answer));
}

void Sender::settle(const SubmittedAnswer& answer, const SubmitOutcome& outcome, Report& report, Time now) {
  const bool done = outcome.accepted || (outcome.refusal && is_final(*outcome.refusal));
  if (!done) return queue_again(answer, now);
  outbox_.remove(answer.assignment);
  report.outcomes.push_back(outcome);
}

void Sender::refused(Sent sent, const Refusal& refusal, Report& report, Time now) {
  const bool for_good = is_final(refusal.code);
  if (for_good && sent.answers.size() == 1) {
    const SubmittedAnswer& answer = sent.answers.front();
    return settle(answer, SubmitOutcome{answer.assignment, false, refusal.code, refusal.detail, Micros{}}, report, now);
  }
  // Which of them it was is found by sending each alone.
  if (for_good) per_message_ = 1;
  report.refusal = refusal;
  for (SubmittedAnswer& answer : sent.answers) queue_again(std::move(answer), now);
  if (for_good) not_before_ = now;
}

std::optional<Sender::Report> Sender::arrived(const Wire::Arrived& arrived, Time now) {
  const auto found = under_way_.find(arrived.request_id);
  if (found == under_way_.end()) return std::nullopt;
  Sent sent = std::move(found->second);
  under_way_.erase(found);
  Report report;
  report.asked = sent.asked;
  if (!arrived.reply) {
    refused(std::move(sent), arrived.reply.error(), report, now);
    return report;
  }
  const auto* submitted = std::get_if<Submitted>(&*arrived.reply);
  if (submitted == nullptr || submitted->outcomes.size() != sent.answers.size()) {
    // Not to be read as a refusal of the answers, so they stay.
    report.refusal = Refusal{RefusalCode::internal_error, "the broker's reply does not match what was sent", 0};
    for (SubmittedAnswer& answer : sent.answers) queue_again(std::move(answer), now);
    return report;
  }
  for (std::size_t i = 0; i < sent.answers.size(); ++i) settle(sent.answers[i], submitted->outcomes[i], report, now);
  report.tasks = submitted->tasks;
  report.no_work = submitted->no_work;
  return report;
}

}  // namespace tally::worker
