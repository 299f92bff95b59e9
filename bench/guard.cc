// tally-bench-guard: what one answer costs in core and codec, counted and not timed, so that it can be bounded: how
// often memory is allocated, and (by scripts/guard, under callgrind) how many instructions it takes. Not zero where an
// allocation bound is exceeded. docs/performance.md shows the figures.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "broker/core/core.h"
#include "common/base/digest.h"
#include "common/cli/arguments.h"
#include "common/codec/messages_codec.h"
#include "tests/broker/core/market.h"

namespace {

// The bounds, some 1.3 times of what was measured last. Who makes an answer cheaper lowers them.
struct Bound {
  std::string_view part;
  double allocations;
  double instructions;  // Release build.
};
constexpr std::array<Bound, 2> bounds{Bound{"core", 35, 24'500}, Bound{"codec", 31, 24'500}};

std::int64_t allocations = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;  // NOLINT(cppcoreguidelines-no-malloc)
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }               // NOLINT
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }  // NOLINT

namespace {

using namespace tally;

constexpr int workers = 30;
constexpr std::int64_t answers_of_task = 3;

std::string name_of_worker(int no) { return "worker " + std::to_string(no); }

// Workers who hand in one answer and ask for the next task, three answers a task, as often as wanted.
class CoreWork {
 public:
  explicit CoreWork(std::int64_t answers) : left_(answers) {
    // The same set-up for any usual number of answers, so that what they take is the difference of two runs.
    const std::int64_t tasks = std::max<std::int64_t>(4'000, answers / answers_of_task + workers);
    for (int i = 0; i < workers; ++i) market_.worker(name_of_worker(i));
    ProjectSpec spec = core::simple_spec();
    spec.reward = Micros{100};
    spec.redundancy = {answers_of_task, answers_of_task, 2};
    project_ = market_.open(spec, tasks);
    for (int i = 0; i < workers; ++i) in_hand_.push_back(market_.lease(name_of_worker(i), project_));
  }

  // Gives what was allocated within the core.
  std::int64_t run() {
    core::Input input;
    std::int64_t counted = 0;
    for (int who = 0; left_ > 0; who = (who + 1) % workers, --left_) {
      AssignmentId& lease = in_hand_[static_cast<std::size_t>(who)];
      market_.world.now = market_.world.now + Duration{1};
      input.at = market_.world.now;
      input.entropy = {1, 2, 3, 4};
      input.from = {1, ++request_, name_of_worker(who)};
      input.command = Request{Submit{{{lease, {{"bird", {"bunting"}}}}}, 1, project_}};
      const std::int64_t before = allocations;
      {
        const core::Effects effects = market_.world.core.apply(input);
        counted += allocations - before;
        lease = next_of(effects);
      }
    }
    return counted;
  }

 private:
  static AssignmentId next_of(const core::Effects& effects) {
    const auto* submitted = std::get_if<Submitted>(&effects.replies.at(0).reply);
    if (submitted == nullptr || !submitted->outcomes.at(0).accepted) throw std::logic_error("an answer was not taken");
    return submitted->tasks.at(0).assignment;
  }

  core::Market market_;
  ProjectId project_;
  std::vector<AssignmentId> in_hand_;
  std::uint64_t request_ = 1'000'000;
  std::int64_t left_;
};

// The two messages of such an answer, each written and read once.
std::int64_t run_codec(std::int64_t answers) {
  const AssignmentId lease{part_of(ProjectId{17}, 3), 1'234};
  const Request request = Submit{{{lease, {{"bird", {"bunting"}}}}}, 1, ProjectId{17}};
  Submitted submitted;
  submitted.outcomes.push_back({lease, true, std::nullopt, "", Micros{100}});
  submitted.tasks.push_back(
      {lease, TaskId{part_of(ProjectId{17}, 3), 7}, 7, ProjectId{17}, 600'000, Micros{100}, {"a picture"}});
  const Reply reply = submitted;
  const std::int64_t before = allocations;
  for (std::int64_t i = 0; i < answers; ++i) {
    const auto read_request = codec::decode_request(Submit::number, codec::encode_body(request), {});
    const auto read_reply = codec::decode_reply(Submitted::number, codec::encode_body(reply), {});
    if (!read_request || !read_reply) throw std::logic_error("a message does not say what was written");
  }
  return allocations - before;
}

std::int64_t run(std::string_view part, std::int64_t answers) {
  return part == "core" ? CoreWork(answers).run() : run_codec(answers);
}

}  // namespace

int main(int argc, char** argv) {
  std::string part;
  std::int64_t answers = 3'000;
  CLI::App app("Counts what one answer costs in core and codec, and compares it with the bounds.", "tally-bench-guard");
  tally::cli::set_help(app);
  app.add_option("--only", part, "core or codec, without a comparison: for callgrind")
      ->check(CLI::IsMember({"core", "codec"}));
  app.add_option("--answers", answers, "How many")->check(CLI::Range(100, 1'000'000));
  if (const auto code = tally::cli::parse(app, argc, argv)) return *code;
  try {
    if (!part.empty()) return run(part, answers) > 0 ? 0 : 1;
    bool holds = true;
    for (const Bound& bound : bounds) {
      const double each = static_cast<double>(run(bound.part, answers)) / static_cast<double>(answers);
      holds = holds && each <= bound.allocations;
      std::cout << bound.part << " allocations " << each << " bound " << bound.allocations << " instructions_bound "
                << static_cast<std::int64_t>(bound.instructions) << "\n";
    }
    return holds ? 0 : 1;
  } catch (const std::exception& wrong) {
    std::cerr << "tally-bench-guard: " << wrong.what() << "\n";
    return 1;
  }
}
