#include "gateway/serve.h"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "common/ops/log.h"
#include "gateway/gateway.h"

namespace tally::gateway {
namespace {

struct Wanted {
  std::string host = "127.0.0.1";
  int port = 7780;
  std::string pages;
  std::string public_url;
  std::string certificate;
  std::string key;
  bool is_behind_proxy = false;
};

// Beside the program, where the build and the installation put them.
std::filesystem::path usual_pages() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tally-pages";
}

bool is_https(const Wanted& wanted) { return !wanted.certificate.empty() || wanted.public_url.starts_with("https://"); }

// As a browser sends it: without a path.
std::string origin_of(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  std::transform(url.begin(), url.end(), url.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  if (!url.empty() && (!has_scheme || url.find('/', url.find("://") + 3) != std::string::npos)) {
    cli::fail_usage("--public-url is what people type, without a path: https://tasks.example.org");
  }
  return url;
}

GatewayConfig config_of(const Wanted& wanted, const cli::KeyFile& key_file, const ops::Log& log) {
  if (wanted.certificate.empty() != wanted.key.empty()) {
    cli::fail_usage("--certificate and --key go together: two PEM files");
  }
  GatewayConfig config;
  config.http.host = wanted.host;
  config.http.port = wanted.port;
  config.http.log = [&log](std::string_view line) { log.warn(line); };
  if (!wanted.certificate.empty()) config.http.tls = http::Server::Tls{wanted.certificate, wanted.key};
  config.api.gateway_key = key_file.keys.secret_key;
  config.api.public_url = origin_of(wanted.public_url);
  config.api.secure_cookies = is_https(wanted);
  config.api.is_behind_proxy = wanted.is_behind_proxy;
  // All of them come from its address.
  if (wanted.is_behind_proxy) config.http.connections_per_address_max = config.http.connections_max;
  config.pages = wanted.pages.empty() ? usual_pages() : std::filesystem::path(wanted.pages);
  if (wanted.pages.empty() && !std::filesystem::exists(config.pages)) {
    log.warn("event=no_pages folder=" + config.pages.string() + " serving=api");
    config.pages.clear();
  }
  return config;
}

void serve(cli::Program& program, const Wanted& wanted) {
  const ops::Log log;
  const cli::KeyFile& key_file = program.key_file();
  if (key_file.role != Role::gateway)
    cli::fail_usage("this key is not a gateway's: ask an admin for an invitation to one");
  boost::asio::io_context io(1);
  try {
    Gateway gateway(io, program.network(), cli::conversation_config(key_file), config_of(wanted, key_file, log));
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& error, int) {
      if (!error) gateway.stop([&io] { io.stop(); });
    });
    gateway.start();
    const std::string scheme = wanted.certificate.empty() ? "http://" : "https://";
    const std::string host = wanted.host.find(':') == std::string::npos ? wanted.host : '[' + wanted.host + ']';
    std::cout << "pages: "
              << (wanted.public_url.empty() ? scheme + host + ':' + std::to_string(gateway.port()) : wanted.public_url)
              << std::endl;
    io.run();
  } catch (const std::runtime_error& error) {
    cli::fail_usage(error.what());
  }
  log.info("event=stopped");
}

}  // namespace

ServeCommand::ServeCommand(cli::Program& program) {
  auto wanted = std::make_shared<Wanted>();
  CLI::App* command = program.app().add_subcommand("serve", "Serve the pages and the JSON API until it is stopped");
  command->add_option("--host", wanted->host, "Address to listen at")->type_name("ADDRESS")->capture_default_str();
  command->add_option("--port", wanted->port, "Port to listen at; 0: the system picks one")
      ->type_name("PORT")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535).description(""));
  command->add_option("--pages", wanted->pages, "Folder of the pages; without it tally-pages beside this program")
      ->type_name("FOLDER");
  command
      ->add_option("--public-url", wanted->public_url,
                   "What people type, where a proxy stands in front; with https cookies go over https alone")
      ->type_name("URL");
  command->add_flag("--behind-proxy", wanted->is_behind_proxy,
                    "Only a proxy reaches us: the last address of X-Forwarded-For is who asks");
  command->add_option("--certificate", wanted->certificate, "PEM with the chain, to speak https")->type_name("FILE");
  command->add_option("--key", wanted->key, "PEM of its key")->type_name("FILE");
  command->callback([wanted, &program] { serve(program, *wanted); });
}

}  // namespace tally::gateway
