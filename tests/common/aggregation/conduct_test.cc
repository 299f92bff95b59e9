// Signals about workers: each is found where it is, and not where it is not.
#include "common/aggregation/conduct/conduct.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>

#include "common/aggregation/conduct/tails.h"
#include "tests/common/aggregation/simulated_crowd.h"

using namespace tally::aggregation::conduct;
using tally::aggregation::labels::unknown;

namespace {

bool has(const Conduct& conduct, std::int32_t worker, SignalKind kind) {
  return std::any_of(conduct.signals.begin(), conduct.signals.end(),
                     [&](const Signal& signal) { return signal.worker == worker && signal.kind == kind; });
}

std::vector<std::int32_t> workers_of(const SimulatedCrowd& crowd, Manner manner) {
  std::vector<std::int32_t> workers;
  for (std::size_t i = 0; i < crowd.manners.size(); ++i) {
    if (crowd.manners[i] == manner) workers.push_back(static_cast<std::int32_t>(i));
  }
  return workers;
}

// A crowd of one size that all looks, and what a test makes of it.
CrowdPlan honest() {
  CrowdPlan plan;
  plan.spammers = 0;
  plan.ring = 0;
  return plan;
}

// The answers of one worker to all tasks of a crowd, by a rule.
template <typename Rule>
void answer_all(SimulatedCrowd& crowd, std::int32_t worker, std::int32_t tasks, const Rule& rule) {
  std::erase_if(crowd.answers, [&](const Answer& answer) { return answer.worker == worker; });
  for (std::int32_t task = 0; task < tasks; ++task) crowd.answers.push_back({task, worker, rule(task), 0});
}

bool is_same(const Signal& a, const Signal& b) {
  return a.kind == b.kind && a.worker == b.worker && a.label == b.label && a.count == b.count && a.of == b.of &&
         a.log10_p == b.log10_p;
}

Found found_in(const CrowdPlan& plan, std::uint64_t seed) {
  const SimulatedCrowd crowd = simulated_crowd(plan, seed);
  return compare(crowd, conduct_of(crowd.input()));
}

Found over_seeds(const CrowdPlan& plan, std::uint64_t seeds) {
  Found sum;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) sum.add(found_in(plan, seed));
  return sum;
}

std::string numbered(std::int32_t number) { return "w" + std::to_string(number); }
std::string lettered(std::int32_t label) { return {static_cast<char>('a' + label)}; }

}  // namespace

TEST_CASE("a project without answers has conduct, and nothing to say") {
  CHECK(conduct_of({}).workers.empty());
  const Conduct conduct = conduct_of({.size = {3, 2, 2}});
  REQUIRE(conduct.workers.size() == 2);
  CHECK(conduct.workers[0].answers == 0);
  CHECK_FALSE(conduct.workers[0].beyond_chance);
  CHECK_FALSE(conduct.workers[0].pace);
  CHECK(conduct.workers[0].agreement.interval.low == 0);
  CHECK(conduct.workers[0].agreement.interval.high == 1);
  CHECK(conduct.signals.empty());
}

TEST_CASE("one worker alone is compared with nobody") {
  std::vector<Answer> answers;
  answers.reserve(100);
  for (std::int32_t task = 0; task < 100; ++task) answers.push_back({task, 0, 0, 3});
  const Conduct conduct = conduct_of({.size = {100, 1, 2}, .answers = answers});
  CHECK(conduct.workers[0].answers == 100);
  CHECK(conduct.workers[0].shared == 0);
  CHECK(conduct.workers[0].agreement.count == 0);
  CHECK(conduct.workers[0].pace == Approx(1));
  CHECK(conduct.signals.empty());
}

TEST_CASE("one answer a task gives no signal") {
  std::vector<Answer> answers;
  answers.reserve(200);
  for (std::int32_t task = 0; task < 200; ++task) answers.push_back({task, task % 4, 0, 0});
  const Conduct conduct = conduct_of({.size = {200, 4, 2}, .answers = answers});
  CHECK(conduct.workers_judged == 0);
  CHECK(conduct.signals.empty());
}

