#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "broker/group_builder.h"
#include "broker/storage/reads.h"
#include "tests/broker/core/world.h"
#include "tests/broker/storage/support.h"

// The real core in front of a real database: what it decides is committed, command by command, so that the rows are
// those that a broker writes. It takes the whole database; use one at a time.
namespace tally::storage::testing {

class Stage {
  // Made before the world, which decides from its first moment.
  broker::GroupBuilder builder_;  // Without snapshots.
  std::vector<Group> decided_;    // Not committed yet.

 public:
  explicit Stage(const core::Limits& limits = {})
      : world(limits, [this](core::World& from, core::Effects effects) { decided(from, std::move(effects)); }),
        store((empty_database(), store_config()), keep_going) {
    reads_config.connection = cluster().connection();
    reads_config.retry_delay = Duration{1};
    requester = world.enrol("req", Role::requester);
    other_requester = world.enrol("other", Role::requester);
    for (const std::string name : {"ann", "ben", "cem", "dan", "eve"}) workers[name] = world.enrol(name, Role::worker);
    deposit(requester, 100'000'000);
  }

  // ---- What people do -----------------------------------------------------------------------------------------------

  void deposit(AccountId account, std::int64_t amount) {
    Deposit deposit;
    deposit.key = "deposit " + std::to_string(++keys_);
    deposit.account = account;
    deposit.amount = Micros{amount};
    static_cast<void>(world.get<Deposited>(world.admin, deposit));
  }
  ProjectId open(const ProjectSpec& spec, std::int64_t items, const std::string& by = "req") {
    OpenProject open;
    open.key = "batch " + std::to_string(++keys_);
    open.spec = spec;
    open.items = items;
    return world.get<ProjectOpened>(by, open).project;
  }
  void post(ProjectId project, std::int64_t first, std::int64_t count, const std::string& by = "req") {
    PostItems post;
    post.project = project;
    post.first = first;
    for (std::int64_t i = first; i < first + count; ++i) {
      post.items.push_back({{"picture " + std::to_string(i)}, std::nullopt});
    }
    static_cast<void>(world.get<ItemsPosted>(by, post));
  }
  std::vector<TaskOffer> pull(const std::string& who, ProjectId project, std::int64_t count = 100) {
    Pull pull;
    pull.project = project;
    pull.count = count;
    return world.get<Tasks>(who, pull).tasks;
  }
  void answer(const std::string& who, AssignmentId assignment, AnswerValues values) {
    Submit submit;
    submit.answers.push_back({assignment, std::move(values)});
    const SubmitOutcome outcome = world.get<Submitted>(who, submit).outcomes.at(0);
    INFO(outcome.detail);
    REQUIRE(outcome.accepted);
  }
  void acknowledged(const std::string& who, Request request) {
    static_cast<void>(world.get<Acknowledged>(who, std::move(request)));
  }

  // ---- What is stored -----------------------------------------------------------------------------------------------

  // Commits what was decided, and looks after each group.
  void commit(const std::function<void()>& look = [] {}) {
    for (const Group& group : std::exchange(decided_, {})) {
      REQUIRE(store.commit(group) == CommitOutcome::stored);
      look();
    }
  }

  // ---- What is read -------------------------------------------------------------------------------------------------

  Result<Reply, Refusal> ask(AccountId who, Role role, const Request& request) {
    if (!reads) reads = std::make_unique<Reads>(reads_config, keep_going);
    return reads->answer(request, who, role, world.now);
  }
  template <class Request>
  typename Request::Reply get(AccountId who, Role role, const Request& request) {
    auto reply = ask(who, role, request);
    INFO((reply ? std::string() : reply.error().detail));
    REQUIRE(reply.has_value());
    return std::get<typename Request::Reply>(std::move(*reply));
  }
  RefusalCode refused(AccountId who, Role role, const Request& request) {
    const auto reply = ask(who, role, request);
    REQUIRE_FALSE(reply.has_value());
    return reply.error().code;
  }
  // All rows of a list, page by page.
  template <class Request>
  auto rows(AccountId who, Role role, Request request) {
    auto page = get(who, role, request);
    auto all = page.rows;
    for (int pages = 1; !page.next.empty(); ++pages) {
      REQUIRE(pages < 2000);
      request.after = page.next;
      page = get(who, role, request);
      all.insert(all.end(), page.rows.begin(), page.rows.end());
    }
    return all;
  }

  core::World world;
  Store store;
  ReadsConfig reads_config;
  std::unique_ptr<Reads> reads;  // Made at the first question.
  AccountId requester, other_requester;
  std::map<std::string, AccountId> workers;
  AccountId admin{16};

 private:
  void decided(const core::World& from, core::Effects effects) {
    builder_.add(effects);
    if (!builder_.empty()) decided_.push_back(builder_.close(from.core, from.now));
  }

  static void empty_database() {
    query(
        "TRUNCATE tally.parts, tally.batches, tally.snapshots, tally.contents, tally.outbox, tally.inbox, "
        "tally.command_keys, tally.brokers, tally.outages, tally.answers, "
        "tally.verdicts, tally.pay_decisions, tally.transfers, tally.payouts, tally.sub_accounts, tally.payout_runs, "
        "tally.payout_runs_settled, tally.people, tally.projects");
  }

  int keys_ = 0;
};

}  // namespace tally::storage::testing
