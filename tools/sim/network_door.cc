#include "tools/sim/network_door.h"

#include <utility>

#include "tools/sim/wire.h"

namespace tally::sim {

// Who is not admitted gets no connection: what they send arrives nowhere, and they try again.
void NetworkDoor::deliver(const Envelope& envelope) {
  if (envelope.is_enrolment || keys_.contains(envelope.key)) arrived_.push_back(envelope);
}

std::optional<transport::Incoming> NetworkDoor::receive() {
  if (arrived_.empty()) return std::nullopt;
  const Envelope envelope = std::move(arrived_.front());
  arrived_.pop_front();
  transport::Incoming incoming;
  incoming.channel = envelope.channel;
  incoming.key = envelope.key;
  incoming.is_enrolment = envelope.is_enrolment;
  auto request = decode_request(envelope.frame);
  if (!request) {
    incoming.refusal = request.error();
    return incoming;
  }
  incoming.request_id = request->request_id;
  incoming.request = std::move(request->message);
  incoming.body_digest = sha256(request->body);
  incoming.bytes = request->body.size();
  return incoming;
}

void NetworkDoor::send(std::uint64_t channel, std::uint64_t request_id, const Reply& reply) {
  network_.to_client(channel, encode(request_id, reply));
}

}  // namespace tally::sim
