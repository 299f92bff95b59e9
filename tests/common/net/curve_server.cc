#include "tests/common/net/curve_server.h"

#include <chrono>
#include <stdexcept>

#include "common/codec/messages_codec.h"

namespace tally::net {
namespace {

Frames take(zmq::socket_t& socket) {
  Frames frames;
  zmq::message_t part;
  do {
    if (!socket.recv(part)) throw std::runtime_error("half a message");
    frames.emplace_back(part.data<char>(), part.size());
  } while (part.more());
  return frames;
}

void give(zmq::socket_t& socket, const Frames& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    socket.send(zmq::buffer(frames[i]), i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
  }
}

}  // namespace

Frames reply_frames(std::uint64_t request_id, const Reply& reply) {
  return {encode_frame({codec::number_of(reply), request_id}, codec::encode_body(reply))};
}

CurveServer::CurveServer(Script script) : script_(std::move(script)) { start(); }

CurveServer::~CurveServer() { stop(); }

void CurveServer::start() {
  is_stopping_ = false;
  auto context = std::make_unique<zmq::context_t>(1);
  zmq::socket_t gate(*context, zmq::socket_type::rep);
  gate.set(zmq::sockopt::linger, 0);
  gate.bind("inproc://zeromq.zap.01");
  zmq::socket_t router(*context, zmq::socket_type::router);
  router.set(zmq::sockopt::linger, 0);
  router.set(zmq::sockopt::curve_server, true);
  router.set(zmq::sockopt::curve_secretkey, keys_.secret_key);
  router.set(zmq::sockopt::zap_domain, "test");
  router.bind("tcp://127.0.0.1:" + (port_ == 0 ? std::string("*") : std::to_string(port_)));
  const std::string endpoint = router.get(zmq::sockopt::last_endpoint);
  port_ = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  thread_ =
      std::thread([this, held = std::move(context), router = std::move(router), gate = std::move(gate)]() mutable {
        serve(*held, router, gate);
        router.close();
        gate.close();
      });
}

void CurveServer::stop() {
  is_stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void CurveServer::serve(zmq::context_t& /*context*/, zmq::socket_t& router, zmq::socket_t& gate) {
  while (!is_stopping_) {
    std::array<zmq::pollitem_t, 2> items{{{gate.handle(), 0, ZMQ_POLLIN, 0}, {router.handle(), 0, ZMQ_POLLIN, 0}}};
    zmq::poll(items.data(), items.size(), std::chrono::milliseconds{5});
    if (items[0].revents != 0) answer_gate(gate);
    if (items[1].revents != 0) answer_client(router);
  }
}

void CurveServer::answer_gate(zmq::socket_t& gate) {
  const Frames question = take(gate);  // version, id, domain, address, identity, mechanism, key
  bool is_admitted = false;
  {
    const std::lock_guard lock(mutex_);
    is_admitted = admits_all_ || (question.size() == 7 && admitted_.contains(question[6]));
    refused_ += is_admitted ? 0 : 1;
  }
  give(gate, {"1.0", question.at(1), is_admitted ? "200" : "400", "", "", ""});
}

void CurveServer::answer_client(zmq::socket_t& router) {
  const Frames frames = take(router);
  if (frames.size() != 2) return;
  const auto message = decode_frame(frames[1]);
  if (!message) return;
  auto request = codec::decode_request(message->header.number, message->body, codec::Limits{});
  if (!request) return;
  const Heard heard{message->header, std::move(*request)};
  {
    const std::lock_guard lock(mutex_);
    heard_.push_back(heard);
  }
  for (Frames& reply : script_(heard)) {
    reply.insert(reply.begin(), frames[0]);
    give(router, reply);
  }
}

void CurveServer::admit(std::set<std::string> public_keys) {
  const std::lock_guard lock(mutex_);
  admits_all_ = false;
  admitted_ = std::move(public_keys);
}

std::vector<Heard> CurveServer::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

int CurveServer::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

ConversationConfig CurveServer::client_config() const {
  ConversationConfig config;
  config.host = "127.0.0.1";
  config.port = port_;
  config.server_key = keys_.public_key;
  config.keys = make_key_pair();
  config.reconnect_after = Duration{10};
  config.reconnect_after_max = Duration{100};
  return config;
}

std::optional<Conversation::Arrived> receive_soon(Conversation& conversation) {
  return conversation.receive(Duration{10'000});
}

bool comes_true(Conversation& conversation, const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    static_cast<void>(conversation.receive(Duration{5}));
  }
  return true;
}

}  // namespace tally::net
