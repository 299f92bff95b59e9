#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/config.h"
#include "broker/event_loop.h"
#include "broker/side_thread.h"
#include "broker/storage/store.h"
#include "broker/transport/server.h"
#include "broker/wakeup.h"
#include "common/ops/clock.h"
#include "common/ops/log.h"

// The event loop in a process of its own: with sockets, the machine's clock, and a thread for whatever blocks.
namespace tally::broker {

// Contents of one kind and part, by number; empty where there is none.
using ContentReader =
    std::function<std::vector<std::optional<std::string>>(PartId, ContentKind, const std::vector<std::int64_t>&)>;

// Answers what is served by a reader. What it throws becomes the refusal internal_error.
using Answerer = std::function<Result<Reply, Refusal>(const Request&, const core::Identity&, Time now)>;

class Service {
 public:
  // What it works with; all outlive it. The stores, and the three functions, are used on one side thread each.
  struct Tools {
    transport::Server& server;
    storage::Store& committer;
    storage::Store& loader;
    ContentReader contents;
    Answerer reads;
    Answerer audits;
    const ops::Log& log;
    std::function<void(const std::string& line)> on_invitation;  // The first admin's.
    std::function<std::string(const std::string& code)> invitation_line;
    bool invite_admin = false;  // Though there is one.
  };

  // `last_recorded`: by Store::start().
  Service(const Config& config, Tools tools, Time last_recorded);

  // Until `stop` (a file descriptor) can be read. Throws what a side thread could not go on with. `on_ready` is called
  // once, when requests are taken.
  void run(int stop, const std::function<void()>& on_ready);

 private:
  [[nodiscard]] EventLoop::Hands hands(const Tools& tools);

  transport::Server& server_;
  Wakeup wakeup_;
  ops::BrokerClock clock_;
  SideThread<storage::Group, storage::CommitOutcome> committer_;
  SideThread<LoaderJob, LoaderResult> loader_;
  SideThread<ContentJob, ContentRead> contents_;
  SideThread<ReadJob, core::OutgoingReply> reads_, audits_;
  EventLoop loop_;
};

}  // namespace tally::broker
