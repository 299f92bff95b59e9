// The disk under the database is full: nothing that was acknowledged is lost, and work goes on when there is room.
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <set>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"

namespace tally::e2e {
namespace {

// A file system of its own size in memory, as only root can make one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    const std::string options = "mode=0755,size=" + size;
    is_mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  // Leaves about so many bytes; false when that cannot be done.
  [[nodiscard]] bool fill(std::uintmax_t leaving) const {
    const int file = ::open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return errno == ENOSPC;
    const std::string block(64UL * 1024, 'x');
    std::size_t size = block.size();
    while (size > 0 && std::filesystem::space(folder_.path()).available > leaving) {
      if (::write(file, block.data(), size) < static_cast<ssize_t>(size)) size /= 2;
    }
    ::close(file);
    return true;
  }
  void free_space() const { std::filesystem::remove(filler()); }

 private:
  [[nodiscard]] std::filesystem::path filler() const { return folder_.path() / "filler"; }

  stack::TemporaryFolder folder_{"tally-e2e-disk"};
  bool is_mounted_ = false;
};

// Text that takes room and cannot be compressed away.
std::string noise(std::size_t size) {
  std::string text;
  while (text.size() < size) text += stack::random_key();
  return text;
}

// Answers one task after the other, each with a long text, until the broker puts one off. What was acknowledged goes
// into `stored`; the request that has no reply yet is left under way.
struct Writer {
  net::Conversation conversation;
  std::set<AssignmentId> stored;
  std::optional<SubmittedAnswer> in_hand;
  std::string put_off;  // The name of the refusal.

  // One message and its reply; nothing when it was put off.
  std::optional<Reply> ask(const Request& request, Duration most) {
    const std::uint64_t id = conversation.send(request);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(most.ms);
    while (std::chrono::steady_clock::now() < until) {
      if (auto arrived = conversation.receive(Duration{50})) {
        if (arrived->request_id != id) continue;
        if (!arrived->reply) stack::throw_refusal("a request", arrived->reply.error());
        return std::move(arrived->reply).value();
      }
      if (const auto refusal = conversation.put_off_for(id)) {
        put_off = std::string(name_of(refusal->code));
        conversation.forget(id);
        return std::nullopt;
      }
    }
    conversation.forget(id);
    put_off = put_off.empty() ? "no reply" : put_off;
    return std::nullopt;
  }

  void write_until_put_off(ProjectId project, std::size_t answers_max) {
    while (stored.size() < answers_max) {
      if (!in_hand) {
        const auto pulled = ask(Pull{project, 1, {}, 0}, Duration{60'000});
        if (!pulled) return;
        const Tasks& tasks = std::get<Tasks>(*pulled);
        if (tasks.tasks.empty()) continue;
        in_hand = SubmittedAnswer{tasks.tasks[0].assignment, {{"bird", {noise(9'900)}}}};
      }
      const auto submitted = ask(Submit{{*in_hand}, 0, {}}, Duration{60'000});
      if (!submitted) return;
      const SubmitOutcome& outcome = std::get<Submitted>(*submitted).outcomes.at(0);
      if (!outcome.accepted) throw std::runtime_error("an answer was refused: " + outcome.detail);
      stored.insert(in_hand->assignment);
      in_hand.reset();
    }
  }
};

// Works until the disk is full as `fill` makes it, and after there is room again.
void check_full_disk(const std::function<void(const SmallDisk&)>& fill) {
  const SmallDisk disk("250m");
  if (!disk.is_mounted()) {
    WARN("skipped: a small file system to fill can be mounted by root alone");
    return;
  }
  Market market({}, disk.path() / "data");
  market.enrol_workers(1);
  ProjectSpec spec = small_spec();
  spec.form = {{"bird", "text", "Which bird?", true, {}, {{"length_max", "10000"}}}};
  spec.pay = PayPolicy::all;
  spec.redundancy = {1, 1, 1};
  constexpr std::size_t tasks = 1'000;
  const ProjectId project = market.post(spec, numbered_items(tasks));

  net::ConversationConfig config = market.people[0].config;
  config.resend_after = Duration{3'000};  // What is being stored when it happens has no reply; its second copy has.
  Writer writer{net::Conversation(market.network, config), {}, {}, {}};
  writer.write_until_put_off(project, 20);
  REQUIRE(writer.stored.size() == 20);
  fill(disk);
  writer.write_until_put_off(project, tasks);
  INFO(market.broker.end_of_log());
  CHECK(writer.stored.size() < tasks);
  CHECK(writer.put_off == "unavailable");
  CHECK(market.broker.is_running());

  disk.free_space();
  // The same answer again, and more of them, by a client that waits for as long as it takes.
  net::BrokerClient& worker = *market.workers[0];
  for (int i = 0; i < 20; ++i) {
    if (!writer.in_hand) {
      const Tasks got = stack::must(worker, Pull{project, 1, {}, 30'000});
      REQUIRE(got.tasks.size() == 1);
      writer.in_hand = SubmittedAnswer{got.tasks[0].assignment, {{"bird", {noise(9'900)}}}};
    }
    CHECK(stack::must(worker, Submit{{*writer.in_hand}, 0, {}}).outcomes[0].accepted);
    writer.stored.insert(writer.in_hand->assignment);
    writer.in_hand.reset();
  }

  std::set<AssignmentId> found;
  stack::for_each_result(*market.rita, project, [&](const ResultRow& row) {
    for (const AnswerRow& answer : row.given) found.insert(answer.assignment);
  });
  CHECK(found == writer.stored);
  CHECK(stack::must(*market.rita, GetStatus{project}).paid == Micros{10'000 * std::ssize(writer.stored)});
  CHECK(stack::audit(market.admin->client()) == "clean");
  market.broker.stop();
}

}  // namespace

TEST_CASE("with no room for tables answers are put off, not lost; with room again everything acknowledged is there",
          "[fault-12]") {
  check_full_disk([](const SmallDisk& disk) { REQUIRE(disk.fill(0)); });
}

TEST_CASE("PostgreSQL that stops for want of room for its log comes back by itself, with everything acknowledged",
          "[fault-12]") {
  check_full_disk([](const SmallDisk& disk) {
    // Less than one file of its log, and the next commit needs a new one.
    REQUIRE(disk.fill(8UL << 20U));
    owner_sql(disk.path() / "data", "SELECT pg_switch_wal()");
  });
}

}  // namespace tally::e2e
