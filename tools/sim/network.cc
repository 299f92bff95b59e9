#include "tools/sim/network.h"

namespace tally::sim {
namespace {

constexpr Duration delay_min{1};
constexpr Duration delay_max{40};
constexpr Duration late_max{120'000};

}  // namespace

std::uint64_t Network::connect(std::size_t broker, std::string key, Receive receive) {
  const std::uint64_t channel = next_channel_++;
  connections_.emplace(channel, Connection{broker, std::move(key), std::move(receive), {}});
  return channel;
}

void Network::to_broker(std::uint64_t channel, bool is_enrolment, Frame frame) {
  const Connection& connection = connections_.at(channel);
  if (tap_.request) tap_.request(connection.key, frame);
  const auto& deliver = brokers_.at(connection.broker);
  // A message that is under way arrives even when its sender has hung up.
  carry(channel, [&deliver, envelope = Envelope{channel, connection.key, is_enrolment, std::move(frame)}] {
    deliver(envelope);
  });
}

void Network::to_client(std::uint64_t channel, Frame frame) {
  const auto connection = connections_.find(channel);
  if (connection == connections_.end()) return;
  if (tap_.reply) tap_.reply(connection->second.key, frame);
  carry(channel, [this, channel, frame = std::move(frame)] {
    const auto found = connections_.find(channel);
    if (found == connections_.end()) return;
    const Receive receive = found->second.receive;  // It may hang up meanwhile.
    receive(channel, frame);
  });
}

void Network::carry(std::uint64_t channel, const std::function<void()>& arrive) {
  Random& random = environment_.random;
  const Faults& faults = environment_.faults;
  if (connections_.at(channel).cut_until > environment_.now() || random.permille(faults.lost)) return;
  const int copies = random.permille(faults.twice) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const bool is_late = random.permille(faults.late);
    environment_.schedule.after(random.between(delay_min, is_late ? late_max : delay_max), arrive);
  }
}

void Network::cut_some(Duration length) {
  const std::int64_t share = environment_.random.between(10, 100);
  for (auto& [channel, connection] : connections_) {
    if (environment_.random.percent(share)) connection.cut_until = environment_.now() + length;
  }
}

void Network::mend() {
  for (auto& [channel, connection] : connections_) connection.cut_until = {};
}

}  // namespace tally::sim
