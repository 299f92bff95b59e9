#include "tests/gateway/http/running_server.h"

#include <chrono>
#include <stdexcept>

#include <boost/asio/executor_work_guard.hpp>

namespace tally::gateway::http {

RunningServer::RunningServer(Server::Handler handler, Server::Config config) {
  config.log = [this](std::string_view line) {
    const std::lock_guard lock(mutex_);
    log_.append(line).append("\n");
  };
  server_ = std::make_unique<Server>(context_, std::move(config), std::move(handler));
  server_->start();
  port_ = server_->port();
  thread_ = std::thread([this] {
    const auto work = boost::asio::make_work_guard(context_);
    context_.run();
  });
}

RunningServer::~RunningServer() {
  context_.stop();
  thread_.join();
}

std::string RunningServer::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::size_t RunningServer::connections() {
  return run([this] { return server_->connections(); });
}

std::size_t RunningServer::bodies_bytes() {
  return run([this] { return server_->bodies_bytes(); });
}

std::future<void> RunningServer::stop() {
  auto stopped = std::make_shared<std::promise<void>>();
  run([this, stopped] { server_->stop([stopped] { stopped->set_value(); }); });
  return stopped->get_future();
}

Server::Handler answers(std::function<Response(const Request&)> answer) {
  return [answer = std::move(answer)](const Request& request) -> boost::asio::awaitable<Response> {
    Response response = answer(request);
    co_return response;
  };
}

Server::Handler echo() {
  return answers([](const Request& request) {
    return Response{.content_type = "text/plain", .body = request.method + " " + request.path + " " + request.body};
  });
}

}  // namespace tally::gateway::http
