#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/core/world.h"

// A world with a requester who has money, and what requesters and workers do in it. What a test does not say is done
// right: spec's items are posted, an answer is "bunting".
namespace tally::core {

inline constexpr Duration moment{1};
inline constexpr Duration hour{3'600'000};
inline constexpr Duration two_hours{2 * hour.ms};
[[nodiscard]] constexpr Duration just_before(Duration time) { return {time.ms - moment.ms}; }

struct Market {
  static constexpr Micros deposited{100'000'000};

  explicit Market(const Limits& limits = {}, World::Watch watch = {})
      : world(limits, std::move(watch)), part_size(limits.part_size), requester(world.enrol("req", Role::requester)) {
    Deposit deposit;
    deposit.key = "deposit";
    deposit.account = requester;
    deposit.amount = deposited;
    static_cast<void>(world.get<Deposited>(world.admin, deposit));
  }
  AccountId worker(const std::string& key) { return world.enrol(key, Role::worker); }
  void pass(Duration time) { static_cast<void>(world.pass(time)); }

  // ---- Projects -----------------------------------------------------------------------------------------------------

  // Its items follow by post(). `answers_max` 0: as many as the spec's redundancy allows.
  ProjectId announce(const ProjectSpec& spec, std::int64_t items, std::int64_t answers_max = 0) {
    ++announced_;
    OpenProject open;
    open.key = "batch " + std::to_string(announced_);
    open.spec = spec;
    open.items = items;
    open.answers_max = answers_max;
    return world.get<ProjectOpened>("req", open).project;
  }
  // Items [first, first + count), each of them this text.
  void post(ProjectId project, std::int64_t first, std::int64_t count, const std::string& text = "a picture") {
    PostItems post;
    post.project = project;
    post.first = first;
    for (std::int64_t i = 0; i < count; ++i) post.items.push_back({{text}, std::nullopt, {}});
    static_cast<void>(world.get<ItemsPosted>("req", post));
  }
  // Announced, posted and funded.
  ProjectId open(const ProjectSpec& spec, std::int64_t items, const std::string& text = "a picture") {
    const ProjectId project = announce(spec, items);
    for (std::int64_t first = 1; first <= items; first += part_size) {
      post(project, first, std::min(part_size, items - first + 1), text);
    }
    return project;
  }
  void change(ProjectId project, ProjectAction action) { done("req", ChangeProject{project, action}); }
  void done(const std::string& key, Request request) {
    static_cast<void>(world.get<Acknowledged>(key, std::move(request)));
  }

  // ---- Work ---------------------------------------------------------------------------------------------------------

  Tasks pull(const std::string& key, ProjectId project, std::int64_t count = 1) {
    return world.get<Tasks>(key, Pull{project, count, {}, 0});
  }
  // One task, which there must be.
  AssignmentId lease(const std::string& key, ProjectId project) { return pull(key, project).tasks.at(0).assignment; }
  SubmitOutcome answer(const std::string& key, AssignmentId lease, AnswerValues values = {{"bird", {"bunting"}}}) {
    Submit submit;
    submit.answers.push_back({lease, std::move(values)});
    return world.get<Submitted>(key, submit).outcomes.at(0);
  }
  // Takes one task and answers it.
  AssignmentId work(const std::string& key, ProjectId project, AnswerValues values = {{"bird", {"bunting"}}}) {
    const AssignmentId taken = lease(key, project);
    TALLY_ASSERT(answer(key, taken, std::move(values)).accepted);
    return taken;
  }
  void hand_back(const std::string& key, AssignmentId lease) { done(key, HandBack{lease, HandBackHow::returned}); }

  // ---- What became of it --------------------------------------------------------------------------------------------

  [[nodiscard]] const ControlPart& control(ProjectId project) const {
    return world.core.find(control_part_of(project))->control();
  }
  [[nodiscard]] const TaskPart& tasks(ProjectId project, std::int64_t part_no = 1) const {
    return world.core.find(part_of(project, part_no))->tasks();
  }
  [[nodiscard]] const Assignment& assignment(AssignmentId id) const {
    return *world.core.find(id.part)->tasks().find_assignment(id.no);
  }
  // Why the tasks of a part closed, in that order.
  [[nodiscard]] std::vector<VerdictReason> verdicts(ProjectId project, std::int64_t part_no = 1) const {
    std::vector<VerdictReason> reasons;
    for (const auto& verdict : world.records_of<VerdictReached>(part_of(project, part_no))) {
      reasons.push_back(verdict.reason);
    }
    return reasons;
  }
  // Why an answer has the pay that it has.
  [[nodiscard]] std::string pay_reason(AssignmentId id) const {
    std::string reason;
    for (const auto& decided : world.records_of<PayDecided>(id.part)) {
      if (decided.assignment == id.no) reason = decided.reason;
    }
    return reason;
  }
  [[nodiscard]] Micros spent() const { return deposited - world.wallet(requester); }

  World world;
  std::int64_t part_size;
  AccountId requester;

 private:
  int announced_ = 0;
};

}  // namespace tally::core
