#include "tools/sim/world.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/codec/messages_codec.h"
#include "common/codec/records_codec.h"
#include "tools/sim/admin.h"
#include "tools/sim/auditor.h"
#include "tools/sim/broker_process.h"
#include "tools/sim/rebuild.h"
#include "tools/sim/requester.h"
#include "tools/sim/worker.h"

namespace tally::sim {
namespace {

constexpr Time beginning{1'700'000'000'000};
constexpr Duration look_every{250};            // Whether anybody serves.
constexpr Duration compare_every{5'000};       // Memory with what is stored, on average.
constexpr Duration rest_max{4LL * 3'600'000};  // Longer than any lease, review and patience needs.
constexpr Duration rest_look{10'000};
constexpr Duration lease_slack{20'000};  // Two slow commits one after the other, and what is known of outages.
constexpr std::int64_t hour_ms = 3'600'000;

broker::Config config_of(Random& random) {
  broker::Config config;
  config.core.part_size = random.between(2, 8);
  config.core.sweep_every = Duration{random.between(10'000, 60'000)};
  config.core.leases_per_worker_max = random.between(3, 10);
  config.core.pulls_per_turn_max = static_cast<std::size_t>(random.between(1, 8));
  config.core.steps_per_tick_max = static_cast<std::size_t>(random.between(2, 50));
  config.core.balances_per_sweep = config.core.steps_per_tick_max;
  config.core.fee_ppm = random.between(0, 300'000);
  config.core.qualification_rules = {{ruled_qualification, random.between(1, 6), random.between(0, 900'000)}};
  config.snapshot_every = random.between(2, 20);
  config.snapshot_growth = random.between(0, 2);
  config.group_records_max = random.between(5, 200);
  return config;
}

class World {
 public:
  explicit World(const Options& options)
      : options_(options),
        environment_{Schedule(beginning), Random(options.seed), {}, Trace(options.print)},
        database_([this] { return environment_.now(); }),
        network_(environment_),
        auditor_(findings_, database_.tables()) {
    environment_.faults = faults_of(environment_.random);
    config_ = config_of(environment_.random);
    listen();
    make_brokers();
    make_people();
  }

  Outcome run() {
    begin_faults();
    run_until(beginning + options_.length);
    come_to_rest();
    Outcome outcome;
    outcome.broken = findings_.first();
    outcome.broken_at = environment_.now();
    outcome.digest = environment_.trace.digest();
    outcome.simulated = environment_.now() - beginning;
    outcome.events = environment_.schedule.events();
    outcome.groups = groups_;
    outcome.answers = auditor_.tasks().answers();
    outcome.acknowledged = auditor_.replies().acknowledged();
    outcome.verdicts = auditor_.tasks().verdicts();
    outcome.payouts = auditor_.tasks().payouts();
    outcome.kills = kills_;
    outcome.parts_compared = parts_compared_;
    return outcome;
  }

 private:
  // ---- Making it ----------------------------------------------------------------------------------------------------

  void listen() {
    database_.watch(
        {.stored = [this](const storage::Group& group, const ModelDatabase::Owner& owner) { stored(group, owner); },
         .taken = [this](PartId part, std::int64_t epoch,
                         const ModelDatabase::Owner& owner) { auditor_.taken(part, epoch, owner); }});
    network_.tap({.request = [this](const std::string& key,
                                    const Frame& frame) { auditor_.request(environment_.now(), key, frame); },
                  .reply =
                      [this](const std::string& key, const Frame& frame) {
                        environment_.trace.add(environment_.now(), "reply", frame);
                        if (environment_.trace.is_watched()) say_told(key, frame);
                        auditor_.reply(environment_.now(), key, frame);
                      }});
  }

  void make_brokers() {
    const std::vector<std::string> names =
        environment_.faults.two_brokers ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{"a"};
    for (const std::string& name : names) {
      BrokerProcess::World world{environment_,
                                 database_,
                                 network_,
                                 config_,
                                 [this] { return is_database_down(); },
                                 [this](const std::string& code) { admin_->invited(code); }};
      brokers_.push_back(std::make_unique<BrokerProcess>(std::move(world), name));
      brokers_.back()->start({});
    }
  }

  void make_people() {
    Random& random = environment_.random;
    admin_ = std::make_unique<Admin>(environment_, network_, database_);
    const std::int64_t workers = random.between(3, 8);
    for (std::int64_t i = 0; i < workers; ++i) {
      // Two honest ones, so that there is something to agree on.
      const auto kind =
          i < 2 ? WorkerKind::honest
                : worker_kinds.at(static_cast<std::size_t>(random.between(0, std::ssize(worker_kinds) - 1)));
      workers_.push_back(std::make_unique<Worker>(environment_, network_, "worker " + std::to_string(i), kind, board_));
      admin_->expects(*workers_.back(), Role::worker);
    }
    for (std::int64_t i = 0; i < random.between(1, 2); ++i) {
      requesters_.push_back(std::make_unique<Requester>(environment_, network_, "requester " + std::to_string(i),
                                                        board_, projects_max()));
      admin_->expects(*requesters_.back(), Role::requester);
    }
  }
  [[nodiscard]] std::int64_t projects_max() const { return 3 + options_.length.ms / 180'000; }

  // ---- What goes wrong ----------------------------------------------------------------------------------------------

  void begin_faults() {
    const Faults& faults = environment_.faults;
    again_and_again(faults.database_away_every, [this] { lose_database(); });
    again_and_again(faults.broker_crash_every, [this] { crash(); });
    again_and_again(faults.broker_pause_every, [this] { pause(); });
    again_and_again(faults.partition_every,
                    [this] { network_.cut_some(environment_.random.between(Duration{1'000}, Duration{60'000})); });
    always(compare_every, [this] { compare_all(); });
    environment_.schedule.after(look_every, [this] { look(); });
  }

  void again_and_again(Duration every, std::function<void()> what) {
    if (every.ms == 0) return;
    environment_.schedule.after(next_gap(environment_.random, every), [this, every, what = std::move(what)] {
      if (is_resting_) return;
      what();
      again_and_again(every, what);
    });
  }
  // Also when faults are over.
  void always(Duration every, std::function<void()> what) {
    environment_.schedule.after(next_gap(environment_.random, every), [this, every, what = std::move(what)] {
      what();
      always(every, what);
    });
  }

  void lose_database() {
    const Duration length = environment_.random.between(Duration{200}, Duration{40'000});
    database_down_until_ = environment_.now() + length;
    if (brokers_.size() > 1) doubtful_.ms += length.ms;
    say("database away for " + std::to_string(length.ms));
  }
  [[nodiscard]] bool is_database_down() const { return environment_.now() < database_down_until_; }

  void crash() {
    BrokerProcess& broker = *environment_.random.pick(brokers_);
    if (!broker.is_up()) return;
    compare(broker);
    ++kills_;
    broker.kill();
    // With two brokers the one does not know what the other saw of an outage, nor that it has died, before the leases
    // of its parts are over.
    if (brokers_.size() > 1) doubtful_.ms += 2 * config_.lease.ms;
    say("a broker is killed");
    environment_.trace.add(environment_.now(), "kill");
    const Duration down = environment_.random.between(Duration{100}, Duration{60'000});
    environment_.schedule.after(down, [this, &broker] {
      if (!broker.is_up() && !is_resting_) broker.start(wall_ahead());
    });
  }
  Duration wall_ahead() {
    // Brokers over one database need clocks that agree: a part's time goes on with its owner's.
    if (!environment_.faults.wall_clock_jumps || brokers_.size() > 1) return {0};
    return {environment_.random.between(-2, 2) * hour_ms};
  }

  void pause() {
    const Duration length = environment_.random.between(Duration{500}, Duration{90'000});
    environment_.random.pick(brokers_)->pause(length);
    if (brokers_.size() > 1) doubtful_.ms += length.ms + config_.lease.ms;
    say("a broker pauses for " + std::to_string(length.ms));
  }

  // ---- What is watched ----------------------------------------------------------------------------------------------

  void stored(const storage::Group& group, const ModelDatabase::Owner& owner) {
    ++groups_;
    for (const storage::PartBatch& batch : group.parts) {
      environment_.trace.add(environment_.now(), to_text(batch.part), bytes_of(batch.digest));
      if (environment_.trace.is_watched()) say_stored(batch, owner);
    }
    auditor_.stored(group, owner, {environment_.now(), not_served_, doubtful_, lease_slack});
  }

  void say_stored(const storage::PartBatch& batch, const ModelDatabase::Owner& owner) const {
    say("stored by " + owner.broker + ": " + to_text(batch.part) + " batch " + std::to_string(batch.commit_seq) +
        " epoch " + std::to_string(batch.epoch));
    for (const Record& record : batch.records) say("  " + codec::to_json(record).dump());
  }

  void say_told(const std::string& key, const Frame& frame) const {
    const auto reply = decode_reply(frame);
    if (reply) say(key.substr(0, key.find('.')) + " is told: " + codec::to_json(reply->message).dump());
  }

  void look() {
    const bool is_served = std::any_of(brokers_.begin(), brokers_.end(), [&](const auto& broker) {
      return broker->is_up() && !(is_database_down() && broker->loop()->is_away());
    });
    if (!is_served) not_served_.ms += look_every.ms;
    environment_.schedule.after(look_every, [this] { look(); });
  }

  void compare_all() {
    for (const auto& broker : brokers_) compare(*broker);
  }

  // What a broker has in memory, and what it would have if it died now.
  void compare(const BrokerProcess& broker) {
    if (!broker.is_up()) return;
    const broker::EventLoop& loop = *broker.loop();
    for (const PartId id : loop.core().loaded()) {
      const auto row = database_.tables().parts.find(id);
      // Another broker may have gone on with it.
      if (row == database_.tables().parts.end() || row->second.owner != broker.id() || !loop.is_durable(id)) continue;
      ++parts_compared_;
      if (const auto different = difference(*loop.core().find(id), database_.read(id), loop)) {
        findings_.broken("G6", to_text(id) + " in memory is not what is stored: " + *different);
      }
    }
  }

  // ---- Its course ---------------------------------------------------------------------------------------------------

  void run_until(Time until) {
    while (!findings_.first() && environment_.schedule.step(until)) {
    }
  }

  void come_to_rest() {
    is_resting_ = true;
    environment_.faults = {};
    database_down_until_ = {};
    network_.mend();
    say("faults are over");
    for (std::size_t i = 1; i < brokers_.size(); ++i) brokers_[i]->kill();
    brokers_[0]->pause({});
    if (!brokers_[0]->is_up()) brokers_[0]->start({});
    for (const auto& worker : workers_) worker->reform();
    for (Duration passed{}; passed < rest_max && !is_at_rest() && !findings_.first(); passed.ms += rest_look.ms) {
      // What was under way when they came to their senses may undo it once more.
      if (passed.ms % (6 * rest_look.ms) == 0) settle_down();
      run_until(environment_.now() + rest_look);
    }
    if (!findings_.first()) compare_all();
    if (!findings_.first()) auditor_.check_at_rest();
  }
  void settle_down() {
    admin_->finish();
    for (const auto& requester : requesters_) requester->finish();
  }
  [[nodiscard]] bool is_at_rest() const {
    const Tables& tables = database_.tables();
    const bool are_over = std::all_of(tables.parts.begin(), tables.parts.end(), [](const auto& entry) {
      const std::int16_t state = entry.second.summary.state;
      if (is_account_part(entry.first)) return true;
      return is_task_part(entry.first) ? state == static_cast<std::int16_t>(PartState::done)
                                       : state >= static_cast<std::int16_t>(ProjectState::ended);
    });
    const bool have_asked = std::all_of(requesters_.begin(), requesters_.end(),
                                        [](const auto& requester) { return requester->client.waiting() == 0; });
    return are_over && have_asked && tables.outbox.empty() && admin_->client.waiting() == 0 && !tables.parts.empty();
  }

  void say(const std::string& line) const { environment_.trace.say(environment_.now(), line); }

  const Options& options_;
  Environment environment_;
  Findings findings_;
  broker::Config config_;
  ModelDatabase database_;
  Network network_;
  Auditor auditor_;
  NoticeBoard board_;
  std::unique_ptr<Admin> admin_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Requester>> requesters_;
  std::vector<std::unique_ptr<BrokerProcess>> brokers_;

  bool is_resting_ = false;
  Time database_down_until_;
  Duration not_served_, doubtful_;
  std::int64_t groups_ = 0, kills_ = 0, parts_compared_ = 0;
};

}  // namespace

Outcome simulate(const Options& options) { return World(options).run(); }

}  // namespace tally::sim