TEST_CASE("unanimous workers are not accused of always giving the same") {
  std::vector<Answer> answers;
  for (std::int32_t task = 0; task < 200; ++task) {
    for (std::int32_t worker = 0; worker < 5; ++worker) answers.push_back({task, worker, 1, 0});
  }
  const Conduct conduct = conduct_of({.size = {200, 5, 3}, .answers = answers, .first_option = 1});
  CHECK(conduct.workers[0].agreement.right == 200);
  CHECK_FALSE(conduct.workers[0].beyond_chance);
  CHECK(conduct.signals.empty());
  CHECK(conduct.alike.empty());
}

TEST_CASE("unanimous workers who tell labels apart are no ring") {
  std::vector<Answer> answers;
  for (std::int32_t task = 0; task < 200; ++task) {
    for (std::int32_t worker = 0; worker < 5; ++worker) answers.push_back({task, worker, task % 3, 0});
  }
  const Conduct conduct = conduct_of({.size = {200, 5, 3}, .answers = answers});
  REQUIRE(conduct.workers[0].beyond_chance);
  CHECK(conduct.workers[0].beyond_chance->value == Approx(1));
  CHECK(conduct.signals.empty());
  CHECK(conduct.rings.empty());
}

TEST_CASE("where the others tie, nothing is compared") {
  const std::vector<Answer> answers = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 2, 1, 0}};
  const Conduct conduct = conduct_of({.size = {1, 3, 2}, .answers = answers});
  CHECK(conduct.workers[0].agreement.count == 0);
  CHECK(conduct.workers[1].agreement.count == 0);
  CHECK(conduct.workers[2].agreement.count == 1);
  CHECK(conduct.workers[2].agreement.right == 0);
}

TEST_CASE("the confusion table is against what is believed, else gold, else the plurality") {
  const std::vector<Answer> answers = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 2, 1, 0}, {1, 0, 1, 0}};
  const std::vector<std::int32_t> gold = {unknown, 0};
  const std::vector<std::int32_t> believed = {1, unknown};
  const ConductInput by_votes{.size = {2, 3, 2}, .answers = answers, .gold = gold};
  // [worker][given][believed]
  CHECK(conduct_of(by_votes).confusion == std::vector<std::int64_t>{1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0});
  const ConductInput by_method{.size = {2, 3, 2}, .answers = answers, .gold = gold, .believed = believed};
  CHECK(conduct_of(by_method).confusion == std::vector<std::int64_t>{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1});
  CHECK(conduct_of(by_method).workers[0].accuracy.count == 1);
  CHECK(conduct_of(by_method).workers[0].accuracy.right == 0);
}

TEST_CASE("of a worker's answers to one task the last counts") {
  const std::vector<Answer> answers = {{0, 0, 0, 0}, {0, 1, 1, 0}, {0, 0, 1, 0}};
  const Conduct conduct = conduct_of({.size = {1, 2, 2}, .answers = answers});
  CHECK(conduct.workers[0].answers == 1);
  CHECK(conduct.workers[0].agreement.right == 1);
}

TEST_CASE("kappa and its standard error are those of the published example") {
  // Fleiss, Cohen and Everitt 1969, table 1, of 200 diagnoses by two raters (without weights): kappa 0.429.
  const std::vector<std::vector<int>> table = {{106, 10, 4}, {22, 28, 10}, {2, 12, 6}};
  std::vector<Answer> answers;
  std::vector<std::int32_t> gold;
  for (std::int32_t given = 0; given < 3; ++given) {
    for (std::int32_t right = 0; right < 3; ++right) {
      for (int i = 0; i < table[std::size_t(given)][std::size_t(right)]; ++i) {
        answers.push_back({static_cast<std::int32_t>(gold.size()), 0, given, 0});
        gold.push_back(right);
      }
    }
  }
  const Conduct conduct = conduct_of({.size = {200, 1, 3}, .answers = answers, .gold = gold});
  REQUIRE(conduct.workers[0].beyond_chance);
  CHECK(conduct.workers[0].beyond_chance->compared == 200);
  CHECK(conduct.workers[0].beyond_chance->value == Approx(0.429).margin(0.001));
  CHECK(conduct.workers[0].beyond_chance->standard_error == Approx(0.0536).margin(0.001));
}

