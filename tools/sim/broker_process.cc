#include "tools/sim/broker_process.h"

#include <array>
#include <utility>
#include <variant>

#include "tools/sim/delayed_committer.h"
#include "tools/sim/delayed_hand.h"
#include "tools/sim/model_loader.h"
#include "tools/sim/model_reads.h"
#include "tools/sim/network_door.h"

namespace tally::sim {
namespace {

constexpr Duration start_again{500};

// The later of recorded and wall time at the start, and virtual time since: as ops::BrokerClock.
class VirtualClock final : public ops::Clock {
 public:
  VirtualClock(const Schedule& schedule, Time last_recorded, Time wall)
      : schedule_(schedule), base_(std::max(last_recorded, wall)), start_(schedule.now()) {}
  [[nodiscard]] Time now() const override { return base_ + (schedule_.now() - start_); }

 private:
  const Schedule& schedule_;
  Time base_, start_;
};

}  // namespace

class BrokerProcess::Life {
 public:
  Life(const World& world, const ModelDatabase::Owner& owner, Time wall, const std::function<void()>& wake)
      : world_(world),
        owner_(owner),
        random_(world.environment.random.fork()),
        clock_(world.environment.schedule, world.database.start(wall, owner), wall),
        door(world.network),
        committer_(world.environment, world.database, owner, world.is_database_down, wake),
        loader_(
            world.environment, [this](const broker::LoaderJob& job) { return load(job); }, wake),
        contents_(
            world.environment, [this](const broker::ContentJob& job) { return read_contents(job); }, wake),
        reads_(
            world.environment, [this](const broker::ReadJob& job) { return read(job); }, wake),
        audits_(
            world.environment, [this](const broker::ReadJob& job) { return read(job); }, wake),
        loop(world.config, hands()) {}

  // Silent: what it would log is what the simulation makes happen.
  static const ops::Log& log() {
    static const ops::Log silent("critical");
    return silent;
  }

 private:
  broker::EventLoop::Hands hands() {
    return {.door = door,
            .clock = clock_,
            .entropy =
                [this] {
                  return std::array{random_.next(), random_.next(), random_.next(), random_.next()};
                },
            .committer = committer_,
            .is_away = [this] { return committer_.away(); },
            .loader = loader_,
            .contents = contents_,
            .reads = reads_,
            .audits = audits_,
            .log = log(),
            .on_invitation = world_.on_invitation,
            .invitation_line = [](const std::string& code) { return code; }};
  }

  std::optional<broker::LoaderResult> load(const broker::LoaderJob& job) {
    if (world_.is_database_down()) return std::nullopt;
    const auto* load = std::get_if<broker::LoadPart>(&job);
    if (load != nullptr && world_.environment.random.permille(world_.environment.faults.unreadable)) {
      return broker::NotLoaded{load->part, "it cannot be read just now"};
    }
    return do_for_loop(world_.database, owner_, job);
  }
  std::optional<broker::ContentRead> read_contents(const broker::ContentJob& job) {
    if (world_.is_database_down()) return std::nullopt;
    if (world_.environment.random.permille(world_.environment.faults.unreadable)) {
      return broker::ContentRead{job, std::nullopt};
    }
    return broker::ContentRead{job, world_.database.contents(job.part, job.kind, job.numbers)};
  }
  std::optional<core::OutgoingReply> read(const broker::ReadJob& job) {
    if (world_.is_database_down()) {
      return core::OutgoingReply{job.channel, job.request_id,
                                 Refused{RefusalCode::unavailable, "the database does not answer", 1'000}};
    }
    return core::OutgoingReply{job.channel, job.request_id,
                               answer(world_.database.tables(), job.request, job.who.account)};
  }

  const World& world_;
  ModelDatabase::Owner owner_;
  Random random_;
  VirtualClock clock_;

 public:
  NetworkDoor door;

 private:
  DelayedCommitter committer_;
  DelayedHand<broker::LoaderJob, broker::LoaderResult> loader_;
  DelayedHand<broker::ContentJob, broker::ContentRead> contents_;
  DelayedHand<broker::ReadJob, core::OutgoingReply> reads_, audits_;

 public:
  broker::EventLoop loop;
};

BrokerProcess::BrokerProcess(World world, std::string id) : world_(std::move(world)), id_(std::move(id)) {
  world_.network.add_broker([this](const Envelope& envelope) {
    if (!life_) return;
    life_->door.deliver(envelope);
    wake();
  });
}
BrokerProcess::~BrokerProcess() = default;

const broker::EventLoop* BrokerProcess::loop() const { return life_ ? &life_->loop : nullptr; }

void BrokerProcess::start(Duration wall_ahead) {
  wall_ahead_ = wall_ahead;
  is_starting_ = true;
  try_to_start();
}

void BrokerProcess::try_to_start() {
  if (!is_starting_ || life_) return;
  if (world_.is_database_down()) {
    return world_.environment.schedule.after(start_again, [this, life = lives_] {
      if (life == lives_) try_to_start();
    });
  }
  is_starting_ = false;
  ++lives_;
  next_round_ = never;
  paused_until_ = {};
  world_.environment.trace.say(world_.environment.now(), "broker " + id_ + " starts");
  life_ = std::make_unique<Life>(world_, ModelDatabase::Owner{id_, world_.config.lease},
                                 world_.environment.now() + wall_ahead_, [this] { wake(); });
  wake();
}

void BrokerProcess::kill() {
  is_starting_ = false;
  ++lives_;
  life_.reset();
}

void BrokerProcess::pause(Duration length) { paused_until_ = world_.environment.now() + length; }

// There is something to do, now. What has its time already is not asked for twice.
void BrokerProcess::wake() {
  if (!life_ || next_round_ <= world_.environment.now()) return;
  next_round_ = world_.environment.now();
  world_.environment.schedule.after({}, [this, life = lives_] {
    if (life == lives_) round();
  });
}

void BrokerProcess::round() {
  const Time now = world_.environment.now();
  if (next_round_ > now) return;  // It was done by another event.
  next_round_ = never;
  if (paused_until_ > now) {
    next_round_ = paused_until_;
  } else {
    life_->loop.round();
    // A loop that has more to do at once takes a moment for it.
    next_round_ = now + std::max(life_->loop.time_to_wait(), Duration{1});
  }
  world_.environment.schedule.at(next_round_, [this, life = lives_] {
    if (life == lives_) round();
  });
}

}  // namespace tally::sim
