// Thousands of commands that chance chooses, legal and not: the ledger keeps its rules after each of them, and any part
// that is made again from its records is the one that was lost.
#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/counted_books.h"
#include "tests/broker/core/market.h"
#include "tests/broker/core/rebuilt.h"

namespace tally::core {
namespace {

Limits small_limits() {
  Limits limits;
  limits.part_size = 4;
  limits.leases_per_worker_max = 12;
  limits.fee_ppm = 123'457;  // So that fees are rounded.
  return limits;
}

// People of whom none is reasonable, and the house.
class Bedlam {
 public:
  explicit Bedlam(unsigned seed)
      : dice_(seed), market_(small_limits(), [this](World&, const Effects& effects) { books_.take(effects); }) {
    for (int i = 0; i < 6; ++i) {
      workers_.push_back("worker " + std::to_string(i));
      accounts_.push_back(market_.worker(workers_.back()));
    }
    accounts_.push_back(market_.requester);
  }

  void step() {
    using Deed = void (Bedlam::*)();
    struct Choice {
      int weight;
      Deed deed;
    };
    static constexpr Choice choices[] = {{4, &Bedlam::deposit},   {5, &Bedlam::open},        {10, &Bedlam::post},
                                         {22, &Bedlam::pull},     {26, &Bedlam::submit},     {5, &Bedlam::hand_back},
                                         {2, &Bedlam::take_back}, {5, &Bedlam::change},      {6, &Bedlam::review},
                                         {3, &Bedlam::bonus},     {4, &Bedlam::reverse},     {3, &Bedlam::pay_out},
                                         {2, &Bedlam::extend},    {2, &Bedlam::suspend},     {8, &Bedlam::let_pass},
                                         {1, &Bedlam::be_away},   {8, &Bedlam::drop_a_part}, {3, &Bedlam::hold_mail}};
    int all = 0;
    for (const Choice& choice : choices) all += choice.weight;
    int place = below(all);
    for (const Choice& choice : choices) {
      place -= choice.weight;
      if (place >= 0) continue;
      (this->*choice.deed)();
      break;
    }
    for (const PartId part : world().core.loaded()) books_.compare(*world().core.find(part));
  }

  void check_rebuilt() { core::check_rebuilt(world()); }

  // All mail arrives, all projects end, all that waits comes due: then the money is where it belongs.
  void come_to_rest() {
    release();
    for (const std::size_t i : {0U, 1U, 2U, 3U, 4U, 5U}) {
      world().ask(world().admin, Suspend{accounts_[i], false, "over"});
    }
    for (const ProjectId project : projects_) world().ask("req", ChangeProject{project, ProjectAction::cancel});
    for (int i = 0; i < 400; ++i) market_.pass(hour);
    for (const auto& [part, records] : world().journal) {
      if (world().core.find(part) == nullptr) static_cast<void>(world().load(part));
    }
    for (int i = 0; i < 20; ++i) market_.pass(hour);
    CHECK(books_.total_of(Fund::escrow) == Micros{});
    CHECK(books_.total_of(Fund::transit) == Micros{});
    CHECK(books_.total_of(Fund::earnings) == Micros{});
    CHECK(books_.total_of(Fund::fees) == Micros{});
    CHECK(world().sum() == Micros{});
  }

  [[nodiscard]] const CountedBooks& books() const { return books_; }