TEST_CASE("the order of the answers changes nothing") {
  SimulatedCrowd crowd = simulated_crowd({.gold = 0.1, .is_timed = true}, 3);
  const Conduct before = conduct_of(crowd.input());
  std::mt19937_64 random(1);
  std::shuffle(crowd.answers.begin(), crowd.answers.end(), random);
  const Conduct after = conduct_of(crowd.input());
  CHECK(std::equal(before.signals.begin(), before.signals.end(), after.signals.begin(), after.signals.end(), is_same));
  CHECK(before.confusion == after.confusion);
  CHECK(before.alike == after.alike);
}

TEST_CASE("a constant worker is found, and named always-first where the label is the form's first option") {
  SimulatedCrowd crowd = simulated_crowd(honest(), 1);
  answer_all(crowd, 3, 60, [](std::int32_t) { return 2; });
  answer_all(crowd, 4, 60, [](std::int32_t) { return 0; });
  const Conduct conduct = conduct_of(crowd.input());
  CHECK(has(conduct, 3, SignalKind::constant));
  CHECK(has(conduct, 4, SignalKind::always_first));
  CHECK(conduct.signals.size() == 2);

  ConductInput shuffled_form = crowd.input();
  shuffled_form.first_option = unknown;
  CHECK(has(conduct_of(shuffled_form), 4, SignalKind::constant));
}

TEST_CASE("a worker whose one label the others confirm is not called constant") {
  SimulatedCrowd crowd = simulated_crowd(honest(), 2);
  std::erase_if(crowd.answers, [](const Answer& answer) { return answer.worker == 5; });
  for (std::int32_t task = 0; task < crowd.plan.tasks; ++task) {
    if (crowd.truth[static_cast<std::size_t>(task)] == 1) crowd.answers.push_back({task, 5, 1, 0});
  }
  CHECK(conduct_of(crowd.input()).signals.empty());
}

TEST_CASE("a worker who answers at random is found, and one who is only weak is not") {
  SimulatedCrowd crowd = simulated_crowd(honest(), 4);
  std::mt19937_64 random(7);
  answer_all(crowd, 8, 100, [&](std::int32_t) { return static_cast<std::int32_t>(random() % 4); });
  answer_all(crowd, 9, 100, [&](std::int32_t task) {
    return random() % 2 == 0 ? crowd.truth[static_cast<std::size_t>(task)] : static_cast<std::int32_t>(random() % 4);
  });
  const Conduct conduct = conduct_of(crowd.input());
  CHECK(has(conduct, 8, SignalKind::random));
  CHECK(conduct.signals.size() == 1);
}

TEST_CASE("who has answered little is not judged") {
  SimulatedCrowd crowd = simulated_crowd(honest(), 5);
  answer_all(crowd, 3, answers_judged_min - 1, [](std::int32_t) { return 2; });
  CHECK(conduct_of(crowd.input()).signals.empty());
}

TEST_CASE("in a crowd that all answers at random nobody is singled out") {
  CrowdPlan plan = honest();
  plan.skill_min = plan.skill_max = 0.25;
  CHECK(conduct_of(simulated_crowd(plan, 1).input()).signals.empty());
}

