#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "gateway/http/server.h"

namespace tally::gateway::http {

// A server on a thread of its own, at a port of its own.
class RunningServer {
 public:
  explicit RunningServer(Server::Handler handler, Server::Config config = {});
  ~RunningServer();  // At once, whatever goes on.
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] std::string log() const;
  [[nodiscard]] std::size_t connections();
  [[nodiscard]] std::size_t bodies_bytes();

  // On the server's thread; waits for what it gives. Throws when that takes more than ten seconds.
  template <class Work>
  auto run(Work work) {
    auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
    auto result = task->get_future();
    boost::asio::post(context_, [task] { (*task)(); });
    if (result.wait_for(std::chrono::seconds(10)) != std::future_status::ready) throw std::runtime_error("it hangs");
    return result.get();
  }

  // Gracefully. The future is ready when it has stopped.
  std::future<void> stop();

 private:
  boost::asio::io_context context_{1};
  std::unique_ptr<Server> server_;
  int port_ = 0;
  mutable std::mutex mutex_;  // Of the log.
  std::string log_;
  std::thread thread_;
};

// An answer without waiting for anything.
[[nodiscard]] Server::Handler answers(std::function<Response(const Request&)> answer);
// Gives back what was understood: "METHOD path body".
[[nodiscard]] Server::Handler echo();

}  // namespace tally::gateway::http
