#include "broker/storage/embedded.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "broker/storage/child_process.h"
#include "broker/storage/connection.h"
#include "broker/storage/migrate.h"
#include "broker/storage/postgres_programs.h"
#include "broker/storage/postmaster.h"
#include "broker/storage/stray_postgres.h"

namespace tally::storage {
namespace {

using std::filesystem::path;

constexpr const char* owner_role = "tally_owner";
constexpr const char* database = "tally";

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }
[[noreturn]] void fail_errno(const std::string& what) { fail(what + ": " + std::strerror(errno)); }

// A value of a libpq connection string.
std::string conninfo_value(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + '\'';
}

void give_to(const ChildUser& user, const path& file) {
  if (user.change && chown(file.c_str(), user.uid, user.gid) != 0)
    fail_errno("cannot give " + file.string() + " to " + user.name);
}

// Makes the folder and checks that the server's user can work in it.
void prepare_folder(const path& folder, const ChildUser& user) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("cannot make the folder " + folder.string() + ": " + error.message());
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) fail_errno("cannot look at " + folder.string());
  if (status.st_uid != user.uid) {
    if (!user.change || (status.st_uid != 0 && !std::filesystem::is_empty(folder))) {
      fail("the folder " + folder.string() + " belongs to another user than " + user.name +
           ", whom PostgreSQL runs as: give it to that user, or name another folder");
    }
    give_to(user, folder);
  }
  if (chmod(folder.c_str(), 0700) != 0) fail_errno("cannot close " + folder.string() + " to others");
  const path closed = first_closed_folder(user, folder);
  if (closed.empty()) return;
  fail("the user '" + user.name + "', whom PostgreSQL runs as, cannot enter " + closed.string() +
       ", which is on the way to the data in " + folder.string() +
       ": put the data elsewhere (for example below /var/lib), or " + "let that user through with  chmod o+x " +
       closed.string());
}

int lock_folder(const path& folder) {
  const path file = folder / "lock";
  const int lock = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) fail_errno("cannot open " + file.string());
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> text{};
    const ssize_t got = pread(lock, text.data(), text.size() - 1, 0);
    close(lock);
    fail("another broker" + (got > 0 ? " (process " + std::string(text.data()) + ")" : std::string()) +
         " is using the data in " + folder.string() + ": stop it, or give this one a data folder of its own");
  }
  const std::string self = std::to_string(getpid());
  if (ftruncate(lock, 0) != 0 || pwrite(lock, self.data(), self.size(), 0) < 0)
    fail_errno("cannot write " + file.string());
  return lock;
}

// What a start that was cut off has left of a cluster. Its initdb ends with it, but a moment later, and meanwhile takes
// away files of its own: then what is looked for is gone, and it is looked for again.
void remove_half_made(const path& cluster) {
  constexpr int tries_max = 50;
  std::error_code trouble;
  for (int i = 0; i < tries_max; ++i) {
    std::filesystem::remove_all(cluster, trouble);
    if (!trouble && !std::filesystem::exists(cluster)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  fail("cannot remove " + cluster.string() + ", which a start that was cut off has left: " + trouble.message());
}

// A start that was killed leaves its initdb behind, which goes on, and removes its own folder where it fails. So each
// start has one of another name.
path fresh_folder(const path& folder) {
  constexpr std::string_view half_made = "data.new";
  std::vector<path> old;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with(half_made)) old.push_back(entry.path());
  }
  for (const path& left : old) remove_half_made(left);
  const auto number = std::chrono::steady_clock::now().time_since_epoch().count();
  return folder / (std::string(half_made) + '.' + std::to_string(getpid()) + '.' + std::to_string(number));
}

void make_cluster(const path& folder, const path& programs, const ChildUser& user, bool unsafe_fast) {
  const path fresh = fresh_folder(folder);
  ChildSpec spec;
  spec.user = user;
  spec.folder = folder;
  spec.parent_death_signal = SIGKILL;
  spec.command = {(programs / "initdb").string(),
                  "-D",
                  fresh.string(),
                  "--username",
                  owner_role,
                  "--auth",
                  "trust",
                  "--encoding",
                  "UTF8",
                  "--locale",
                  "C",
                  "--data-checksums",
                  "--no-instructions"};
  if (unsafe_fast) spec.command.emplace_back("--no-sync");
  const ChildResult made = run_child(spec);
  if (made.status != 0) {
    fail("initdb failed (status " + std::to_string(made.status) + ") in " + folder.string() + ":\n" +
         last_lines(made.output, 8));
  }
  // Nobody comes in but through the socket, and to that only this user and root.
  std::ofstream access(fresh / "pg_hba.conf", std::ios::trunc);
  access << "local all all trust\n";
  access.close();
  if (!access) fail("cannot write " + (fresh / "pg_hba.conf").string() + ": is the disk full?");
  std::filesystem::rename(fresh, folder / "data");
}

// Not $TMPDIR: that may be long, and another user's.
constexpr std::string_view short_folders = P_tmpdir "/tally-";

