#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/event_loop.h"
#include "common/base/assert.h"
#include "common/codec/messages_codec.h"
#include "tools/sim/model_database.h"
#include "tools/sim/model_loader.h"

// An event loop whose clock and hands do what a test says, and when, over a model of the database. The simulator tries
// chance; this tries one course of things, step by step.
namespace tally::broker::testing {

class ManualClock final : public ops::Clock {
 public:
  [[nodiscard]] Time now() const override { return time; }
  Time time{1'700'000'000'000};
};

// Does each job when it is told to.
template <class Job, class Done>
class StepHand : public Hand<Job, Done> {
 public:
  void push(Job job) override { jobs.push_back(std::move(job)); }
  std::optional<Done> pop() override {
    if (done_.empty()) return std::nullopt;
    auto done = std::make_optional<Done>(std::move(done_.front()));
    done_.pop_front();
    return done;
  }
  [[nodiscard]] std::size_t under_way() const override { return jobs.size() + done_.size(); }

  // One job, unless they are held; false: there was nothing to do.
  template <class Work>
  bool work(const Work& how) {
    if (is_held || jobs.empty()) return false;
    Job job = std::move(jobs.front());
    jobs.pop_front();
    done_.push_back(how(job));
    return true;
  }
  std::deque<Job> jobs;
  bool is_held = false;

 private:
  std::deque<Done> done_;
};

class ListDoor final : public transport::Door {
 public:
  struct Sent {
    std::uint64_t request_id = 0;
    Reply reply;
  };
  [[nodiscard]] int port() const override { return 7700; }
  void admit(const std::string& /*key*/) override {}
  void expel(const std::string& /*key*/) override {}
  void all_keys_admitted() override {}
  std::optional<transport::Incoming> receive() override {
    if (waiting.empty()) return std::nullopt;
    auto first = std::make_optional(std::move(waiting.front()));
    waiting.pop_front();
    return first;
  }
  void send(std::uint64_t /*channel*/, std::uint64_t request_id, const Reply& reply) override {
    sent.push_back({request_id, reply});
  }

  std::deque<transport::Incoming> waiting;
  std::vector<Sent> sent;
};

class OneLoop {
 public:
  explicit OneLoop(Config with = {}, const std::string& name = "ours")
      : config(std::move(with)), owner{name, config.lease}, loop(config, hands()) {
    static_cast<void>(database.start(clock.time, owner));
  }

  // ---- Time ---------------------------------------------------------------------------------------------------------

  // All that can be done now.
  void settle() {
    constexpr int rounds_max = 1'000;
    for (int i = 0; i < rounds_max; ++i) {
      loop.round();
      if (!work() && loop.time_to_wait().ms > 0) return;
    }
    TALLY_ASSERT(false);
  }
  // In steps as long as the loop sleeps; a process never wakes quite in time.
  void pass(Duration time) {
    const Time until = clock.time + time;
    while (clock.time < until) {
      clock.time = std::min(until, clock.time + std::max(loop.time_to_wait(), moment) + moment);
      settle();
    }
  }

  // ---- Requests -----------------------------------------------------------------------------------------------------

  // Gives the request's number.
  std::uint64_t send(const std::string& key, Request request) {
    transport::Incoming incoming;
    incoming.channel = 1;
    incoming.request_id = ++last_request_;
    incoming.key = key;
    incoming.is_enrolment = std::holds_alternative<Join>(request);
    const std::string body = codec::encode_body(request);
    incoming.body_digest = sha256(body);
    incoming.bytes = body.size();
    incoming.request = std::move(request);
    door.waiting.push_back(std::move(incoming));
    return last_request_;
  }
  // The reply; null: there is none (yet).
  [[nodiscard]] const Reply* reply_to(std::uint64_t request) const {
    for (const ListDoor::Sent& sent : door.sent) {
      if (sent.request_id == request) return &sent.reply;
    }
    return nullptr;
  }
  [[nodiscard]] std::optional<RefusalCode> refusal_of(std::uint64_t request) const {
    const Reply* reply = reply_to(request);
    const auto* refused = reply == nullptr ? nullptr : std::get_if<Refused>(reply);
    return refused == nullptr ? std::nullopt : std::optional(refused->code);
  }
  // While nothing is held.
  template <class R>
  R get(const std::string& key, Request request) {
    const std::uint64_t id = send(key, std::move(request));
    settle();
    const Reply* reply = reply_to(id);
    TALLY_ASSERT(reply != nullptr && std::holds_alternative<R>(*reply));
    return std::get<R>(*reply);
  }

  // ---- A market -----------------------------------------------------------------------------------------------------