 private:
  World& world() { return market_.world; }
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(dice_); }
  bool one_in(int count) { return below(count) == 0; }
  template <class T>
  const T& any_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
  }
  std::string new_key() { return "key " + std::to_string(one_in(20) ? below(keys_ + 1) : ++keys_); }
  Micros any_amount() {
    static constexpr std::int64_t amounts[] = {0, -1, 1, 7, 999, 10'000, 123'456, 5'000'000, INT64_MAX};
    return Micros{amounts[below(std::size(amounts))]};
  }
  // One that there is, mostly.
  AssignmentId any_assignment() {
    if (assignments_.empty() || one_in(30)) return {part_of(ProjectId{1 + below(40)}, 1 + below(3)), 1 + below(20)};
    // The newest are the likeliest to be open.
    const auto count = static_cast<int>(assignments_.size());
    const int back = one_in(3) ? below(count) : below(std::min(count, 12));
    return assignments_[static_cast<std::size_t>(count - 1 - back)];
  }
  void keep(const std::vector<Reply>& replies) {
    for (const Reply& reply : replies) {
      if (const auto* tasks = std::get_if<Tasks>(&reply)) keep(tasks->tasks);
      if (const auto* submitted = std::get_if<Submitted>(&reply)) keep(submitted->tasks);
    }
  }
  void keep(const std::vector<TaskOffer>& tasks) {
    for (const TaskOffer& task : tasks) assignments_.push_back(task.assignment);
  }

  // ---- What they do -------------------------------------------------------------------------------------------------