// Where the socket is: in the folder, or where its name would be too long, in a short private one.
path socket_folder(const path& folder, const ChildUser& user) {
  const path note = folder / "socket_folder";
  if (std::ifstream old_note(note); old_note) {
    std::string old;
    std::getline(old_note, old);
    std::error_code ignored;
    if (old.starts_with(short_folders)) std::filesystem::remove_all(old, ignored);
    std::filesystem::remove(note, ignored);
  }
  if (fits_socket(folder)) return folder;
  std::string name = std::string(short_folders) + "XXXXXX";
  if (mkdtemp(name.data()) == nullptr) fail_errno("cannot make a folder for the socket in " P_tmpdir);
  give_to(user, name);
  std::ofstream(note) << name << '\n';
  return name;
}

std::vector<std::string> server_command(const path& programs, const path& data, const path& socket, bool unsafe_fast) {
  std::vector<std::string> command{
      (programs / "postgres").string(), "-D", data.string(), "-k", socket.string(), "-h", ""};
  const std::string safe = unsafe_fast ? "off" : "on";
  const std::string settings[] = {"port=5432", "unix_socket_permissions=0700", "fsync=" + safe, "synchronous_commit=on",
                                  "full_page_writes=" + safe, "max_connections=40", "shared_buffers=256MB",
                                  // A segment of the log that is used again costs nothing; a new one is filled with
                                  // zeros first, for which a commit waits 50 ms. So those that there were are kept.
                                  "max_wal_size=2GB", "min_wal_size=1GB", "checkpoint_timeout=15min",
                                  "logging_collector=off", "log_destination=stderr", "log_line_prefix=%m [%p] ",
                                  "log_timezone=UTC", "log_checkpoints=off",
                                  // Without details: a row that is refused may hold what people wrote.
                                  "log_error_verbosity=terse"};
  for (const std::string& setting : settings) {
    command.emplace_back("-c");
    command.push_back(setting);
  }
  return command;
}

void make_database(const std::string& maintenance) {
  try {
    Connection connection(maintenance, Use::migration, {});
    pqxx::nontransaction step(connection.get());
    if (step.exec("SELECT 1 FROM pg_database WHERE datname = '" + std::string(database) + "'").empty()) {
      step.exec("CREATE DATABASE " + std::string(database));
    }
    if (step.exec("SELECT 1 FROM pg_roles WHERE rolname = '" + std::string(broker_role) + "'").empty()) {
      step.exec("CREATE ROLE " + std::string(broker_role) + " LOGIN");
    }
  } catch (const pqxx::failure& error) {
    fail("the new database could not be made: " + one_line(error.what()));
  }
}

}  // namespace

bool fits_socket(const path& folder) {
  // sun_path has 108 bytes with its end; libpq takes a comma for the end of one host of a list.
  const std::string name = (folder / ".s.PGSQL.5432").string();
  return name.size() <= 107 && name.find(',') == std::string::npos;
}

class EmbeddedCluster::Impl {
 public:
  explicit Impl(EmbeddedConfig given) : config(std::move(given)) {
    if (!config.folder.is_absolute()) config.folder = std::filesystem::absolute(config.folder);
    config.folder = config.folder.lexically_normal();
    const ChildUser user = child_user(config.user);
    prepare_folder(config.folder, user);
    config.folder = std::filesystem::canonical(config.folder);
    lock = lock_folder(config.folder);
    try {
      start(user);
    } catch (...) {
      stop();
      throw;
    }
  }
  ~Impl() { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start(const ChildUser& user) {
    const path data = config.folder / "data";
    const path programs = find_postgres_programs(config.programs, data);
    end_postgres_in(data, config.log);
    if (!std::filesystem::exists(data / "PG_VERSION")) make_cluster(config.folder, programs, user, config.unsafe_fast);
    socket = socket_folder(config.folder, user);
    postmaster.emplace(Postmaster::Config{user, server_command(programs, data, socket, config.unsafe_fast), data,
                                          config.folder / "log", socket / ".s.PGSQL.5432.lock",
                                          to("postgres", owner_role), config.log});
    postmaster->wait_until_ready();
    make_database(to("postgres", owner_role));
    migrate(to(database, owner_role), config.log);
    if (config.log) config.log("event=postgres_ready folder=" + config.folder.string());
  }

  void stop() {
    postmaster.reset();
    std::error_code ignored;
    if (!socket.empty() && socket != config.folder) {
      std::filesystem::remove_all(socket, ignored);
      std::filesystem::remove(config.folder / "socket_folder", ignored);
    }
    socket.clear();
    if (lock >= 0) close(std::exchange(lock, -1));
  }

  [[nodiscard]] std::string to(const char* name, const char* role) const {
    return "host=" + conninfo_value(socket.string()) + " port=5432 dbname=" + name + " user=" + role +
           " connect_timeout=5 application_name=tally-broker";
  }

  EmbeddedConfig config;
  int lock = -1;
  path socket;
  std::optional<Postmaster> postmaster;
};

EmbeddedCluster::EmbeddedCluster(EmbeddedConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
EmbeddedCluster::~EmbeddedCluster() = default;

std::string EmbeddedCluster::connection() const { return impl_->to(database, broker_role); }
std::string EmbeddedCluster::owner_connection() const { return impl_->to(database, owner_role); }
void EmbeddedCluster::stop() { impl_->stop(); }

}  // namespace tally::storage
