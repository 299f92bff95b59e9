#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/admission.h"
#include "broker/config.h"
#include "broker/core/core.h"
#include "broker/group_builder.h"
#include "broker/hand.h"
#include "broker/part_loader.h"
#include "broker/reply_filler.h"
#include "broker/storage/store.h"
#include "broker/transport/door.h"
#include "common/ops/clock.h"
#include "common/ops/log.h"

// The main path: requests come in, the core decides, groups become durable, replies leave.
namespace tally::broker {

// A list or an export that was asked for. Who may ask for what was checked by role.
struct ReadJob {
  std::uint64_t channel = 0;
  std::uint64_t request_id = 0;
  Request request;
  core::Identity who;
  Time now;
};

class EventLoop {
 public:
  using Committer = Hand<storage::Group, storage::CommitOutcome>;
  using Loader = Hand<LoaderJob, LoaderResult>;
  using Reader = Hand<ReadJob, core::OutgoingReply>;

  // What the loop works with: all that is not decided by the messages alone. Everything outlives the loop.
  struct Hands {
    transport::Door& door;
    const ops::Clock& clock;
    std::function<std::array<std::uint64_t, 4>()> entropy;
    Committer& committer;
    std::function<bool()> is_away;  // The database does not answer the committer.
    Loader& loader;
    ContentHand& contents;
    Reader& reads;
    Reader& audits;
    const ops::Log& log;
    std::function<void(const std::string& line)> on_invitation;  // The first admin's.
    std::function<std::string(const std::string& code)> invitation_line;
    bool invite_admin = false;  // Though there is one.
  };

  EventLoop(const Config& config, Hands hands);

  // Does what can be done now, and waits for nothing. Throws what a hand could not go on with.
  void round();
  // The same, at the end: what is being stored is acknowledged when it is, and nothing new is begun.
  void last_round();

  // How long nothing will be to do, unless a hand is done or, with takes_requests(), a message comes.
  [[nodiscard]] Duration time_to_wait() const;
  // They are carried out, or refused when that has not been possible for a while.
  [[nodiscard]] bool takes_requests() const { return serves() || refuses_all(); }
  [[nodiscard]] bool serves() const { return is_ready() && may_decide(); }
  // Requests are taken, and all that was decided is durable and out.
  [[nodiscard]] bool is_settled() const { return is_ready() && group_.empty() && !in_flight_; }
  // A group is being stored by a database that answers.
  [[nodiscard]] bool is_storing() const { return in_flight_ && !is_away() && !hangs(); }
  [[nodiscard]] bool is_away() const { return hands_.is_away(); }

  // For whoever compares what is in memory with what is stored.
  [[nodiscard]] const core::Core& core() const { return core_; }
  [[nodiscard]] bool is_durable(PartId part) const;  // All that was decided of it.

 private:
  // What leaves when the records decided before it are durable.
  struct Held {
    std::vector<core::OutgoingReply> replies;
    std::vector<core::DeliverMail> deliver;
    std::vector<core::ForgetMail> forget;
    std::vector<core::KeyChange> keys;
  };

  // The steps of one round.
  void take_results();
  void take_commands();
  void take_requests();
  void tick_if_due();
  void commit_if_ready();
  void send_ready();

  [[nodiscard]] std::optional<Duration> may_not_yet(const transport::Incoming& incoming, Time now);
  void take(transport::Incoming incoming);
  void read(transport::Incoming incoming, RoleSet roles, bool is_audit);
  void apply(core::Command command, core::Peer from = {});
  void apply(core::Input input);
  void hold(core::Effects effects);
  void release(Held held);
  void refuse(const transport::Incoming& incoming, Refusal refusal);

  void committed(storage::CommitOutcome outcome);
  void undo();
  void begin_anew();
  void loaded(ReadPart read);
  void learn(const storage::Catalogue& catalogue);
  void begin();
  void load(PartId part);
  void load_account_parts();
  void load_those_put_off();
  void put_away_idle();
  void wake_some();
  void look_at_clock();
  void look_at_database();

  [[nodiscard]] bool is_ready() const { return missing_account_parts_ == 0 && undone_controls_.empty() && is_started_; }
  [[nodiscard]] bool may_decide() const;
  [[nodiscard]] bool can_tick() const;
  [[nodiscard]] bool hangs() const;
  [[nodiscard]] bool refuses_all() const;
  [[nodiscard]] Time served_until() const;

  const Config& config_;
  Hands hands_;
  const ops::Clock& clock_;
  core::Core core_;
  GroupBuilder group_;

  // What belongs to the group that is being gathered, and to the one that is being stored.
  Held open_, flight_;
  std::vector<PartId> parts_in_flight_;
  bool in_flight_ = false;
  Time pushed_at_;
  std::optional<core::Peer> lone_peer_;  // Of the one command in the open group, when commands go one by one.
  std::optional<core::Peer> lone_in_flight_;
  std::int64_t one_by_one_ = 0;  // So many more groups have one command each: something in a group was refused.
  Time commit_not_before_;
  std::int64_t refused_in_row_ = 0;

  std::deque<core::Command> commands_;  // From the broker to itself.
  std::set<PartId> loading_;
  std::vector<PartId> load_later_;  // Could not be read, or not be ours: tried again after a while.
  bool is_house_ours_ = false;      // The first account part, without which no other is taken or kept.
  bool is_house_lost_ = false;      // Another has it: all is begun anew when nothing is being stored.
  bool is_caring_ = false;          // The loader looks after the parts in memory just now.
  std::deque<PartId> to_wake_;      // They have something to send or to look at, and are read when nobody waits.
  storage::DueAfter due_after_;     // Parts that fell due before were woken.
  std::int64_t missing_account_parts_ = account_parts;
  std::set<PartId> undone_controls_;  // Until they are read again, the catalogue says what was undone.
  bool has_catalogue_ = false;
  bool reads_catalogue_later_ = false;  // It could not be read.
  bool is_started_ = false;

  RateGate rates_;
  RateGate enrolments_;
  Time next_tick_, next_care_, next_round_of_due_;
  Time looked_at_clock_{never};
  Time away_since_{never};
  Time unready_since_{never};           // Since when what has to be read first is not there.
  Duration not_served_;                 // Deadlines are to move by so much.
  std::vector<storage::Away> outages_;  // To be noted for the parts that are not in memory.
  bool are_outages_noted_ = true;
  bool forgets_outages_ = false;  // Those that are being noted just now, should they come back.

  ReplyFiller filler_;
};

}  // namespace tally::broker
