// Parts that nobody works on leave memory, and nobody notices.
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

constexpr Duration second{1'000};
constexpr Duration idle = Limits{}.part_idle_max;

// Parts of two tasks, and memory for none that is not worked on just now.
Limits without_memory() {
  Limits limits;
  limits.part_size = 2;
  limits.part_bytes_max = 0;
  return limits;
}
Limits small_parts() {
  Limits limits;
  limits.part_size = 2;
  return limits;
}
ProjectSpec answers_each(std::int32_t answers) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {answers, answers, 1};
  return spec;
}

struct Crowded : Market {
  explicit Crowded(const Limits& limits) : Market(limits) {}
  AccountId ann = worker("ann");
  AccountId ben = worker("ben");

  [[nodiscard]] bool is_in_memory(PartId part) const { return world.core.find(part) != nullptr; }
  // All parts of projects leave; those with earnings when these have arrived.
  void empty_memory() {
    for (int i = 0; i < 3; ++i) static_cast<void>(world.put_away_after(idle));
    world.asked_for.clear();
  }
  [[nodiscard]] std::vector<std::int64_t> item_numbers(const Tasks& tasks) const {
    std::vector<std::int64_t> numbers;
    for (const TaskOffer& task : tasks.tasks) numbers.push_back(task.item_no.value());
    return numbers;
  }
};

using Numbers = std::vector<std::int64_t>;
using Parts = std::vector<PartId>;

}  // namespace

TEST_CASE("a part that nobody needs leaves memory, and is read again for a worker who pulls") {
  Crowded market(small_parts());
  const ProjectId project = market.open(answers_each(1), 4);
  market.empty_memory();
  CHECK_FALSE(market.is_in_memory(part_of(project, 1)));
  CHECK_FALSE(market.is_in_memory(part_of(project, 2)));
  CHECK_FALSE(market.is_in_memory(control_part_of(project)));

  CHECK(market.item_numbers(market.pull("ann", project)) == Numbers{1});
  // Half of it is left: the next one is read ahead.
  CHECK(market.world.asked_for == Parts{part_of(project, 1), part_of(project, 2)});
  CHECK(market.item_numbers(market.world.get<Tasks>("ben", Pull{})) == Numbers{2});
}

TEST_CASE("without memory to spare all but what is worked on leaves, what was needed longest ago first") {
  Crowded market(without_memory());
  const ProjectId one = market.open(answers_each(2), 2);
  market.pass(moment);
  const ProjectId two = market.open(answers_each(2), 2);
  const PartId first = part_of(one, 1);
  CHECK(market.world.put_away_after(just_before(second)).empty() == false);  // `one`, a moment older.
  CHECK_FALSE(market.is_in_memory(first));
  CHECK(market.is_in_memory(part_of(two, 1)));
  static_cast<void>(market.lease("ann", one));
  CHECK(market.world.put_away_after(moment) == Parts{control_part_of(two), part_of(two, 1)});
  CHECK(market.is_in_memory(first));
}

TEST_CASE("a part whose task a worker has stays, unless memory is short; then the lease is not forgotten") {
  const bool is_short = GENERATE(false, true);
  Limits limits = is_short ? without_memory() : small_parts();
  limits.leases_per_worker_max = 2;
  Crowded market(limits);
  ProjectSpec spec = answers_each(1);
  spec.lease = hour;
  const ProjectId project = market.open(spec, 6);
  const Tasks had = std::get<Tasks>(market.world.send("ann", Pull{project, 2, {}, 0}, 777).at(0));
  REQUIRE(had.tasks.size() == 2);
  market.empty_memory();
  CHECK(market.is_in_memory(part_of(project, 1)) == !is_short);

  CHECK(market.pull("ann", project).no_work == NoWork::too_many_leases);
  // The same request again, because its reply was lost.
  const Tasks again = std::get<Tasks>(market.world.send("ann", Pull{project, 2, {}, 0}, 777).at(0));
  CHECK(market.item_numbers(again) == market.item_numbers(had));
  CHECK(market.answer("ann", had.tasks[1].assignment).accepted);
  CHECK(market.item_numbers(market.pull("ann", project, 2)) == Numbers{3});
}

