// Faults 6 and 7: messages that come twice, in another order, late, or never; and a whole session that is played again.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/raw_client.h"
#include "tests/e2e/shared_market.h"
#include "tests/faults/fake_clock.h"
#include "tests/faults/load.h"
#include "tests/faults/scale.h"

namespace tally::faults {
namespace {

using e2e::RawClient;

struct Letter {
  std::uint64_t id = 0;
  Request request;
};

// Carries a worker's messages as badly as can be: each is sent at once, twice, later, or never, and old ones turn up
// again. Keeps what the broker said of each answer.
class Courier {
 public:
  Courier(zmq::context_t& context, const stack::Person& person, unsigned seed)
      : client_(context, person.config, person.config.port), dice_(seed) {}

  void write(Request request) {
    Letter letter{++last_id_, std::move(request)};
    written_.emplace(letter.id, letter);
    switch (below(10)) {
      case 0:
        ++lost;
        break;
      case 1:
      case 2:
        late_.push_back(letter);
        break;
      case 3:
        carry(letter);
        [[fallthrough]];
      default:
        carry(letter);
    }
    if (below(4) == 0) again();
    if (!late_.empty() && below(3) == 0) carry_late();
  }
  void carry_all() {
    while (!late_.empty()) carry_late();
  }
  // Any old message once more.
  void again() {
    auto letter = written_.begin();
    std::advance(letter, below(written_.size()));
    ++repeated;
    carry(letter->second);
  }
  void listen(std::chrono::milliseconds most) {
    while (const auto heard = client_.hear_any(most)) {
      most = std::chrono::milliseconds{0};
      ++heard_;
      if (const auto* tasks = std::get_if<Tasks>(&heard->reply)) take(tasks->tasks);
      if (const auto* submitted = std::get_if<Submitted>(&heard->reply)) take(heard->request_id, *submitted);
    }
  }
  // Who leaves a reply unheard does not know what was leased to them, and nobody else gets it before the lease ends.
  void listen_until_quiet() {
    std::size_t heard_before = 0;
    do {
      heard_before = heard_;
      listen(std::chrono::milliseconds{1'000});
    } while (heard_ > heard_before);
  }
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(dice_); }

  std::vector<AssignmentId> leased;
  std::map<AssignmentId, std::string> accepted;  // What the answer was that was first acknowledged.
  int contradictions = 0;                        // Acknowledgements of another answer than the first.
  std::int64_t lost = 0, repeated = 0, delayed = 0;

 private:
  void carry(const Letter& letter) { client_.ask(letter.id, letter.request); }
  void carry_late() {
    const auto letter = late_.begin() + static_cast<std::ptrdiff_t>(below(late_.size()));
    ++delayed;
    carry(*letter);
    late_.erase(letter);
  }
  void take(const std::vector<TaskOffer>& tasks) {
    for (const TaskOffer& task : tasks) {
      if (std::find(leased.begin(), leased.end(), task.assignment) == leased.end()) leased.push_back(task.assignment);
    }
  }
  void take(std::uint64_t id, const Submitted& submitted) {
    const auto& answers = std::get<Submit>(written_.at(id).request).answers;
    REQUIRE(submitted.outcomes.size() == answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!submitted.outcomes[i].accepted) continue;
      const auto [first, is_new] = accepted.emplace(answers[i].assignment, answers[i].values.at("bird").at(0));
      contradictions += is_new || first->second == answers[i].values.at("bird").at(0) ? 0 : 1;
    }
  }

