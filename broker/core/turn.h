#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/core/core.h"
#include "broker/core/cursors.h"
#include "common/aggregation/registry.h"

// Inside the core only: what one command sees and does.
namespace tally::core {

struct WaitingPull {
  Peer from;
  Identity who;
  Pull pull;
  Time until;
  NoWork why = NoWork::all_tasks_taken;  // As of the last look.
};

// How far the open tasks of a part are judged anew.
struct Judging {
  std::int32_t last = 0;  // Task.
  std::int64_t left = 0;  // Tasks still to look at.
};

// How far the earnings of a task part are on their way to the wallets: sweep.cc.
struct Sweeping {
  std::int64_t home = 0;  // The account part that is served next,
  SubAccount from;        // and where its balances go on.
};

// A part that was needed within this time does not leave memory, however much is there.
inline constexpr Duration in_use_for{1'000};

// All that is in memory. `parts` follows from records alone; the rest is made from it, or is forgotten with the
// process.
struct State {
  explicit State(const Limits& bounds) : limits(bounds), cursors(bounds.cursors_max) {}

  Limits limits;
  std::map<PartId, Part> parts;

  // Made from parts by learn() and unlearn():
  std::unordered_map<std::string, AccountId> keys;  // By CURVE public key. Nothing walks over it.
  std::map<ProjectId, CatalogueEntry> catalogue;
  std::set<ProjectId> open_projects;              // Those in the catalogue that hand out tasks.
  std::set<std::pair<std::int64_t, PartId>> due;  // (first deadline, part) of loaded parts.
  std::map<PartId, std::int64_t> due_of;
  std::set<std::pair<std::int64_t, ProjectId>> deadlines;
  // Live leases, each with the request that made it. Those of a part that was put away are kept.
  std::map<AccountId, std::map<AssignmentId, std::int64_t>> leases;
  std::set<std::tuple<PartId, PartId, std::int64_t>> mail_to;  // (to, from, number) of the mail in all outboxes.
  std::int64_t active_workers = 0;

  // Of this process:
  std::map<PartId, std::deque<Input>> parked;  // Commands that wait for a part.
  struct Parked {
    std::size_t requests = 0, bytes = 0;
  };
  Parked parked_of_clients;  // Over all parts.
  std::map<std::string, Parked> parked_of_key;
  std::set<PartId> loading;
  std::set<PartId> loading_in_between;  // Of those nobody outside waits for yet.
  std::set<PartId> absent;              // Known not to exist.
  Cursors cursors;
  std::map<std::uint64_t, WaitingPull> waiting;  // By arrival.
  std::map<std::pair<AccountId, std::uint64_t>, std::uint64_t>
      waiting_of;  // By request: one sent again replaces itself.
  std::uint64_t next_waiting = 1;
  std::uint64_t served_up_to = 0;  // Where looking through the waiting pulls goes on.
  std::set<PartId> awaited;        // Parts that a waiting pull asked for: it is looked at again when they are read.
  // Work appeared so many times (places were freed, parts opened, tasks closed). One pass over the waiting pulls serves
  // what had appeared when it began.
  std::int64_t work_version = 0;
  std::int64_t pass_version = 0;                // Of the pass that is under way.
  std::int64_t served_version = 0;              // Of the last whole pass.
  std::map<AccountId, ProjectId> last_project;  // Of pulls that name none: they go on with the next.
  Time next_sweep, next_sweep_step, next_patience, next_leaving;
  std::map<PartId, Sweeping> sweeps;  // Those under way.
  std::size_t sweep_steps = 0;        // Since there was none.
  std::map<PartId, Judging> judging;  // Parts whose claims have changed.
  PartId last_judged;
  Time next_judging;
  std::map<ProjectId, Time> used_up_since;  // Nobody may have another task of it.
};

[[nodiscard]] bool is_active_worker(const Account& account);
// Whether a worker who may work just now is as `wanted` says. They are looked at in the order of their accounts: keys
// have none that a program may go by.
template <class Wanted>
[[nodiscard]] bool has_active_worker(const State& state, const Wanted& wanted) {
  for (std::int64_t no = 0; no < account_parts; ++no) {
    const auto part = state.parts.find(PartId{no});
    if (part == state.parts.end()) continue;
    for (const auto& [id, account] : part->second.accounts().accounts) {
      if (is_active_worker(account) && wanted(id)) return true;
    }
  }
  return false;
}

// One command at work.
struct Turn {
  State& state;
  const Input& input;
  Effects& effects;

  // Folds the record into its part and hands it to the committer.
  void emit(PartId part, Record record) const;
  void store(PartId part, ContentKind kind, std::int64_t no, std::variant<std::string, Item, AnswerValues> body) const;
  void reply(Reply reply) const { reply_to(input.from, std::move(reply)); }
  void reply_to(const Peer& peer, Reply reply) const;
  void refuse(RefusalCode code, std::string detail, std::int64_t retry_after_ms = 0) const;
  void refuse(const Refusal& refusal) const { refuse(refusal.code, refusal.detail, refusal.retry_after_ms); }

  // The part, when it is loaded; it is in use then, if somebody outside asks. Otherwise null: the command then waits
  // for it, or was refused because the queue is full; the handler returns. A handler asks is_absent() first: a part
  // that does not exist would be asked for in vain.
  [[nodiscard]] Part* need(PartId part) const;
  [[nodiscard]] Part* loaded(PartId part) const;
  [[nodiscard]] bool is_absent(PartId part) const { return state.absent.contains(part); }
  // Has it read when it is not loaded: at once for somebody outside, or in between.
  void want(PartId part) const;
  void want_in_between(PartId part) const;

  [[nodiscard]] std::int64_t now_ms() const { return input.at.ms; }

  // Money and mail of one part.
  std::int32_t transfer(Part& part, TransferKind kind, SubAccount from, SubAccount to, Micros amount,
                        std::int32_t assignment = 0, std::int32_t reverses = 0) const;
  void mail(Part& part, PartId to, Mail body) const;
};

// The part is known not to exist.
void note_absent(State& state, PartId part);

// Takes out what waits for this part.
[[nodiscard]] std::deque<Input> take_parked(State& state, PartId part);

// What was kept of a command with this key; null: it is new. Another input under the same key is refused.
[[nodiscard]] Result<const CommandKept*, Refusal> find_kept(const Turn& turn,
                                                            const std::map<std::string, CommandKept>& kept,
                                                            AccountId account, const std::string& key);
void keep(const Turn& turn, Part& part, AccountId account, const std::string& key, std::vector<std::int64_t> result);

// Who speaks, and whether they may send a message for these roles: admit.cc.
[[nodiscard]] Result<Identity, Refusal> admit_in(const State& state, const Peer& from, RoleSet roles, Time now);
// The account of an invitation's code; null: the code is wrong, used or expired, which was refused, or the command
// waits for the account's part.
struct Invitee {
  Part* part = nullptr;
  AccountId id;
  const Account* account = nullptr;
};
[[nodiscard]] std::optional<Invitee> find_invitee(const Turn& turn, const std::string& code);
[[nodiscard]] bool is_open_invitation(const Turn& turn, const Account& account, const std::string& code);
void refuse_invitation(const Turn& turn);
// The account part of this account, and the account in it; null part: refused, or waiting for it.
[[nodiscard]] std::pair<Part*, const Account*> need_account(const Turn& turn, AccountId id);

// What changes around a part when it is loaded or dropped.
void learn(State& state, const Part& part);
enum class Leaves {
  undone,    // What it says now is not what it will say when it is read again.
  put_away,  // It will be the same.
};
void unlearn(State& state, const Part& part, Leaves how);

// ---- One handler a command: each refuses by precedence, or emits records and replies --------------------------------

// pulls.cc
void handle(const Turn& turn, const Identity& who, const Pull& pull);
void serve_waiting(const Turn& turn);
void end_waits(const Turn& turn);
// answers.cc
void handle(const Turn& turn, const Identity& who, const Submit& submit);
void handle(const Turn& turn, const Identity& who, const HandBack& hand_back);
void handle(const Turn& turn, const Identity& who, const TakeBackSkip& take_back);

// training.cc
void handle(const Turn& turn, const Identity& who, const Train& train);

// posting.cc
void handle(const Turn& turn, const Identity& who, const OpenProject& open);
void handle(const Turn& turn, const Identity& who, const PostItems& post);
// project.cc
void handle(const Turn& turn, const Identity& who, const Extend& extend);
void handle(const Turn& turn, const Identity& who, const ChangeProject& change);
void handle(const Turn& turn, const Identity& who, const Review& review);
void end_project(const Turn& turn, Part& control, ProjectState state);
void finish_control(const Turn& turn, Part& control);
// accounts.cc
void handle(const Turn& turn, const Identity& who, const Hello& hello);
// grants.cc
void handle(const Turn& turn, const Identity& who, const OpenGrant& open);
void handle(const Turn& turn, const Identity& who, const RenewGrant& renew);
void handle(const Turn& turn, const Identity& who, const EndGrants& end);
void handle(const Turn& turn, const Identity& who, const ListGrants& list);
// accounts.cc
void handle_join(const Turn& turn, const Join& join);
void handle(const Turn& turn, const Identity& who, const Invite& invite);
void handle(const Turn& turn, const Identity& who, const Suspend& suspend);
void handle(const Turn& turn, const Identity& who, const SetPayoutAddress& set);
void bootstrap(const Turn& turn, const Bootstrap& command);
// standing.cc
void handle(const Turn& turn, const Identity& who, const GetStanding& get);
void handle(const Turn& turn, const Identity& who, const GrantQualification& grant);
void handle(const Turn& turn, const Identity& who, const ListQualified& list);
// Whether an answer is right in each field where something is known.
[[nodiscard]] bool is_right_on(const Ballots& gold, const Ballots& given);
// The tasks of the part have their verdict: what its workers' answers came to goes to where they live.
void send_standing(const Turn& turn, Part& part);
void receive(const Turn& turn, Part& accounts, const StandingEarned& mail);
void receive(const Turn& turn, Part& accounts, PartId from, const QualificationEarned& mail);
// shared_skills.cc: what the parts of a project tell each other of skill
void handle(const Turn& turn, const Identity& who, const GetSupport& get);
void send_what_was_learned(const Turn& turn, Part& part);
// A worker takes a task of the part: what is known of the worker, and of the project, is told to it.
void tell_what_is_known(const Turn& turn, Part& part, AccountId worker);
// money.cc
void handle(const Turn& turn, const Identity& who, const Deposit& deposit);
void handle(const Turn& turn, const Identity& who, const Bonus& bonus);
void handle(const Turn& turn, const Identity& who, const Reverse& reverse);
void handle(const Turn& turn, const Identity& who, const ExportPayouts& payouts);
void handle(const Turn& turn, const Identity& who, const SettlePayouts& payouts);
// mail.cc
void deliver(const Turn& turn, const DeliverMail& mail);
void forget(const Turn& turn, const ForgetMail& mail);
// loading.cc
void part_loaded(const Turn& turn, const PartLoaded& loaded);
// time.cc
void tick(const Turn& turn);
void outage(const Turn& turn, const Outage& outage);
// hopeless.cc
void close_hopeless_tasks(const Turn& turn);

// verdict.cc: what an answer or an end leads to
// What this answer, which is not accepted yet, and those before it are judged with where skill counts: what was known
// before it came.
[[nodiscard]] std::vector<FieldEvidence> evidence_with(const TaskPart& tasks, std::int32_t assignment,
                                                       const Ballots& ballots);
void judge_task(const Turn& turn, Part& part, std::int32_t task, std::vector<FieldEvidence> evidence);
// After claims have changed: a few more of the open tasks are judged anew, which may settle them without an answer.
void judge_some_anew(const Turn& turn);
// Begins that, or begins it once more.
void judge_all_anew(State& state, const Part& part);
void close_task(const Turn& turn, Part& part, std::int32_t task, VerdictReason reason);
[[nodiscard]] aggregation::Policy policy_of(const TaskPart& tasks, const Task& task, const FieldSpec& field);

// pay.cc
void decide_pay(const Turn& turn, Part& part, std::int32_t assignment);
void pay(const Turn& turn, Part& part, std::int32_t assignment);
// leaving.cc
void sweep_leaving(const Turn& turn);
[[nodiscard]] std::vector<PartId> leavers(const State& state, Time now);
// sweep.cc
[[nodiscard]] bool has_unswept(const Part& part);
void begin_sweep(State& state, const Part& part);  // In steps, each with a Tick.
void sweep_at_once(const Turn& turn, Part& part);  // As much as one step is meant for, the rest in others.
void sweep_some(const Turn& turn);
// finish.cc
[[nodiscard]] bool is_at_its_end(const TaskPart& tasks);  // Nothing is to come but that its money goes home.
void finish_part(const Turn& turn, Part& part);

}  // namespace tally::core
