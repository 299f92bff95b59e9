#include "tools/stack/project_run.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tools/stack/people.h"

namespace tally::stack {
namespace {

constexpr std::chrono::milliseconds look_every{50};
constexpr int looks_for_project_max = 100;
constexpr int audits_max = 20;  // Until nothing moves between parts.
constexpr std::chrono::milliseconds audit_again_after{500};

// The reply, once the broker knows a project that was opened a moment ago everywhere.
template <class M>
typename M::Reply must_know(net::BrokerClient& requester, const M& message) {
  for (int i = 1;; ++i) {
    auto reply = requester.ask(message);
    if (reply) return std::move(reply).value();
    if (reply.error().code != RefusalCode::project_not_found || i == looks_for_project_max) {
      throw_refusal(M::name, reply.error());
    }
    std::this_thread::sleep_for(look_every);
  }
}

// One walk over all parts.
struct Walk {
  std::string wrong;
  Micros sum;
  Micros transit;
  Micros in_outboxes;
};

Walk walk_over(net::BrokerClient& admin) {
  Walk walk;
  std::string after;
  do {
    const AuditPage page = must(admin, VerifyAudit{after});
    if (!page.wrong.empty()) {
      walk.wrong = page.wrong;
      return walk;
    }
    walk.sum += page.sum;
    walk.transit += page.transit;
    walk.in_outboxes += page.in_outboxes;
    after = page.next;
  } while (!after.empty());
  return walk;
}

}  // namespace

ProjectId post_project(net::BrokerClient& requester, const ProjectSpec& spec, const std::vector<Item>& items,
                       std::int64_t answers_max) {
  const Welcome welcome = must(requester, Hello{"stack"});
  const auto opened = must(requester, OpenProject{random_key(), spec, std::ssize(items), answers_max});
  for (std::int64_t first = 0; first < std::ssize(items);) {
    const std::int64_t end_of_message = (first / welcome.items_per_post_max + 1) * welcome.items_per_post_max;
    const std::int64_t end_of_part = (first / opened.part_size + 1) * opened.part_size;
    const std::int64_t end = std::min({end_of_message, end_of_part, static_cast<std::int64_t>(items.size())});
    const PostItems post{opened.project, first + 1, {items.begin() + first, items.begin() + end}};
    static_cast<void>(must_know(requester, post));
    first = end;
  }
  const auto is_open = [](const ProjectStatus& status) { return status.row.state != ProjectState::posting; };
  static_cast<void>(wait_for_status(requester, opened.project, is_open, Duration{60'000}));
  return opened.project;
}

ProjectStatus wait_for_status(net::BrokerClient& requester, ProjectId project, const Wanted& wanted, Duration most) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(most.ms);
  for (;;) {
    ProjectStatus status = must_know(requester, GetStatus{project});
    if (wanted(status)) return status;
    if (std::chrono::steady_clock::now() >= until) {
      throw std::runtime_error("project " + std::to_string(project.value) + " did not get on: it is " +
                               std::string(name_of(status.row.state)) + ", with " + std::to_string(status.row.closed) +
                               " of " + std::to_string(status.row.items) + " tasks closed");
    }
    std::this_thread::sleep_for(look_every);
  }
}

Micros settled_wallet(net::BrokerClient& requester) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (;;) {
    const Balance balance = must(requester, GetBalance{});
    if (balance.under_way == Micros{0}) return balance.wallet;
    if (std::chrono::steady_clock::now() >= until) {
      throw std::runtime_error(to_text(balance.under_way) + " did not come home to the wallet");
    }
    std::this_thread::sleep_for(look_every);
  }
}

void for_each_result(net::BrokerClient& requester, ProjectId project, const TakeResult& take) {
  std::string after;
  do {
    const ResultsPage page = must(requester, GetResults{.project = project, .answers = true, .after = after});
    for (const ResultRow& row : page.rows) take(row);
    if (!page.next.empty() && page.next == after) throw std::runtime_error("the results do not go on");
    after = page.next;
  } while (!after.empty());
}

std::string audit(net::BrokerClient& admin) {
  Walk walk;
  for (int i = 0; i < audits_max; ++i) {
    walk = walk_over(admin);
    if (!walk.wrong.empty()) return walk.wrong;
    // Each part is seen as of its own commit, so money that moved meanwhile may be seen twice, or not at all.
    if (walk.sum.value == 0 && walk.transit == walk.in_outboxes) return "clean";
    std::this_thread::sleep_for(audit_again_after);
  }
  return "the parts together: the sum of all sub-accounts is " + to_text(walk.sum) + ", in transit are " +
         to_text(walk.transit) + ", in outboxes " + to_text(walk.in_outboxes);
}

}  // namespace tally::stack
