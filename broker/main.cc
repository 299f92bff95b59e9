// tally-broker: the marketplace itself. Reads its configuration, opens database and sockets, and runs the event loop.
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <optional>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>

#include "broker/audit/auditor.h"
#include "broker/config.h"
#include "broker/data_folder.h"
#include "broker/service.h"
#include "broker/storage/embedded.h"
#include "broker/storage/migrate.h"
#include "broker/storage/reads.h"

#ifdef __SANITIZE_ADDRESS__
// libpqxx 6.4 leaks the result of the statement that finds its connection lost: 2 KB a loss.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx"; }
#endif

namespace tally::broker {
namespace {

constexpr std::chrono::seconds stop_patience{10};

struct Arguments {
  std::string data = "tally-data";
  std::string config_file;
  bool check_config = false;
  bool invite_admin = false;
  std::optional<std::string> host, database;
  std::optional<std::int64_t> port, enrolment_port;
  bool unsafe_fast = false;
};

Config config_from(const Arguments& arguments) {
  Config config;
  if (!arguments.config_file.empty()) {
    std::ifstream in(arguments.config_file, std::ios::binary);
    std::ostringstream text;
    if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
    if (!in.is_open() || in.bad()) throw std::runtime_error(arguments.config_file + ": cannot be read");
    const auto read = read_config(text.str(), arguments.config_file, config);
    if (!read) throw std::runtime_error(read.error());
  }
  if (arguments.host) config.host = *arguments.host;
  if (arguments.port) config.port = *arguments.port;
  if (arguments.enrolment_port) config.enrolment_port = *arguments.enrolment_port;
  if (arguments.database) config.database = *arguments.database;
  if (arguments.unsafe_fast) config.unsafe_fast = true;
  return config;
}

// SIGTERM and SIGINT as a file descriptor. Before any thread is made, so that all of them leave the signals to it.
int stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

void take_signals(int signals) {
  pollfd look{signals, POLLIN, 0};
  signalfd_siginfo taken{};
  while (poll(&look, 1, 0) > 0 && read(signals, &taken, sizeof taken) > 0) {
  }
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

transport::ServerConfig server_config(const Config& config, const DataFolder& folder) {
  transport::ServerConfig server;
  server.host = config.host;
  server.port = static_cast<int>(config.port);
  server.enrolment_port = static_cast<int>(config.enrolment_port);
  server.keys = folder.keys();
  server.limits = config.message;
  server.queue_per_peer = static_cast<int>(config.queue_per_peer_max);
  server.connections_max = static_cast<int>(config.connections_max);
  return server;
}

// While it lives, a signal or `patience` ends the process at once, whatever it waits for. While the broker starts there
// is nothing to put in order; while it stops, what is not stored by then was not acknowledged. A PostgreSQL of our own
// ends with us.
class EndAtOnce {
 public:
  struct Last {
    std::string word;
    int code = 0;
  };
  // `patience`: none without it.
  EndAtOnce(int signals, std::optional<std::chrono::milliseconds> patience, Last last)
      : over_(eventfd(0, EFD_CLOEXEC)),
        last_(std::move(last)),
        watcher_([this, signals, patience] { watch(signals, patience ? static_cast<int>(patience->count()) : -1); }) {}
  ~EndAtOnce() {
    eventfd_write(over_, 1);
    watcher_.join();
    close(over_);
  }
  EndAtOnce(const EndAtOnce&) = delete;
  EndAtOnce& operator=(const EndAtOnce&) = delete;

 private:
  void watch(int signals, int patience_ms) const {
    std::array<pollfd, 2> both{pollfd{over_, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
    while (poll(both.data(), both.size(), patience_ms) < 0 && errno == EINTR) {
    }
    if (both[0].revents != 0) return;
    std::fprintf(stderr, "tally-broker: %s\n", last_.word.c_str());
    _exit(last_.code);
  }

  int over_;
  Last last_;
  std::thread watcher_;
};

// Runs until a signal. Throws std::runtime_error with what to do.
void serve(const Config& config, const Arguments& arguments, int stop) {
  const ops::Log log(config.log_level);
  const auto log_line = [&log](std::string_view line) { log.info(line); };
  std::optional<EndAtOnce> starting;
  starting.emplace(stop, std::nullopt, EndAtOnce::Last{"stopped while it was starting", 0});
  const DataFolder folder(arguments.data);

  std::unique_ptr<storage::EmbeddedCluster> embedded;
  storage::StoreConfig store;
  store.connection = config.database;
  if (config.database.empty()) {
    storage::EmbeddedConfig cluster;
    cluster.folder = folder.postgres();
    cluster.user = config.postgres_user;
    cluster.unsafe_fast = config.unsafe_fast;
    cluster.log = log_line;
    embedded = std::make_unique<storage::EmbeddedCluster>(cluster);
    store.connection = embedded->connection();
  } else {
    storage::migrate(config.database_owner.empty() ? config.database : config.database_owner, log_line);
  }
  store.broker_id = folder.broker_id();
  store.lease = config.lease;
  store.log = log_line;

  std::atomic<bool> stopping{false};
  std::optional<EndAtOnce> ending;  // Before all that may wait for a database that hangs.
  storage::Store committer(store, stopping);
  storage::Store loader(store, stopping);
  storage::Store contents(store, stopping);
  storage::Reads reads({.connection = store.connection, .log = log_line}, stopping);
  audit::Auditor auditor({.connection = store.connection, .log = log_line}, stopping);
  transport::Server server(server_config(config, folder));

  const std::string host = config.public_host.empty() ? config.host : config.public_host;
  Service::Tools tools{server,
                       committer,
                       loader,
                       [&](PartId part, ContentKind kind, const std::vector<std::int64_t>& numbers) {
                         return contents.contents(part, kind, numbers);
                       },
                       [&](const Request& request, const core::Identity& who, Time now) {
                         return reads.answer(request, who.account, who.role, now);
                       },
                       [&](const Request& request, const core::Identity&, Time) {
                         const auto* verify = std::get_if<VerifyAudit>(&request);
                         return verify != nullptr ? auditor.verify(*verify)
                                                  : auditor.trace(std::get<TraceAudit>(request));
                       },
                       log,
                       [](const std::string& line) { say("invitation: " + line); },
                       [&](const std::string& code) {
                         return net::to_text({host, server.enrolment_port(), folder.keys().public_key, code});
                       },
                       arguments.invite_admin};
  Service service(config, std::move(tools), committer.start(ops::BrokerClock::wall_now()));
  starting.reset();
  // Whoever waits for a database that is away is let go.
  struct AtEnd {
    std::atomic<bool>& flag;
    std::optional<EndAtOnce>& ending;
    int signals;
    ~AtEnd() {
      flag = true;
      take_signals(signals);  // The one that ended us.
      ending.emplace(
          signals, stop_patience,
          EndAtOnce::Last{"stopped without waiting any longer for the database; what it had not stored was not "
                          "acknowledged",
                          1});
    }
  } const at_end{stopping, ending, stop};
  service.run(stop, [&] {
    say("ready: main=" + std::to_string(server.port()) + " enrolment=" + std::to_string(server.enrolment_port()));
  });
  log.info("event=stopped");
}

int run(int argc, const char* const* argv) {
  Arguments arguments;
  CLI::App app("The Tally marketplace: hands out tasks, settles them by votes, pays for answers.", "tally-broker");
  app.set_version_flag("--version", std::string("tally-broker ") + TALLY_VERSION);
  app.add_option("--data", arguments.data, "Folder for keys and the private database")
      ->type_name("FOLDER")
      ->capture_default_str();
  app.add_option("--config", arguments.config_file, "Configuration file (TOML)")->type_name("FILE");
  app.add_flag("--check-config", arguments.check_config, "Show the whole configuration with its bounds, and stop");
  app.add_flag("--invite-admin", arguments.invite_admin,
               "Print an invitation to the first admin's account: for the house that lost its last admin's key");
  app.add_option("--host", arguments.host, "Address to listen on")->type_name("ADDRESS");
  app.add_option("--port", arguments.port, "Main port; 0: the system picks one")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535).description(""));
  app.add_option("--enrolment-port", arguments.enrolment_port, "Where new keys join; 0: the system picks one")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535).description(""));
  app.add_option("--database", arguments.database, "libpq connection string; without it a private PostgreSQL is run")
      ->type_name("STRING");
  app.add_flag("--unsafe-fast", arguments.unsafe_fast, "Private database without fsync: for tests");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::fprintf(stderr, "tally-broker: %s (tally-broker --help shows what there is)\n", error.what());
    return 2;
  }
  try {
    const Config config = config_from(arguments);
    if (arguments.check_config) {
      say(to_toml(config));
      return 0;
    }
    serve(config, arguments, stop_signals());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tally-broker: %s\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace tally::broker

int main(int argc, char** argv) { return tally::broker::run(argc, argv); }