TEST_CASE("who is far faster than the others is found, and who is twice as fast is not") {
  CrowdPlan plan = honest();
  plan.is_timed = true;
  SimulatedCrowd crowd = simulated_crowd(plan, 6);
  for (Answer& answer : crowd.answers) {
    if (answer.worker == 1) answer.seconds /= 10;
    if (answer.worker == 2) answer.seconds /= 2;
  }
  const Conduct conduct = conduct_of(crowd.input());
  CHECK(has(conduct, 1, SignalKind::too_fast));
  CHECK(conduct.signals.size() == 1);
  CHECK(conduct.workers[1].pace.value() == Approx(0.1).epsilon(0.5));
  CHECK(conduct.workers[2].pace.value() == Approx(0.5).epsilon(0.5));
  // The same, whatever they answered.
  for (Answer& answer : crowd.answers) answer.label = 0;
  const Conduct paces = pace_of(crowd.input());
  REQUIRE(paces.signals.size() == 1);
  CHECK(has(paces, 1, SignalKind::too_fast));
  for (std::size_t no = 0; no < paces.workers.size(); ++no) CHECK(paces.workers[no].pace == conduct.workers[no].pace);
}

TEST_CASE("a worker's pace is by the median of the others, or of the project where few are timed") {
  const std::vector<Answer> answers = {{0, 0, 0, 1}, {0, 1, 0, 4}, {0, 2, 0, 8}, {0, 3, 0, 10},
                                       {1, 1, 0, 6}, {1, 2, 0, 0}, {2, 2, 0, 0}};
  const Conduct conduct = conduct_of({.size = {3, 4, 1}, .answers = answers});
  CHECK(conduct.workers[0].pace.value() == Approx(1.0 / 8));
  // 4 of the median 8 of the others; 6 of the project's 6.
  CHECK(conduct.workers[1].pace.value() == Approx(0.75));
  CHECK(conduct.workers[2].timed == 1);
}

TEST_CASE("a ring of five is joined, and nobody else is in it") {
  const SimulatedCrowd crowd = simulated_crowd({}, 1);
  const Conduct conduct = conduct_of(crowd.input());
  REQUIRE(conduct.rings.size() == 1);
  CHECK(conduct.rings[0].workers == workers_of(crowd, Manner::copies));
  CHECK(conduct.alike == std::vector<std::vector<std::int32_t>>{conduct.rings[0].workers});
  for (const std::int32_t worker : conduct.rings[0].workers) CHECK(has(conduct, worker, SignalKind::copying));
  for (const Pair& pair : conduct.rings[0].pairs) CHECK(static_cast<double>(pair.agreed_wrong) > 2 * pair.expected);
}

TEST_CASE("constant workers, who agree on wrong answers all the time, are no ring") {
  CrowdPlan plan;
  plan.spammers = 0.4;
  plan.ring = 0;
  const Found found = over_seeds(plan, 5);
  CHECK(found.rings == 0);
}

TEST_CASE("tasks that tempt all to the same mistake make no ring") {
  CrowdPlan plan = honest();
  plan.tempting = 0.3;
  plan.labels = GENERATE(2, 4);
  CHECK(over_seeds(plan, 5).rings == 0);
}

TEST_CASE("a few good workers in a weak crowd are no ring") {
  CrowdPlan plan = honest();
  plan.skill_min = plan.skill_max = 0.45;
  plan.workers = 20;
  plan.tasks = 1000;
  plan.experts = GENERATE(4, 5, 8);
  CHECK(over_seeds(plan, 3).lookers_called_copying == 0);
}

TEST_CASE("a ring that has all answers of its tasks is alike without gold, and a ring with it") {
  CrowdPlan plan;
  plan.answers_min = plan.answers_max = 5;
  plan.ring = 7;
  plan.ring_of_task = 5;
  plan.ring_tasks = 200;
  const Found without = over_seeds(plan, 3);
  CHECK(without.ring_found == 0);
  CHECK(without.ring_alike == without.ring);
  CHECK(without.lookers_alike == 0);
  plan.gold = 0.3;
  const Found with = over_seeds(plan, 3);
  CHECK(with.ring_found == with.ring);
  CHECK(with.lookers_called_copying == 0);
}

TEST_CASE("spammers and a ring are found in a simulated pool, and nobody who looks is accused") {
  const Found found = over_seeds({}, 10);
  CHECK(found.spammers_found >= found.spammers * 9 / 10);
  CHECK(found.spammers_named_right == found.spammers_found);
  CHECK(found.ring_found >= found.ring * 9 / 10);
  CHECK(found.ring_alike == found.ring);
  CHECK(found.lookers_accused == 0);
}