TEST_CASE("a submit that is sent again finds the tasks that it got, though their part has left memory") {
  Crowded market(without_memory());
  const ProjectId project = market.open(answers_each(1), 4);
  const AssignmentId first = market.lease("ann", project);
  Submit submit;
  submit.answers.push_back({first, {{"bird", {"bunting"}}}});
  submit.next = 1;
  submit.project = project;
  const auto got = std::get<Submitted>(market.world.send("ann", submit, 777).at(0));
  market.empty_memory();
  const auto again = std::get<Submitted>(market.world.send("ann", submit, 777).at(0));
  REQUIRE(again.tasks.size() == 1);
  CHECK(again.tasks.at(0).assignment == got.tasks.at(0).assignment);
  CHECK(again.outcomes.at(0).paid == got.outcomes.at(0).paid);
}

TEST_CASE("earnings go to wallets before a part leaves, and it leaves when they have arrived") {
  Crowded market(small_parts());
  const ProjectId project = market.open(answers_each(1), 2);
  const PartId part = part_of(project, 1);
  static_cast<void>(market.work("ann", project));
  CHECK(market.world.wallet(market.ann) == Micros{0});
  market.world.hold_forgets = true;
  CHECK(market.world.put_away_after(idle) == Parts{control_part_of(project)});
  CHECK(market.world.wallet(market.ann) == Micros{10'000});
  CHECK(market.world.put_away_after(idle).empty());
  market.world.release_forgets();
  CHECK(market.world.put_away_after(moment) == Parts{part});
  // Once.
  static_cast<void>(market.world.load(part));
  CHECK(market.world.put_away_after(idle) == Parts{part});
  CHECK(market.world.wallet(market.ann) == Micros{10'000});
}

TEST_CASE("a worker is not offered a task again that they had before its part left memory") {
  Crowded market(small_parts());
  const ProjectId project = market.open(answers_each(2), 4);
  for (const Numbers& expected : {Numbers{1}, Numbers{2}, Numbers{3}, Numbers{4}}) {
    const Tasks tasks = market.pull("ann", project);
    CHECK(market.item_numbers(tasks) == expected);
    CHECK(market.answer("ann", tasks.tasks.at(0).assignment).accepted);
    market.empty_memory();
  }
  CHECK(market.pull("ann", project).no_work == NoWork::had_every_task);
  // Where there is nothing for this worker nothing is read a second time.
  market.empty_memory();
  CHECK(market.pull("ann", project).no_work == NoWork::had_every_task);
  CHECK(market.world.asked_for.empty());
  CHECK(market.item_numbers(market.pull("ben", project)) == Numbers{1});
}

TEST_CASE("parts without a free place are not read for a pull") {
  Crowded market(without_memory());
  const ProjectId project = market.open(answers_each(1), 6);
  CHECK(market.pull("ben", project, 4).tasks.size() == 4);
  market.empty_memory();
  CHECK(market.item_numbers(market.pull("ann", project)) == Numbers{5});
  CHECK(market.world.asked_for == Parts{part_of(project, 3)});
}

TEST_CASE(
    "a place that is freed in a part that is not in memory reaches a worker who waits, and one who has passed it") {
  Crowded market(without_memory());
  const ProjectId project = market.open(answers_each(1), 2);
  const AssignmentId of_ben = market.pull("ben", project, 2).tasks.at(0).assignment;
  const bool waits = GENERATE(true, false);
  if (waits) {
    CHECK(market.world.ask("ann", Pull{project, 1, {}, 60'000}).empty());
  } else {
    CHECK(market.pull("ann", project).no_work == NoWork::all_tasks_taken);
  }
  market.empty_memory();
  REQUIRE_FALSE(market.is_in_memory(part_of(project, 1)));
  if (waits) CHECK(market.world.core.waiting_pulls() == 0);  // For a minute at most.
  if (waits) CHECK(market.world.ask("ann", Pull{project, 1, {}, 60'000}).empty());
  const std::vector<Reply> replies = market.world.ask("ben", HandBack{of_ben, HandBackHow::returned});
  if (waits) {
    REQUIRE(replies.size() == 2);
    CHECK(std::get<Tasks>(replies.at(1)).tasks.at(0).item_no == 1);
  } else {
    CHECK(market.item_numbers(market.pull("ann", project)) == Numbers{1});
  }
}

TEST_CASE("waiting workers do not have parts read again and again") {
  Crowded market(without_memory());
  const ProjectId project = market.open(answers_each(2), 4);
  for (int i = 0; i < 4; ++i) static_cast<void>(market.work("ann", project));
  CHECK(market.world.ask("ann", Pull{project, 1, {}, 60'000}).empty());
  market.empty_memory();
  CHECK(market.world.ask("ann", Pull{project, 1, {}, 60'000}).empty());
  // Others go on, so there is news all the time.
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(market.work("ben", project));
    static_cast<void>(market.world.put_away_after(second));
  }
  const auto times = [&](std::int64_t part_no) {
    return std::count(market.world.asked_for.begin(), market.world.asked_for.end(), part_of(project, part_no));
  };
  CHECK(times(1) <= 2);  // For Ben, who answers two tasks of each.
  CHECK(times(2) <= 3);  // And once ahead.
}

TEST_CASE(
    "a part that left while its project was posted is read for its money in between, or at once when it is asked for") {
  Parts at_once;
  Parts in_between;
  Market market(small_parts(), [&](World&, const Effects& effects) {
    at_once.insert(at_once.end(), effects.load.begin(), effects.load.end());
    in_between.insert(in_between.end(), effects.load_in_between.begin(), effects.load_in_between.end());
  });
  static_cast<void>(market.worker("ann"));
  ProjectSpec spec = answers_each(1);
  spec.pull_by_item = true;
  const ProjectId project = market.announce(spec, 4);
  const PartId first = part_of(project, 1);
  market.post(project, 1, 2);
  CHECK(market.world.put_away_after(idle) == Parts{control_part_of(project), first});
  at_once.clear();
  in_between.clear();
  market.world.hold_loads = true;
  CHECK(market.world.ask("req", PostItems{project, 3, {{{"a picture"}, {}}, {{"a picture"}, {}}}}).empty());
  CHECK(at_once == Parts{control_part_of(project)});
  static_cast<void>(market.world.release_loads());
  CHECK(in_between == Parts{first});
  CHECK(market.tasks(project, 1).state == PartState::open);
}

TEST_CASE("who asks for a part that is to be read in between has it read at once") {
  std::size_t at_once = 0;
  Market market(small_parts(), [&](World&, const Effects& effects) { at_once += effects.load.size(); });
  static_cast<void>(market.worker("ann"));
  ProjectSpec spec = answers_each(1);
  spec.pull_by_item = true;
  const ProjectId project = market.announce(spec, 4);
  market.post(project, 1, 2);
  CHECK(market.world.put_away_after(idle).size() == 2);
  static_cast<void>(market.world.load(control_part_of(project)));
  static_cast<void>(market.world.load(part_of(project, 2)));
  market.world.hold_loads = true;
  market.post(project, 3, 2);
  at_once = 0;
  CHECK(market.world.ask("ann", Pull{project, 1, {1}, 0}).empty());
  CHECK(at_once == 1);
  const std::vector<Reply> replies = market.world.release_loads();
  REQUIRE_FALSE(replies.empty());
  CHECK(std::get<Tasks>(replies.at(0)).tasks.size() == 1);
}

TEST_CASE("mail under way, a command that waits and what is due hold a part in memory") {
  Crowded market(small_parts());
  ProjectSpec spec = answers_each(1);
  spec.lease = hour;
  const ProjectId project = market.open(spec, 2);
  const PartId part = part_of(project, 1);
  SECTION("mail") {
    market.world.hold_deliveries = true;
    static_cast<void>(market.work("ann", project));
    static_cast<void>(market.work("ann", project));
    CHECK(market.tasks(project).state == PartState::done);
    CHECK(market.world.put_away_after(hour) == Parts{control_part_of(project)});
    market.world.release_deliveries();
    CHECK(market.world.put_away_after(hour) == Parts{control_part_of(project), part});
  }
  SECTION("what is due") {
    static_cast<void>(market.lease("ann", project));
    market.world.now = market.world.now + hour;
    for (const PartId leaving : market.world.core.leavers(market.world.now)) CHECK(leaving != part);
    market.pass(moment);
    CHECK(market.tasks(project).live == 0);
    CHECK(market.world.put_away_after(idle) == Parts{control_part_of(project), part});
  }
}

TEST_CASE("a project that everybody is through with closes, though memory is short") {
  Limits limits = without_memory();
  Crowded market(limits);
  ProjectSpec spec = answers_each(1);
  spec.tasks_per_worker_max = 1;
  spec.patience = hour;
  const ProjectId project = market.open(spec, 6);
  static_cast<void>(market.work("ann", project));
  static_cast<void>(market.work("ben", project));
  for (int i = 0; i < 40; ++i) static_cast<void>(market.world.put_away_after(Duration{hour.ms / 20}));
  for (std::int64_t no = 1; no <= 3; ++no) {
    const auto changed = market.world.records_of<PartStateChanged>(part_of(project, no));
    REQUIRE_FALSE(changed.empty());
    CHECK(changed.back().state == PartState::done);
  }
}

namespace {

// Does the same in any market of the same seed: what workers do, and how the clock goes.
class Actor {
 public:
  Actor(unsigned seed, std::int32_t answers, std::int32_t answers_max, bool is_calm) : random_(seed), calm_(is_calm) {
    Limits limits;
    limits.part_size = 3;
    limits.leases_per_worker_max = 6;
    limits.part_bytes_max = 0;
    market = std::make_unique<Crowded>(limits);
    for (const char* name : {"cem", "dan", "eva"}) static_cast<void>(market->worker(name));
    ProjectSpec spec = simple_spec();
    spec.redundancy = {answers, answers_max, 2};
    spec.lease = Duration{300'000};
    for (int i = 0; i < 3; ++i) projects.push_back(market->open(spec, 5 + i * 6));
  }

  // What the step came to, as the client sees it.
  std::string step() {
    static const std::vector<std::string> workers{"ann", "ben", "cem", "dan", "eva"};
    static const std::vector<std::string> birds{"bunting", "grosbeak", "other"};
    const std::string& key = workers[below(workers.size())];
    const std::size_t what = below(8);
    const auto project = projects[below(projects.size())];
    // More than one would be as many as there are in memory.
    const auto count = static_cast<std::int64_t>(1 + (calm_ ? 0 : below(4)));
    const std::string& bird = calm_ ? birds[0] : birds[below(3)];
    const std::size_t which = below(1000);
    std::vector<std::pair<AssignmentId, std::int64_t>>& mine = held[key];
    if (what < 3) return pull(key, project, count);
    if (mine.empty() || what == 7) {
      market->pass(Duration{calm_ ? 1'000 : static_cast<std::int64_t>(which * 200)});
      return "passed";
    }
    const AssignmentId lease = mine[which % mine.size()].first;
    std::erase_if(mine, [&](const auto& one) { return one.first == lease; });
    if (what == 6 && !calm_) {
      return text_of(market->world.ask(key, HandBack{lease, HandBackHow::skipped}));
    }
    Submit submit;
    submit.answers.push_back({lease, {{"bird", {bird}}}});
    return text_of(market->world.ask(key, submit));
  }

  std::unique_ptr<Crowded> market;
  std::vector<ProjectId> projects;
  std::map<std::string, std::vector<std::pair<AssignmentId, std::int64_t>>> held;
  std::map<std::string, std::set<TaskId>> offered;

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  std::string pull(const std::string& key, ProjectId project, std::int64_t count) {
    const Tasks tasks = market->pull(key, project, count);
    for (const TaskOffer& task : tasks.tasks) {
      held[key].emplace_back(task.assignment, task.item_no.value());
      REQUIRE(offered[key].insert(task.task.value()).second);  // Never twice.
    }
    if (tasks.no_work == NoWork::all_tasks_taken || tasks.no_work == NoWork::had_every_task) {
      REQUIRE_FALSE(is_there_work(key, project));
    }
    return text_of({tasks});
  }
  // By the records alone.
  [[nodiscard]] bool is_there_work(const std::string& key, ProjectId project) const {
    for (const auto& [id, records] : market->world.journal) {
      if (!is_task_part(id) || project_of(id) != project) continue;
      Part part = empty_part(id);
      for (const Record& record : records) fold(part, record);
      if (part.tasks().state != PartState::open) continue;
      for (std::size_t i = 0; i < part.tasks().tasks.size(); ++i) {
        const TaskId task{id, static_cast<std::int32_t>(i + 1)};
        const auto had = offered.find(key);
        if (part.tasks().tasks[i].free_places() > 0 && (had == offered.end() || !had->second.contains(task))) {
          return true;
        }
      }
    }
    return false;
  }
  static std::string text_of(const std::vector<Reply>& replies) {
    std::string text;
    for (const Reply& reply : replies) text += codec::to_json(reply).dump() + "\n";
    return text;
  }

  std::mt19937 random_;
  bool calm_;
};

}  // namespace

TEST_CASE("with parts that leave whenever they may, every reply is what it is with all parts in memory") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    Actor keeps(seed, 3, 3, true);
    Actor leaves(seed, 3, 3, true);
    leaves.market->world.drop_idle = true;
    for (int step = 0; step < 250; ++step) {
      INFO("step " << step);
      REQUIRE(leaves.step() == keeps.step());
    }
    CHECK(leaves.market->world.asked_for.size() > 20);
  }
}

TEST_CASE("parts that leave at random lose nothing: no task twice, no task missed, no money lost") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Actor actor(seed, 2, 4, false);
    World& world = actor.market->world;
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed) * 31);
    for (int step = 0; step < 250; ++step) {
      INFO("step " << step);
      static_cast<void>(actor.step());
      const auto leaving = random() % 3 == 0 ? world.core.leavers(world.now) : std::vector<PartId>();
      for (const PartId part : leaving) {
        if (random() % 2 == 0) world.core.put_away(part);
      }
      // Some are not only put away: what they decided last is as it was, and they are read again at once.
      const std::vector<PartId> loaded = world.core.loaded();
      if (random() % 8 == 0) world.reload(loaded[random() % loaded.size()]);
    }
    for (const auto& [id, records] : world.journal) {
      if (world.core.find(id) == nullptr) static_cast<void>(world.load(id));
    }
    CHECK(world.sum() == Micros{0});
  }
}

TEST_CASE("a worker who was past a part finds a place that is freed there after the catalogue was read anew") {
  Crowded market(small_parts());
  const ProjectId project = market.open(answers_each(1), 4);
  const Tasks first = market.pull("ann", project);
  REQUIRE(market.item_numbers(first) == Numbers{1});
  REQUIRE(market.item_numbers(market.pull("ben", project, 10)) == Numbers{2, 3, 4});

  CatalogueEntry entry;
  entry.owner = market.requester;
  entry.state = ProjectState::open;
  entry.part_size = 2;
  entry.items = 4;
  entry.open_parts = OpenParts({1, 2});
  market.world.core.add_to_catalogue(project, std::move(entry));
  // Of the parts in memory it is still known that they have no place.
  CHECK(market.pull("ben", project).no_work == NoWork::all_tasks_taken);

  market.done("ann", HandBack{first.tasks[0].assignment, HandBackHow::returned});
  CHECK(market.item_numbers(market.pull("ben", project)) == Numbers{1});
}

TEST_CASE("mail for a part that was not there, and that another broker has made meanwhile, finds it") {
  Crowded market(small_parts());
  const ProjectId project = market.open(answers_each(1), 2);
  const PartId part = part_of(project, 1);
  market.empty_memory();
  static_cast<void>(market.world.run(PartLoaded{part, false, {}, {}, {}, {}, 0}));
  market.change(project, ProjectAction::cancel);
  REQUIRE(market.is_in_memory(part));
  CHECK(market.world.core.find(part)->tasks().state == PartState::done);
  CHECK(market.world.sum() == Micros{0});
}

}  // namespace tally::core