  void deposit() {
    Deposit deposit;
    deposit.key = new_key();
    deposit.account = any_of(accounts_);
    if (!one_in(3)) deposit.account = market_.requester;
    deposit.amount = any_amount();
    world().ask(world().admin, deposit);
  }
  void open() {
    if (projects_.size() > 30) return;
    OpenProject open;
    open.key = new_key();
    open.spec = simple_spec();
    open.spec.reward = Micros{1 + below(30'000)};
    const int min = 1 + below(3);
    open.spec.redundancy = {min, min + below(3), 1 + below(min)};
    static constexpr PayPolicy policies[] = {PayPolicy::agreeing, PayPolicy::all, PayPolicy::review};
    open.spec.pay = policies[below(3)];
    open.spec.lease = Duration{600'000LL * (1 + below(6))};
    open.spec.tasks_per_worker_max = one_in(4) ? 1 + below(5) : 0;
    if (one_in(5)) open.spec.deadline_ms = world().now.ms + hour.ms * (1 + below(20));
    open.items = one_in(20) ? -below(2) : 1 + below(11);
    for (const Reply& reply : world().ask("req", open)) {
      const auto* opened = std::get_if<ProjectOpened>(&reply);
      if (opened == nullptr || std::count(projects_.begin(), projects_.end(), opened->project) > 0) continue;
      projects_.push_back(opened->project);
      items_.push_back(open.items);
      posted_.push_back(0);
    }
  }
  void post() {
    if (projects_.empty()) return;
    const auto which = static_cast<std::size_t>(below(static_cast<int>(projects_.size())));
    PostItems post;
    post.project = projects_[which];
    const std::int64_t next = posted_[which] + 1;
    post.first = one_in(10) ? 1 + below(12) : next;
    // Within one part, and to its end; now and then a part of it, or too many.
    std::int64_t count = std::min<std::int64_t>(4 - (post.first - 1) % 4, items_[which] - post.first + 1);
    if (one_in(6)) count = 1 + below(5);
    for (std::int64_t i = 0; i < count; ++i) post.items.push_back({{"a picture"}, std::nullopt});
    for (const Reply& reply : world().ask("req", post)) {
      if (const auto* done = std::get_if<ItemsPosted>(&reply)) posted_[which] = std::max(posted_[which], done->posted);
    }
  }
  void pull() {
    Pull pull;
    if (!projects_.empty() && !one_in(3)) pull.project = any_of(projects_);
    pull.count = 1 + below(4);
    pull.wait_ms = one_in(4) ? 30'000 : 0;
    const std::string& who = any_of(workers_);
    keep(one_in(10) ? world().send(who, pull, 1 + static_cast<std::uint64_t>(below(500))) : world().ask(who, pull));
  }
  void submit() {
    static const std::vector<std::string> birds{"bunting", "bunting", "bunting", "grosbeak", "other", "no such bird"};
    Submit submit;
    for (int i = 1 + below(3); i > 0; --i) submit.answers.push_back({any_assignment(), {{"bird", {any_of(birds)}}}});
    submit.next = below(3);
    // Mostly by whoever it belongs to.
    for (const std::string& who : workers_) {
      if (!one_in(2)) keep(world().ask(who, submit));
    }
  }
  void hand_back() {
    const AssignmentId id = any_assignment();
    for (const std::string& who : workers_) {
      world().ask(who, HandBack{id, one_in(2) ? HandBackHow::skipped : HandBackHow::returned});
    }
  }
  void take_back() {
    const AssignmentId id = any_assignment();
    for (const std::string& who : workers_) keep(world().ask(who, TakeBackSkip{id}));
  }
  void change() {
    if (projects_.empty()) return;
    static constexpr ProjectAction actions[] = {ProjectAction::pause,  ProjectAction::resume, ProjectAction::resume,
                                                ProjectAction::resume, ProjectAction::end,    ProjectAction::cancel};
    world().ask("req", ChangeProject{any_of(projects_), actions[below(6)]});
  }
  void review() { world().ask("req", Review{any_assignment(), !one_in(3), "it is blurred"}); }
  void bonus() { world().ask("req", Bonus{new_key(), any_assignment(), any_amount(), "well seen"}); }
  void reverse() {
    const auto& all = books_.all_transfers();
    world().ask(world().admin, Reverse{any_of(all), "a mistake"});
  }
  void pay_out() {
    const std::string run = "run " + std::to_string(below(6));
    const std::int64_t part = below(static_cast<int>(account_parts));
    if (one_in(2)) {
      world().ask(any_of(workers_), SetPayoutAddress{"somewhere"});
      world().ask(world().admin, ExportPayouts{run, part, Micros{below(10'000)}});
    } else {
      world().ask(world().admin, SettlePayouts{run, part, one_in(4)});
    }
  }
  void extend() {
    if (projects_.empty()) return;
    world().ask("req", Extend{new_key(), any_of(projects_), world().now.ms + hour.ms * below(50)});
  }
  void suspend() { world().ask(world().admin, Suspend{any_of(accounts_), one_in(2), "answers at random"}); }
  void let_pass() { keep(world().pass(Duration{one_in(10) ? 26 * hour.ms : 1 + below(900'000)})); }
  void be_away() { keep(world().run(Outage{1 + below(1'000'000)})); }
  // As for a group that was refused, or for a part that nobody needs.
  void drop_a_part() {
    if (one_in(2)) {
      static_cast<void>(world().put_away_after(Duration{1 + below(100'000)}));
    } else {
      world().reload(any_of(world().core.loaded()));
    }
  }
  void hold_mail() {
    if (one_in(2)) return release();
    world().hold_deliveries = one_in(2);
    world().hold_forgets = one_in(2);
  }
  void release() {
    world().release_deliveries();
    world().release_forgets();
  }

  std::mt19937_64 dice_;
  CountedBooks books_;
  Market market_;
  std::vector<std::string> workers_;
  std::vector<AccountId> accounts_;
  std::vector<ProjectId> projects_;
  std::vector<std::int64_t> items_, posted_;  // By project.
  std::vector<AssignmentId> assignments_;
  int keys_ = 0;
};

}  // namespace

TEST_CASE("whatever people do, the ledger balances, nothing is below zero or paid twice, and parts are their records") {
  constexpr int runs = 6;
  constexpr int commands = 3'000;
  std::int64_t payouts = 0;
  for (unsigned run = 0; run < runs; ++run) {
    const unsigned seed = Catch::rngSeed() + run;
    INFO("the same again: --rng-seed " << seed);
    Bedlam bedlam(seed);
    for (int i = 1; i <= commands; ++i) {
      bedlam.step();
      if (i % 500 == 0) bedlam.check_rebuilt();
    }
    bedlam.come_to_rest();
    bedlam.check_rebuilt();
    payouts += bedlam.books().payouts();
  }
  // Or it would say little.
  CHECK(payouts > 400);
}

}  // namespace tally::core