TEST_CASE("each signal has a reason for the admin, and one for the worker that names nobody else") {
  CrowdPlan plan;
  plan.is_timed = true;
  const SimulatedCrowd crowd = simulated_crowd(plan, 1);
  const Conduct conduct = conduct_of(crowd.input());
  std::vector<bool> is_met(tally::EnumNames<SignalKind>::names.size());
  for (const Signal& signal : conduct.signals) {
    is_met[static_cast<std::size_t>(signal.kind)] = true;
    const Reason reason = reason_of(signal, conduct, numbered, lettered);
    INFO(reason.for_admin << '\n' << reason.for_worker);
    CHECK(reason.for_admin.find(numbered(signal.worker)) == 0);
    CHECK(reason.for_admin.find("p < 1e-") != std::string::npos);
    CHECK(reason.for_worker.find(std::to_string(signal.count)) != std::string::npos);
    for (std::int32_t worker = 0; worker < plan.workers; ++worker) {
      CHECK(reason.for_worker.find(numbered(worker) + " ") == std::string::npos);
    }
  }
  CHECK(std::count(is_met.begin(), is_met.end(), true) == 5);
}

TEST_CASE("tails are those of their distributions") {
  CHECK(log10_binomial_or_more(0, 10, 0.5) == 0);
  CHECK(log10_binomial_or_more(10, 10, 0.5) == Approx(10 * std::log10(0.5)));
  CHECK(std::pow(10, log10_binomial_or_more(3, 10, 0.2)) == Approx(0.3222).margin(1e-4));
  CHECK(std::pow(10, log10_binomial_or_less(3, 10, 0.2)) == Approx(0.8791).margin(1e-4));
  CHECK(log10_binomial_or_more(900, 1000, 0.1) < -600);
  // Poisson's of mean 2: 1 - e^-2 (1 + 2 + 2).
  CHECK(std::pow(10, log10_count_or_more(3, 2, dispersion_min)) == Approx(0.3233).margin(1e-4));
  // Geometric: a dispersion of 1 gives (mean / (1 + mean))^count.
  CHECK(std::pow(10, log10_count_or_more(4, 3, 1)) == Approx(std::pow(0.75, 4)));
  CHECK(std::pow(10, log10_normal_or_more(1.959963984540054)) == Approx(0.025));
  CHECK(log10_normal_or_more(30.001) == Approx(log10_normal_or_more(29.999)).epsilon(1e-3));
}

TEST_CASE("what stands at a level depends on how many were tested") {
  const std::vector<double> log10_p = {-1, -3, -2.05, -5};
  CHECK(holm(log10_p, 4, 0.01) == std::vector<std::size_t>{3, 1});
  CHECK(holm(log10_p, 1000, 0.01) == std::vector<std::size_t>{3});
  CHECK(benjamini_hochberg(log10_p, 4, 0.02) == std::vector<std::size_t>{3, 1, 2});
  CHECK(holm({}, 0, 0.01).empty());
}

namespace {

void print_row(const std::string& name, const CrowdPlan& plan) {
  constexpr std::uint64_t seeds = 100;
  const Found found = over_seeds(plan, seeds);
  const auto percent = [](int part, int of) {
    std::ostringstream text;
    if (of == 0) return std::string("-");
    text << std::fixed << std::setprecision(part == 0 || part == of ? 0 : 2) << 100.0 * part / of;
    return text.str();
  };
  std::cout << "| " << name << " | " << percent(found.spammers_found, found.spammers) << " | "
            << percent(found.ring_found, found.ring) << " | " << percent(found.ring_alike, found.ring) << " | "
            << found.lookers_accused << " of " << found.lookers << " | " << found.lookers_called_copying << " | "
            << found.lookers_alike << " |\n";
}

CrowdPlan changed(CrowdPlan plan, const std::function<void(CrowdPlan&)>& change) {
  change(plan);
  return plan;
}

}  // namespace