  RawClient client_;
  std::size_t heard_ = 0;
  std::mt19937 dice_;
  std::uint64_t last_id_ = 1'000;
  std::map<std::uint64_t, Letter> written_;
  std::deque<Letter> late_;
};

ProjectSpec single_spec() {
  ProjectSpec spec = e2e::small_spec();
  spec.redundancy = {1, 1, 1};
  spec.pay = PayPolicy::all;
  return spec;
}

bool is_over(const ProjectStatus& status) { return status.row.state == ProjectState::ended; }

}  // namespace

TEST_CASE("messages that are repeated, mixed up, delayed and lost give each task one answer, the first, paid once",
          "[fault-6]") {
  e2e::Market& market = e2e::shared_market();
  const unsigned seed = Catch::rngSeed();
  INFO("--rng-seed " << seed);
  const std::size_t items = scaled(80U, 1'500U);
  const ProjectId project = market.post(single_spec(), e2e::numbered_items(items));
  const stack::Person person = e2e::new_worker(market);
  zmq::context_t context{1};
  Courier courier(context, person, seed);
  courier.write(Pull{project, 3, {}, 0});
  for (std::size_t step = 0; step < items * 8 && courier.accepted.size() < items; ++step) {
    if (courier.leased.empty() || courier.below(3) == 0) {
      courier.write(Pull{project, static_cast<std::int64_t>(1 + courier.below(3)), {}, 0});
    } else {
      const AssignmentId any = courier.leased[courier.below(courier.leased.size())];
      courier.write(Submit{{{any, {{"bird", {courier.below(2) == 0 ? "robin" : "wren"}}}}}, 0, {}});
    }
    courier.listen(std::chrono::milliseconds{2});
  }
  courier.carry_all();
  courier.listen_until_quiet();
  CHECK(courier.contradictions == 0);

  // What is left is done by a client to whom nothing happens.
  const auto honest = e2e::client_of(market, person);
  for (const AssignmentId id : courier.leased) {
    static_cast<void>(stack::must(*honest, Submit{{{id, {{"bird", {"robin"}}}}}, 0, {}}));
  }
  while (stack::must(*market.rita, GetStatus{project}).row.state != ProjectState::ended) {
    const Tasks rest = stack::must(*honest, Pull{project, 100, {}, 300});
    for (const TaskOffer& task : rest.tasks) {
      static_cast<void>(stack::must(*honest, Submit{{{task.assignment, {{"bird", {"robin"}}}}}, 0, {}}));
    }
  }
  std::size_t answers = 0;
  std::int64_t other_than_acknowledged = 0;
  stack::for_each_result(*market.rita, project, [&](const ResultRow& row) {
    answers += row.given.size();
    for (const AnswerRow& answer : row.given) {
      const auto told = courier.accepted.find(answer.assignment);
      if (told != courier.accepted.end() && told->second != answer.values.at("bird").at(0)) ++other_than_acknowledged;
    }
  });
  CHECK(answers == items);
  CHECK(other_than_acknowledged == 0);
  const EarningsPage earnings = stack::must(*honest, Earnings{});
  CHECK(earnings.wallet + earnings.on_the_way == Micros{10'000 * static_cast<std::int64_t>(items)});
  CHECK(stack::audit(market.admin->client()) == "clean");
  tell(6, "acknowledged " + std::to_string(courier.accepted.size()) + ", repeated " + std::to_string(courier.repeated) +
              ", delayed " + std::to_string(courier.delayed) + ", dropped " + std::to_string(courier.lost) +
              ", second answers " + std::to_string(answers - items) + ", lost 0, paid twice 0");
}

TEST_CASE("a session that is played again an hour later, after a restart, changes nothing and hears the same",
          "[fault-7]") {
  std::optional<FakeClock> clock;
  if (FakeClock::is_there()) clock.emplace();
  if (!clock) WARN("the package faketime is not installed: the session is played again at once");
  e2e::Market market;
  market.enrol_workers(1);
  const stack::Person& worker = market.people[0];
  zmq::context_t context{1};
  std::vector<std::pair<const stack::Person*, Letter>> session;
  std::vector<std::string> heard;
  const auto say = [&](RawClient& client, const stack::Person& who, std::uint64_t id, const Request& request) {
    session.push_back({&who, {id, request}});
    client.ask(id, request);
    Reply reply = client.hear(id);
    heard.push_back(codec::encode_body(reply));
    return reply;
  };

  ProjectId project;
  constexpr std::int64_t items = 20;
  {
    RawClient requester(context, market.requester.config, market.requester.config.port);
    const OpenProject open{"the key of this batch", single_spec(), items, 0};
    project = std::get<ProjectOpened>(say(requester, market.requester, 1, open)).project;
    say(requester, market.requester, 2, PostItems{project, 1, e2e::numbered_items(items)});
    RawClient ann(context, worker.config, worker.config.port);
    for (std::uint64_t id = 10; id < 10 + 2 * items; id += 2) {
      const Reply tasks = say(ann, worker, id, Pull{project, 1, {}, 5'000});
      const AssignmentId task = std::get<Tasks>(tasks).tasks.at(0).assignment;
      say(ann, worker, id + 1, Submit{{{task, {{"bird", {"robin"}}}}}, 0, {}});
    }
  }
  const ProjectStatus before = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
  const Micros wallet = stack::settled_wallet(*market.rita);

  if (clock) clock->set(3'600);
  market.broker.kill();
  market.broker.start();
  RawClient requester(context, market.requester.config, market.requester.config.port);
  RawClient ann(context, worker.config, worker.config.port);
  int different = 0;
  for (std::size_t i = 0; i < session.size(); ++i) {
    const auto& [who, letter] = session[i];
    RawClient& client = who == &worker ? ann : requester;
    client.ask(letter.id, letter.request);
    const Reply reply = client.hear(letter.id);
    // A pull leases what is free, and by now nothing is.
    if (const auto* tasks = std::get_if<Tasks>(&reply)) {
      CHECK(tasks->tasks.empty());
    } else {
      different += codec::encode_body(reply) == heard[i] ? 0 : 1;
    }
  }
  CHECK(different == 0);
  const ProjectStatus after = stack::must(*market.rita, GetStatus{project});
  CHECK(after.row.answers == before.row.answers);
  CHECK(after.paid == before.paid);
  CHECK(after.leased == 0);
  CHECK(stack::settled_wallet(*market.rita) == wallet);
  CHECK(stack::must(*market.rita, ListProjects{}).rows.size() == 1);
  CHECK(stack::audit(market.admin->client()) == "clean");
  tell(7, std::to_string(session.size()) + " messages played again, other replies " + std::to_string(different) +
              ", second answers " + std::to_string(after.row.answers - items) + ", lost 0, paid twice 0");
}

}  // namespace tally::faults