  // An admin "adm", a requester "req" with money, and "ann", a worker.
  void found() {
    settle();
    TALLY_ASSERT(loop.serves());
    static_cast<void>(get<Joined>("adm", Join{invitation}));
    const AccountId requester = enrol("req", Role::requester);
    static_cast<void>(enrol("ann", Role::worker));
    Deposit deposit;
    deposit.key = "deposit";
    deposit.account = requester;
    deposit.amount = Micros{100'000'000};
    static_cast<void>(get<Deposited>("adm", deposit));
  }
  AccountId enrol(const std::string& key, Role role) {
    Invite invite;
    invite.key = "invite " + key;
    invite.role = role;
    invite.display_name = key;
    const Invited invited = get<Invited>("adm", invite);
    static_cast<void>(get<Joined>(key, Join{invited.line}));
    return invited.account;
  }
  // With one item more than one part holds there are two parts.
  ProjectId open(ProjectSpec spec, std::int64_t items) {
    OpenProject project;
    project.key = "batch";
    project.spec = std::move(spec);
    project.items = items;
    const ProjectId id = get<ProjectOpened>("req", project).project;
    const std::int64_t part_size = config.core.part_size;
    for (std::int64_t first = 1; first <= items; first += part_size) {
      PostItems post;
      post.project = id;
      post.first = first;
      for (std::int64_t i = first; i <= std::min(items, first + part_size - 1); ++i) {
        post.items.push_back({{"a picture"}, std::nullopt});
      }
      static_cast<void>(get<ItemsPosted>("req", post));
    }
    return id;
  }
  [[nodiscard]] static Pull pull(ProjectId project, std::int64_t wait_ms = 0) { return {project, 1, {}, wait_ms}; }
  [[nodiscard]] static Submit answer(AssignmentId assignment) {
    Submit submit;
    submit.answers.push_back({assignment, {{"bird", {"bunting"}}}});
    return submit;
  }

  // ---- What a test holds up -----------------------------------------------------------------------------------------

  StepHand<storage::Group, storage::CommitOutcome> committer;
  std::optional<storage::CommitOutcome> fails_next;  // So ends the next group, and it is not stored.
  bool is_away = false;                              // The committer says so.
  StepHand<LoaderJob, LoaderResult> loader;
  std::vector<PartId> due;                       // What the loader finds due besides what is.
  std::function<void(const LoaderJob&)> on_job;  // Sees what the loader does.
  int catalogue_fails = 0;                       // So often it cannot be read.

  Config config;
  ManualClock clock;
  sim::ModelDatabase database{[this] { return clock.time; }};
  sim::ModelDatabase::Owner owner;
  ListDoor door;
  std::string invitation;

 private:
  static constexpr Duration moment{1};

  EventLoop::Hands hands() {
    return {.door = door,
            .clock = clock,
            .entropy =
                [this] {
                  ++entropy_;
                  return std::array{entropy_ * 0x9e3779b97f4a7c15U, entropy_, entropy_ * 3, entropy_ * 7};
                },
            .committer = committer,
            .is_away = [this] { return is_away; },
            .loader = loader,
            .contents = contents_,
            .reads = reads_,
            .audits = audits_,
            .log = silent_,
            .on_invitation = [this](const std::string& code) { invitation = code; },
            .invitation_line = [](const std::string& code) { return code; }};
  }
  // One job of each hand.
  bool work() {
    const bool has_stored = committer.work([this](const storage::Group& group) {
      const auto failure = std::exchange(fails_next, std::nullopt);
      return failure ? *failure : database.commit(group, owner);
    });
    const bool has_loaded = loader.work([this](const LoaderJob& job) {
      if (on_job) on_job(job);
      if (std::holds_alternative<ReadCatalogue>(job) && catalogue_fails > 0) {
        --catalogue_fails;
        return LoaderResult{NoCatalogue{"out of memory"}};
      }
      LoaderResult result = sim::do_for_loop(database, owner, job);
      if (auto* found = std::get_if<PartsDue>(&result)) {
        found->parts.insert(found->parts.end(), due.begin(), due.end());
        due.clear();
      }
      return result;
    });
    const bool has_read = contents_.work([this](const ContentJob& job) {
      return ContentRead{job, database.contents(job.part, job.kind, job.numbers)};
    });
    return has_stored || has_loaded || has_read;
  }

  ops::Log silent_{"critical"};
  StepHand<ContentJob, ContentRead> contents_;
  StepHand<ReadJob, core::OutgoingReply> reads_, audits_;
  std::uint64_t entropy_ = 0;
  std::uint64_t last_request_ = 0;

 public:
  EventLoop loop;
};

// A project with one choice field, one answer a task.
[[nodiscard]] inline ProjectSpec one_answer_each() {
  ProjectSpec spec;
  spec.title = "Birds";
  spec.columns = {{"picture", ColumnKind::text}};
  spec.form = {{"bird", "choice", "Which bird?", true, {"bunting", "grosbeak", "other"}, {}}};
  spec.reward = Micros{10'000};
  spec.redundancy = {1, 1, 1};
  return spec;
}

}  // namespace tally::broker::testing