TEST_CASE("the table of docs/conduct.md", "[.figures]") {
  std::cout
      << "| pool | spammers found % | ring found % | ring alike % | accused who look | of them copying | alike |\n"
         "|---|---:|---:|---:|---:|---:|---:|\n";
  const CrowdPlan base;
  print_row("30 % spammers, a ring of five", base);
  print_row("the same, timed", changed(base, [](CrowdPlan& p) { p.is_timed = true; }));
  print_row("the same, three tenths of tasks tempting", changed(base, [](CrowdPlan& p) { p.tempting = 0.3; }));
  print_row("the same, two labels", changed(base, [](CrowdPlan& p) { p.labels = 2; }));
  print_row("45 % spammers, a ring of five", changed(base, [](CrowdPlan& p) { p.spammers = 0.45; }));
  print_row("the same, gold for a tenth of tasks", changed(base, [](CrowdPlan& p) {
              p.spammers = 0.45;
              p.gold = 0.1;
            }));
  print_row("all look", honest());
  print_row("all look, three tenths of tasks tempting", changed(honest(), [](CrowdPlan& p) { p.tempting = 0.3; }));
  print_row("the same, two labels", changed(honest(), [](CrowdPlan& p) {
              p.tempting = 0.3;
              p.labels = 2;
            }));
  print_row("all look, a third right in 99 %, the others in 45 %", changed(honest(), [](CrowdPlan& p) {
              p.skill_min = p.skill_max = 0.45;
              p.experts = 20;
            }));
  print_row("a ring of five that meets by twos on 120 tasks", changed(base, [](CrowdPlan& p) { p.ring_of_task = 2; }));
  print_row("a ring of five that never meets", changed(base, [](CrowdPlan& p) {
              p.ring_tasks = 600;
              p.ring_of_task = 1;
            }));
  const CrowdPlan seven = changed(base, [](CrowdPlan& p) {
    p.answers_min = p.answers_max = 5;
    p.ring = 7;
    p.ring_tasks = 200;
  });
  for (const std::int32_t of_task : {3, 4, 5}) {
    for (const double gold : {0.0, 0.1, 0.3}) {
      std::ostringstream name;
      name << "a ring of seven, " << of_task << " of 5 answers, gold for " << 100 * gold << " %";
      print_row(name.str(), changed(seven, [&](CrowdPlan& p) {
                  p.ring_of_task = of_task;
                  p.gold = gold;
                }));
    }
  }
}

namespace {

// Crowds of 60 workers side by side, so that workers share tasks with some others, as they do in a large project.
void print_time(std::int32_t answers_of_task, std::int32_t workers) {
  CrowdPlan plan;
  plan.answers_min = plan.answers_max = answers_of_task;
  plan.ring = 0;
  plan.is_timed = true;
  std::vector<Answer> answers;
  std::int32_t tasks = 0;
  std::int32_t first_worker = 0;
  for (std::uint64_t seed = 1; answers.size() < 1'000'000; ++seed) {
    for (Answer answer : simulated_crowd(plan, seed).answers) {
      answer.task += tasks;
      answer.worker = (answer.worker + first_worker) % workers;
      answers.push_back(answer);
    }
    tasks += plan.tasks;
    first_worker = (first_worker + plan.workers) % workers;
  }
  const std::clock_t before = std::clock();
  const Conduct conduct = conduct_of({.size = {tasks, workers, plan.labels}, .answers = answers});
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  std::cout << "| " << answers_of_task << " | " << workers << " | " << conduct.pairs_tested << " | " << std::fixed
            << std::setprecision(2) << 1e6 * seconds / static_cast<double>(answers.size()) << " |\n";
}

}  // namespace

TEST_CASE("the times of docs/conduct.md", "[.figures]") {
  std::cout << "| answers of a task | workers | pairs tested | CPU µs an answer |\n|---:|---:|---:|---:|\n";
  print_time(5, 6'000);
  print_time(5, 100'000);
  print_time(20, 3'000);
}
