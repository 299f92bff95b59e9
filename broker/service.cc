#include "broker/service.h"

#include <array>
#include <exception>
#include <poll.h>
#include <span>
#include <utility>
#include <vector>

#include <sodium.h>

namespace tally::broker {
namespace {

// Asked of the system for many commands at once: few of them use theirs, and each time is a system call.
class Entropy {
 public:
  std::array<std::uint64_t, 4> operator()() {
    if (next_ == words_.size()) {
      randombytes_buf(words_.data(), sizeof words_);
      next_ = 0;
    }
    return std::exchange(words_.at(next_++), {});
  }

 private:
  std::array<std::array<std::uint64_t, 4>, 128> words_{};
  std::size_t next_ = words_.size();
};

// What cannot be read: the replies that need it are dropped, and their clients send again.
ContentRead read_contents(const ContentReader& reader, const ops::Log& log, ContentJob job) {
  try {
    auto bodies = reader(job.part, job.kind, job.numbers);
    return {std::move(job), std::move(bodies)};
  } catch (const std::exception& error) {
    log.error("event=contents_not_read part=" + to_text(job.part) + " why=\"" + error.what() + '"');
    return {std::move(job), std::nullopt};
  }
}

// Whatever goes wrong with a list or an audit, the marketplace goes on.
Result<Reply, Refusal> answer_or_refuse(const Answerer& answerer, const ReadJob& job) {
  try {
    return answerer(job.request, job.who, job.now);
  } catch (const std::exception& error) {
    return Unexpected{Refusal{RefusalCode::internal_error, std::string("this cannot be read: ") + error.what(), 0}};
  }
}

core::OutgoingReply reply_to(const Answerer& answerer, const ReadJob& job) {
  auto reply = answer_or_refuse(answerer, job);
  if (reply) return {job.channel, job.request_id, std::move(reply).value()};
  const Refusal& refusal = reply.error();
  return {job.channel, job.request_id, Refused{refusal.code, refusal.detail, refusal.retry_after_ms}};
}

SideThread<ReadJob, core::OutgoingReply>::Work work_of(const Answerer& answerer) {
  return [answerer](const ReadJob& job) { return reply_to(answerer, job); };
}

bool can_be_read(int fd) {
  pollfd look{fd, POLLIN, 0};
  return poll(&look, 1, 0) > 0;
}

// While a group is being stored nobody can be answered. What comes in meanwhile is taken together: to fall asleep and
// to be woken for each message takes more of a processor than to decide it.
void let_messages_gather(std::span<const int> unless) {
  constexpr timespec so_long{0, 300'000};
  std::vector<pollfd> polled;
  for (const int fd : unless) polled.push_back({fd, POLLIN, 0});
  ppoll(polled.data(), polled.size(), &so_long, nullptr);
}

}  // namespace

Service::Service(const Config& config, Tools tools, Time last_recorded)
    : server_(tools.server),
      clock_(last_recorded),
      committer_(
          wakeup_,
          [&store = tools.committer] { return [&store](const storage::Group& group) { return store.commit(group); }; }),
      loader_(wakeup_, [&store = tools.loader] { return part_loader(store); }),
      contents_(wakeup_,
                [reader = tools.contents, &log = tools.log] {
                  return [reader, &log](ContentJob job) { return read_contents(reader, log, std::move(job)); };
                }),
      reads_(wakeup_, [answerer = tools.reads] { return work_of(answerer); }),
      audits_(wakeup_, [answerer = tools.audits] { return work_of(answerer); }),
      loop_(config, hands(tools)) {}

EventLoop::Hands Service::hands(const Tools& tools) {
  return {.door = server_,
          .clock = clock_,
          .entropy = Entropy(),
          .committer = committer_,
          .is_away = [&store = tools.committer] { return store.away(); },
          .loader = loader_,
          .contents = contents_,
          .reads = reads_,
          .audits = audits_,
          .log = tools.log,
          .on_invitation = tools.on_invitation,
          .invitation_line = tools.invitation_line,
          .invite_admin = tools.invite_admin};
}

void Service::run(int stop, const std::function<void()>& on_ready) {
  const std::array<int, 2> also{wakeup_.fd(), stop};
  bool was_ready = false;
  while (true) {
    if (loop_.is_storing() && loop_.time_to_wait().ms > 0) let_messages_gather(also);
    if (server_.wait(loop_.time_to_wait(), loop_.takes_requests(), also)) {
      if (can_be_read(stop)) break;
      wakeup_.clear();
    }
    loop_.round();
    // The first admin's invitation is durable and out by then.
    if (!was_ready && loop_.is_settled()) {
      was_ready = true;
      on_ready();
    }
  }
  // What is being stored is acknowledged; what was not begun is sent again by its client.
  while (loop_.is_storing()) {
    if (server_.wait(Duration{100}, false, {also.data(), 1})) wakeup_.clear();
    loop_.last_round();
  }
}

}  // namespace tally::broker
