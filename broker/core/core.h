#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/core/fold.h"
#include "broker/core/open_parts.h"
#include "broker/core/state.h"
#include "common/base/digest.h"
#include "common/base/result.h"
#include "schemas/messages.h"
#include "schemas/records.h"
#include "schemas/refusals.h"
#include "schemas/time.h"

// The decisions of the broker: a deterministic machine without I/O, clock, randomness, logging or threads. Time and
// entropy are arguments; the same inputs give the same effects, byte for byte. One thread uses it.
namespace tally::core {

// A qualification that whoever reaches this standing, over all projects, is granted by itself.
struct QualificationRule {
  std::string name;
  std::int64_t judged_min = 100;
  std::int64_t agreement_ppm = 900'000;
};

// Bounds and rates that decisions depend on. The same for the life of a process.
struct Limits {
  std::int64_t fee_ppm = 200'000;  // The platform's fee on each reward.
  std::int64_t part_size = 4096;   // Tasks in one part, at most.
  std::int64_t items_per_project_max = 20'000'000;
  std::int64_t leases_per_worker_max = 200;  // Live at a time, over all projects.
  std::int64_t tasks_per_message_max = 100;  // That one pull or submit may ask for.
  std::size_t waiting_pulls_max = 20'000;
  std::size_t waiting_pulls_per_account_max = 16;
  std::size_t parked_per_part_max = 10'000;  // Commands that wait for one part to be loaded.
  std::size_t parked_max = 20'000;           // For any part.
  std::size_t parked_per_key_max = 64;       // Of one client.
  // One message alone may be more than these two.
  std::size_t parked_bytes_per_key_max = std::size_t{8} << 20U;
  std::size_t parked_bytes_max = std::size_t{256} << 20U;
  std::size_t loading_ahead_max = 256;                   // Parts asked for before it is their turn.
  std::int64_t reply_bytes_max = std::int64_t{1} << 20;  // Of the items in one reply; one item alone may be more.
  std::size_t steps_per_tick_max = 2'000;  // Expiries and the like in one Tick: the rest follows in the next.
  std::size_t pulls_per_turn_max = 64;     // Waiting pulls looked at after one command.
  std::size_t projects_per_pull_max = 64;  // Projects looked at for one pull that names none.
  Duration wait_max{60'000};               // The longest a pull may wait.
  Duration sweep_every{60'000};            // Earnings of open parts go to wallets this often.
  std::size_t balances_per_sweep = 16;     // In one step, to begin with; more when that is not enough.
  Duration patience_check_every{5'000};
  // Of what is in memory besides account parts. Parts that are worked on stay, whatever these say.
  std::size_t part_bytes_max = std::size_t{64} << 20U;
  std::size_t parts_in_memory_max = 4'000;
  Duration part_idle_max{60'000};     // A part that nobody needed for so long leaves, unless a worker has a task of it.
  std::size_t cursors_max = 200'000;  // Of workers through projects: the oldest are forgotten.
  std::vector<QualificationRule> qualification_rules;
  Duration grant_valid{30LL * 86'400'000};  // A grant that is not renewed for so long ends.
  Duration grant_overlap{60'000};           // Its secret before is good for so long.
  std::size_t grants_per_account_max = 20;  // One more ends the one that was renewed longest ago.
};

// Who sent a command, and where its replies go: `channel` is the loop's business.
struct Peer {
  std::uint64_t channel = 0;
  std::uint64_t request = 0;
  std::string key;        // CURVE public key, 32 bytes: the identity.
  std::string on_behalf;  // Of a gateway: the token of the grant with which it acts for somebody.
};

// By what the bounds of one client are counted: its key, or of a gateway the account that it says to act for.
[[nodiscard]] std::string client_of(const Peer& from);

// ---- Commands that come from the broker itself ----------------------------------------------------------------------

// Time has passed.
struct Tick {};

// The database was away for so long, and nothing could be acknowledged: open deadlines of the parts in memory move by
// it. Before the next Tick.
struct Outage {
  std::int64_t by_ms = 0;
};

// A part asked for by Effects::load has been read. `exists` false: there is none.
struct PartLoaded {
  PartId part;
  bool exists = false;
  std::optional<PartImage> image;
  std::vector<std::vector<Record>> batches;              // After the image, in order.
  std::vector<std::int64_t> received;                    // Mails of its outbox that their receiver has stored.
  std::vector<std::pair<PartId, std::int64_t>> arrived;  // Mails it has stored that are still in their sender's outbox.
  std::int64_t outage_ms = 0;
};

// The transaction with this mail is durable: hand it to its receiver.
struct DeliverMail {
  PartId from;
  std::int64_t no = 0;
};

// The transaction in which the receiver stored this mail is durable: its sender may forget it.
struct ForgetMail {
  PartId from;
  std::int64_t no = 0;
};

// A new database: makes the account parts and the first admin's account. Replies Invited (line is the bare code) to
// `from`; later it replies so only while no admin has ever enrolled, or when it is told to: for the house that lost its
// last admin's key.
struct Bootstrap {
  bool invite_again = false;
};

using Command = std::variant<Request, Tick, Outage, PartLoaded, DeliverMail, ForgetMail, Bootstrap>;

struct Input {
  Time at;
  std::array<std::uint64_t, 4> entropy{};  // For invitation codes and salts.
  Peer from;
  Digest body_digest{};   // Of the request as it was sent: what "the same input" of a keyed command means.
  std::size_t bytes = 0;  // It had so many.
  Command command;
};

// ---- What follows from a command ------------------------------------------------------------------------------------

struct PartRecord {
  PartId part;
  Record record;
};

// Content in the form in which the core has it; the loop encodes it.
struct NewContent {
  PartId part;
  ContentKind kind = ContentKind::item;
  std::int64_t no = 0;
  std::variant<std::string, Item, AnswerValues> body;
};

struct OutgoingReply {
  std::uint64_t channel = 0;
  std::uint64_t request = 0;
  Reply reply;  // TaskOffer::values, names, addresses and invitation lines are filled in by the loop.
};

// A key was enrolled (`added`), and the one it replaces is not welcome any more (`removed`, may be empty).
struct KeyChange {
  std::string added;
  std::string removed;
};

struct Effects {
  std::vector<PartRecord> records;
  std::vector<NewContent> contents;
  // When everything decided so far is durable:
  std::vector<OutgoingReply> replies;
  std::vector<DeliverMail> deliver;
  std::vector<ForgetMail> forget;
  std::vector<KeyChange> keys;
  // At once: parts to read. Nobody outside waits for the second kind: a few at a time, in between.
  std::vector<PartId> load;
  std::vector<PartId> load_in_between;
};

// ---- The catalogue: what every decision may read of parts that are not loaded ---------------------------------------

struct CatalogueEntry {
  AccountId owner;
  ProjectState state = ProjectState::posting;
  std::int64_t deadline_ms = 0;
  std::int64_t tasks_per_worker_max = 0;
  bool keeps_workers = false;  // ProjectSpec::keeps_workers().
  bool pull_by_item = false;
  std::int64_t part_size = 0;
  std::int64_t items = 0;
  OpenParts open_parts;
};

struct Identity {
  AccountId account;
  Role role = Role::worker;
};

struct State;

class Core {
 public:
  explicit Core(const Limits& limits);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // Decides. Everything but Effects is invisible from outside until the records are durable.
  Effects apply(const Input& input);

  // Who speaks, and whether they may send a message for these roles.
  [[nodiscard]] Result<Identity, Refusal> admit(const Peer& from, RoleSet roles, Time now) const;

  // At the start, before any command: a project from the database.
  void add_to_catalogue(ProjectId project, CatalogueEntry entry);

  // Takes a part out of memory without a trace: its last records could not be stored. Live pulls and parked commands
  // stay; they ask for the part again. The caller loads again what the core still needs.
  void drop(PartId part);

  // Forgets everything, as a core that was just made. Gives those who waited for something: they have to ask again.
  std::vector<Peer> clear();

  // Parts that may leave memory, those that were needed longest ago first: the caller put_away()s those with nothing
  // under way. A Tick before this gets ready those that have something to send.
  [[nodiscard]] std::vector<PartId> leavers(Time now) const;
  // REQUIRES that all records of the part are durable. It is loaded again when it is needed.
  void put_away(PartId part);

  [[nodiscard]] const Part* find(PartId part) const;  // Null when it is not loaded.
  [[nodiscard]] std::vector<PartId> loaded() const;   // Ascending.
  [[nodiscard]] std::size_t waiting_pulls() const;
  // Waiting pulls were not looked at yet since work appeared: the next command goes on, if only a Tick.
  [[nodiscard]] bool has_more_to_serve() const;
  // When a Tick goes on with what goes in steps; `never`: nothing does.
  [[nodiscard]] Time next_step() const;
  [[nodiscard]] bool has_parked(PartId part) const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace tally::core
