#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "schemas/messages.h"
#include "tools/sim/environment.h"
#include "tools/sim/network.h"
#include "tools/sim/wire.h"

namespace tally::sim {

// One key's conversation with whichever broker serves: what common/net does, on the simulated network. A request is
// sent again under its id until a reply comes, later when the broker says so; a reply is heard once.
class Client {
 public:
  using Heard = std::function<void(Result<Reply, Refusal>)>;

  Client(Environment& environment, Network& network, std::string key);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void ask(Request request, Heard heard);
  // For R::Reply or a refusal; another reply is a mistake of the broker, and given as malformed.
  template <class R>
  void ask_for(R request, std::function<void(Result<typename R::Reply, Refusal>)> heard) {
    ask(Request(std::move(request)), [heard = std::move(heard)](Result<Reply, Refusal> reply) {
      if (!reply) return heard(Unexpected{reply.error()});
      auto* right = std::get_if<typename R::Reply>(&*reply);
      if (right == nullptr) return heard(Unexpected{Refusal{RefusalCode::malformed, "a reply of another kind", 0}});
      heard(std::move(*right));
    });
  }
  // Calls it then, unless everything was forgotten meanwhile.
  void after(Duration delay, std::function<void()> what);

  // The program ends and begins anew: what was under way is forgotten.
  void forget_all();
  // Sends some old request once more, as it was.
  void send_something_again();

  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  Random random;

 private:
  struct Waiting {
    Frame frame;
    bool is_enrolment = false;
    Duration wait;
    Heard heard;
    int times_sent = 0;
    std::uint64_t due = 0;  // Of several timers the last one counts.
  };

  void connect();
  void send(std::uint64_t request_id);
  void send_at(std::uint64_t request_id, Duration delay);
  void receive(std::uint64_t channel, const Frame& frame);

  Environment& environment_;
  Network& network_;
  std::string key_;
  std::uint64_t channel_ = 0;  // 0: none.
  std::uint64_t next_id_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::deque<Frame> old_;  // A few.
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

}  // namespace tally::sim
