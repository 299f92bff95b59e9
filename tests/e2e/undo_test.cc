// A group that the database does not store, because it refuses it or because a part is another broker's: what was
// decided is undone, nothing was promised, and the same answers go in once they can.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"
#include "tests/support/comes_true.h"

namespace tally::e2e {
namespace {

using test::comes_true;

constexpr std::int64_t items = 20;
constexpr std::size_t at_work = 3;  // Workers who answer every item; the one after them waits.

// A lost reply is asked for again soon: what is undone has none.
net::ConversationConfig impatient(net::ConversationConfig config) {
  config.resend_after = Duration{1'000};
  return config;
}

// What became of answers that are handed in again and again until they are taken.
struct HandedIn {
  std::vector<AssignmentId> acknowledged;
  std::set<std::string> refusals;  // Of whole messages, by name.
  bool is_all = false;
};

HandedIn hand_in(const net::Network& network, const net::ConversationConfig& config,
                 const std::vector<SubmittedAnswer>& answers, std::atomic<std::int64_t>& acknowledged) {
  net::BrokerClient worker(network, config, Duration{60'000});
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  HandedIn handed;
  for (const SubmittedAnswer& answer : answers) {
    for (bool is_taken = false; !is_taken;) {
      if (std::chrono::steady_clock::now() > until) return handed;
      const auto reply = worker.ask(Submit{{answer}, 0, {}});
      if (!reply) {
        handed.refusals.insert(std::string(name_of(reply.error().code)));
        continue;
      }
      if (!reply->outcomes.at(0).accepted) throw std::runtime_error("not taken: " + reply->outcomes[0].detail);
      handed.acknowledged.push_back(answer.assignment);
      ++acknowledged;
      is_taken = true;
    }
  }
  handed.is_all = true;
  return handed;
}

// Waits at the broker for a task, and meanwhile writes to their account over the same connection.
class Waiting {
 public:
  Waiting(const Market& market, const net::ConversationConfig& config, ProjectId project)
      : conversation_(market.network, config), pull_(conversation_.send(Pull{project, 1, {}, 60'000})) {
    // A connection keeps its order: with the reply to this the pull is known to wait.
    REQUIRE(comes_true([&] {
      turn();
      return written_ > 0;
    }));
    REQUIRE(offers.empty());
  }

  // Takes what has arrived, and keeps an address under way. The pull is sent once: the broker must not forget it.
  void turn() {
    if (!address_) address_ = conversation_.send(SetPayoutAddress{"address " + std::to_string(written_)});
    const auto arrived = conversation_.receive(Duration{20});
    if (!arrived) return;
    if (!arrived->reply) refusals.insert(std::string(name_of(arrived->reply.error().code)));
    if (arrived->request_id == *address_) {
      address_.reset();
      ++written_;
    } else if (arrived->request_id == pull_) {
      if (arrived->reply) offers = std::get<Tasks>(arrived->reply.value()).tasks;
    }
  }

  std::vector<TaskOffer> offers;
  std::set<std::string> refusals;

 private:
  net::Conversation conversation_;
  std::uint64_t pull_;
  std::optional<std::uint64_t> address_;
  int written_ = 0;
};

// Three workers have every item, and will not agree about the last; the fourth waits for it from before to after what
// goes wrong.
class Scene {
 public:
  Scene() {
    market.enrol_workers(at_work + 1);
    ProjectSpec spec = small_spec();
    spec.redundancy = {3, 4, 3};
    project = market.post(spec, numbered_items(std::size_t{items}));
    task_part = part_of(project, 1);
    for (std::size_t i = 0; i < at_work; ++i) {
      const Tasks got = stack::must(*market.workers[i], Pull{project, 100, {}, 0});
      REQUIRE(std::ssize(got.tasks) == items);
      answers_.emplace_back();
      for (const TaskOffer& task : got.tasks) {
        const bool is_odd = i == 2 && task.item_no == items;
        answers_.back().push_back({task.assignment, {{"bird", {is_odd ? "wren" : "robin"}}}});
      }
    }
    waiting.emplace(market, impatient(market.people[at_work].config), project);
  }

  void begin_to_hand_in() {
    for (std::size_t i = 0; i < at_work; ++i) {
      handed_.push_back(std::async(std::launch::async, [this, i] {
        return hand_in(market.network, impatient(market.people[i].config), answers_[i], acknowledged);
      }));
    }
  }
  // While the one who waits writes to their account.
  template <class Condition>
  bool comes_to(const Condition& condition) {
    return comes_true([&] {
      waiting->turn();
      return condition();
    });
  }
  [[nodiscard]] int count_in_log(const std::string& text) const {
    const std::string log = market.log();
    int count = 0;
    for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
    return count;
  }
  void check_nothing_is_stored() {
    CHECK(acknowledged.load() == 0);
    CHECK(owner_sql(market, "SELECT count(*) FROM tally.answers") == "0");
  }

  // All that was in hand is taken, each once; the one who waited gets the task without agreement, and settles it.
  void check_the_end() {
    std::set<AssignmentId> taken;
    for (auto& each : handed_) {
      const HandedIn handed = each.get();
      CHECK(handed.is_all);
      check_harmless(handed.refusals);
      taken.insert(handed.acknowledged.begin(), handed.acknowledged.end());
    }
    CHECK(std::ssize(taken) == std::int64_t{at_work} * items);
    REQUIRE(comes_to([&] { return !waiting->offers.empty(); }));
    CHECK(waiting->offers[0].item_no == items);
    check_harmless(waiting->refusals);
    const AssignmentId last = waiting->offers[0].assignment;
    CHECK(stack::must(*market.workers[at_work], Submit{{{last, {{"bird", {"robin"}}}}}, 0, {}}).outcomes[0].accepted);
    taken.insert(last);

    const auto is_over = [](const ProjectStatus& now) { return now.row.state == ProjectState::ended; };
    const ProjectStatus status = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
    CHECK(status.settled == items);
    std::vector<AssignmentId> stored;
    stack::for_each_result(*market.rita, project, [&](const ResultRow& row) {
      for (const AnswerRow& answer : row.given) stored.push_back(answer.assignment);
    });
    std::sort(stored.begin(), stored.end());
    CHECK(stored == std::vector<AssignmentId>(taken.begin(), taken.end()));
    CHECK(status.paid == Micros{10'000 * std::int64_t{at_work} * items});
    CHECK(market.broker.is_running());
    CHECK(stack::audit(market.admin->client()) == "clean");
  }

  Market market;
  ProjectId project;
  PartId task_part;
  std::optional<Waiting> waiting;
  std::atomic<std::int64_t> acknowledged{0};

 private:
  // It may be said that this one thing was not carried out; never that somebody is unknown.
  static void check_harmless(std::set<std::string> refusals) {
    refusals.erase("internal_error");
    CAPTURE(refusals);
    CHECK(refusals.empty());
  }

  std::vector<std::vector<SubmittedAnswer>> answers_;  // By worker.
  std::vector<std::future<HandedIn>> handed_;          // Ends before the market does.
};

}  // namespace

TEST_CASE("what the database refuses is undone and told to nobody, and the same answers go in once it takes them",
          "[fault-13]") {
  Scene scene;
  // It takes its time, so that other commands gather behind the group that will be refused.
  owner_sql(scene.market,
            "CREATE FUNCTION tally.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); "
            "RAISE EXCEPTION 'refused by a test' USING ERRCODE = '23514'; END $$; "
            "CREATE TRIGGER refuse BEFORE INSERT ON tally.answers FOR EACH ROW EXECUTE FUNCTION tally.refuse()");
  scene.begin_to_hand_in();
  CHECK(scene.comes_to([&] { return scene.count_in_log("event=group_refused parts=") >= 3; }));
  CHECK(scene.count_in_log("event=group_refused sqlstate=23514") >= 3);
  scene.check_nothing_is_stored();
  owner_sql(scene.market, "DROP FUNCTION tally.refuse() CASCADE");
  scene.check_the_end();
}

TEST_CASE("while another broker has a part nothing is acknowledged for it, and work goes on when that one's lease ends",
          "[fault-3]") {
  Scene scene;
  const auto set = [&](PartId part, const std::string& columns) {
    owner_sql(scene.market, "UPDATE tally.parts SET " + columns + " WHERE part_id = " + std::to_string(part.value));
  };
  const auto take_over = [&](PartId part) {
    set(part, "owner = 'another broker', epoch = epoch + 1, lease_until = now() + interval '1 hour'");
  };
  const auto is_told = [&](const std::string& event, PartId part) {
    return scene.count_in_log(event + " part=" + to_text(part) + " ") > 0;
  };
  take_over(scene.task_part);
  scene.begin_to_hand_in();
  CHECK(scene.comes_to([&] { return is_told("event=part_not_loaded", scene.task_part); }));
  CHECK(is_told("event=group_fenced", scene.task_part));
  CHECK(scene.count_in_log("is held by broker another broker until") > 0);
  // And that of the one who waits: nobody's key can be told until it is back.
  const PartId home = account_part_of(scene.market.people[at_work].account);
  take_over(home);
  CHECK(scene.comes_to([&] { return is_told("event=part_not_loaded", home); }));
  CHECK(is_told("event=group_fenced", home));
  scene.check_nothing_is_stored();

  set(scene.task_part, "lease_until = now()");
  const std::string owner = "SELECT owner FROM tally.parts WHERE part_id = " + std::to_string(scene.task_part.value);
  set(home, "lease_until = now()");
  CHECK(scene.comes_to([&] { return owner_sql(scene.market, owner) != "another broker"; }));
  scene.check_the_end();
}

}  // namespace tally::e2e
