#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "broker/storage/child_process.h"
#include "broker/storage/connection.h"
#include "broker/storage/postgres_programs.h"
#include "broker/storage/stray_postgres.h"
#include "tests/broker/storage/faults.h"

using namespace tally;
using namespace tally::storage;
using namespace tally::storage::testing;

namespace {

using std::filesystem::path;

constexpr const char* folder_variable = "TALLY_TEST_CLUSTER_FOLDER";

// The text of the error that starting a cluster ends with; empty when it starts.
std::string start_problem(const EmbeddedConfig& config) {
  try {
    const EmbeddedCluster started(config);
    return {};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

bool answers(const std::string& connection) {
  try {
    Connection open(connection, Use::reader, {});
    pqxx::nontransaction tx(open.get());
    return tx.exec("SELECT 1")[0][0].as<int>() == 1;
  } catch (const pqxx::failure&) {
    return false;
  }
}

// This program once more, as a process that has a cluster and nothing else. Killed with the object.
class OtherBroker {
 public:
  explicit OtherBroker(const path& folder) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    process_ = fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      setenv(folder_variable, folder.c_str(), 1);
      dup2(ends[1], STDOUT_FILENO);
      execl("/proc/self/exe", "test_broker", "a process that only has a cluster", nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::string heard;
    char chunk[256];
    // Its end closes the pipe.
    while (heard.find("cluster is ready") == std::string::npos) {
      const ssize_t got = read(ends[0], chunk, sizeof chunk);
      if (got <= 0) break;
      heard.append(chunk, static_cast<std::size_t>(got));
    }
    close(ends[0]);
    INFO(heard);
    ready_ = heard.find("cluster is ready") != std::string::npos;
  }
  ~OtherBroker() { kill_it(); }
  OtherBroker(const OtherBroker&) = delete;
  OtherBroker& operator=(const OtherBroker&) = delete;

  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] pid_t process() const { return process_; }
  void kill_it() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
  bool ready_ = false;
};

}  // namespace

// Not a test by itself: what OtherBroker runs.
TEST_CASE("a process that only has a cluster", "[.]") {
  const char* folder = std::getenv(folder_variable);
  if (folder == nullptr) return;
  const EmbeddedCluster started(test_config(folder));
  std::cout << "cluster is ready\n" << std::flush;
  for (;;) pause();
}

TEST_CASE("a folder is one broker's at a time, and the second is told whose it is") {
  const path folder = (static_cast<void>(cluster()), query_one("SHOW data_directory"));
  const std::string problem = start_problem(test_config(folder.parent_path()));
  CHECK_THAT(problem, Catch::Contains("another broker (process " + std::to_string(getpid()) + ")") &&
                          Catch::Contains(folder.parent_path().string()) && Catch::Contains("stop it, or give"));
  CHECK(query_one("SELECT 1") == "1");
}

TEST_CASE("a postmaster that is killed is started again, and a Store goes on with it", "[fault-2]") {
  Store store(store_config(), keep_going);
  PartWriter writer(part_of(new_project(), 1));
  REQUIRE(store.commit(writer.group({PartStateChanged{PartState::open}})) == CommitOutcome::stored);
  const std::string data = query_one("SHOW data_directory");
  const pid_t before = postmaster_of(data);
  kill_outright(before);
  CHECK(store.commit(writer.group({AssignmentLeased{1, 1, worker, 7000, 9000, 1}})) == CommitOutcome::stored);
  CHECK(store.take(part_of(project_of(writer.batch({}).part), 1)).commit_seq == 2);
  CHECK(postmaster_of(data) != before);
  const auto running = postgres_in(data);
  CHECK(std::count(running.begin(), running.end(), before) == 0);
  CHECK(std::count(running.begin(), running.end(), postmaster_of(data)) == 1);
}

TEST_CASE("lock files that were left over do not keep PostgreSQL from starting, whoever has their number now") {
  const ScratchFolder scratch;
  const path folder = scratch.path() / "postgres";
  put_stopped_cluster(folder);
  // A living process of the same user: another cluster's.
  const std::string number =
      std::to_string(postmaster_of((static_cast<void>(cluster()), query_one("SHOW data_directory"))));
  for (const path& lock : {folder / "data" / "postmaster.pid", folder / ".s.PGSQL.5432.lock"}) {
    std::ofstream(lock) << number << "\n" << (folder / "data").string() << "\n0\n5432\n" << folder.string() << "\n";
  }
  CHECK(start_problem(test_config(folder)).empty());
}

TEST_CASE("PostgreSQL ends with the broker that is killed, and the next broker has all that it stored", "[fault-1]") {
  const ScratchFolder scratch;
  const path folder = scratch.path() / "postgres";
  const path data = folder / "data";
  put_stopped_cluster(folder);
  std::optional<OtherBroker> other(std::in_place, folder);
  REQUIRE(other->ready());
  REQUIRE_FALSE(postgres_in(data).empty());
  CHECK_THAT(start_problem(test_config(folder)),
             Catch::Contains("another broker (process " + std::to_string(other->process()) + ")"));
  SECTION("it ends by itself") {
    other->kill_it();
    CHECK(comes_true([&] { return postgres_in(data).empty(); }));
  }
  SECTION("the next broker starts at once") { other->kill_it(); }
  const EmbeddedCluster next(test_config(folder));
  CHECK(answers(next.connection()));
}

TEST_CASE("a server that runs on without its broker is ended by the next, and a number in a file hurts nobody") {
  const ScratchFolder scratch;
  const path folder = scratch.path() / "postgres";
  const path data = folder / "data";
  EmbeddedConfig config = test_config(folder);
  put_stopped_cluster(folder);
  // As a broker of another make might have left it: nothing ends it with its parent.
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const std::string program = (find_postgres_programs({}, data) / "postgres").string();
  const pid_t stray = start_child({child_user("postgres"),
                                   {program, "-D", data.string(), "-k", folder.string(), "-h", "", "-c", "fsync=off"},
                                   data,
                                   null,
                                   0});
  close(null);
  const std::string old = "host=" + folder.string() + " dbname=tally user=tally_owner";
  REQUIRE(comes_true([&] { return answers(old); }));
  std::vector<std::string> lines;
  config.log = [&](std::string_view line) { lines.emplace_back(line); };
  {
    // The stray must be waited for by us, its parent, or it stays a zombie; that is no server.
    const EmbeddedCluster next(config);
    CHECK(answers(next.connection()));
    CHECK(comes_true([&] { return status_of(stray).has_value(); }));
    const auto running = postgres_in(data);
    CHECK(std::count(running.begin(), running.end(), stray) == 0);
  }
  CHECK(std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find("event=ending_stray_postgres") == 0 &&
           line.find("pid=" + std::to_string(stray)) != std::string::npos;
  }));
  // A file of a server that was killed, whose number is by now that of a process that lives: ours.
  std::ofstream(data / "postmaster.pid") << getppid() << '\n'
                                         << data.string() << "\n1\n5432\n"
                                         << folder.string() << "\n\n";
  const EmbeddedCluster again(config);
  CHECK(answers(again.connection()));
  CHECK(kill(getppid(), 0) == 0);
}

TEST_CASE("a folder that PostgreSQL's user cannot reach is refused with the folder that is closed and what to do") {
  if (geteuid() != 0) return;  // Then PostgreSQL runs as ourselves.
  const ScratchFolder scratch;
  const path closed = scratch.path() / "closed";
  std::filesystem::create_directory(closed);
  REQUIRE(chmod(closed.c_str(), 0700) == 0);
  const std::string problem = start_problem(test_config(closed / "deeper" / "postgres"));
  CHECK_THAT(problem, Catch::Contains("the user 'postgres'") &&
                          Catch::Contains("cannot enter " + closed.string() + ",") &&
                          Catch::Contains("chmod o+x " + closed.string()));
  CHECK_FALSE(std::filesystem::exists(closed / "deeper" / "postgres" / "data"));
}

TEST_CASE("a folder of somebody else is not taken from them") {
  if (geteuid() != 0) return;
  const ScratchFolder scratch;
  std::ofstream(scratch.path() / "theirs") << "x";
  REQUIRE(chown(scratch.path().c_str(), 12345, 12345) == 0);
  CHECK_THAT(start_problem(test_config(scratch.path())), Catch::Contains("belongs to another user than postgres"));
  struct stat status {};
  REQUIRE(stat(scratch.path().c_str(), &status) == 0);
  CHECK(status.st_uid == 12345);
}

TEST_CASE("a user that there is not, or root, is refused") {
  if (geteuid() != 0) return;
  const ScratchFolder scratch;
  EmbeddedConfig config = test_config(scratch.path() / "postgres");
  config.user = "nobody-of-this-name";
  CHECK_THAT(start_problem(config), Catch::Contains("there is no user 'nobody-of-this-name'"));
  config.user = "root";
  CHECK_THAT(start_problem(config), Catch::Contains("does not run as root"));
}

TEST_CASE("a folder whose name is too long for a socket works, and leaves no folder in /tmp") {
  const ScratchFolder scratch;
  const path folder = scratch.path() / std::string(60, 'a') / (std::string(60, 'b') + ",c d'e");
  REQUIRE_FALSE(fits_socket(folder));
  put_stopped_cluster(folder);
  std::string socket;
  {
    const EmbeddedCluster started(test_config(folder));
    CHECK(answers(started.connection()));
    std::ifstream(folder / "socket_folder") >> socket;
    CHECK(std::filesystem::exists(path(socket) / ".s.PGSQL.5432"));
    struct stat status {};
    REQUIRE(stat(socket.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700);
  }
  CHECK_FALSE(socket.empty());
  CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_CASE("a socket fits when its whole name does, and when it is no list") {
  const std::string end = "/.s.PGSQL.5432";
  CHECK(fits_socket("/" + std::string(106 - end.size(), 'a')));
  CHECK_FALSE(fits_socket("/" + std::string(107 - end.size(), 'a')));
  CHECK_FALSE(fits_socket("/a,b"));
}

TEST_CASE("without PostgreSQL's programs, or with another version than the data's, the error says what to install") {
  const ScratchFolder scratch;
  EmbeddedConfig config = test_config(scratch.path() / "postgres");
  config.programs = scratch.path() / "nothing";
  CHECK_THAT(start_problem(config), Catch::Contains("PostgreSQL's programs (initdb, postgres) were not found in " +
                                                    config.programs.string()) &&
                                        Catch::Contains("apt install postgresql"));
  config.programs.clear();
  std::filesystem::create_directory(config.folder / "data");
  std::ofstream(config.folder / "data" / "PG_VERSION") << "9\n";
  CHECK_THAT(start_problem(config), Catch::Contains("was made by PostgreSQL 9;") && Catch::Contains("postgresql-9"));
}

TEST_CASE("a folder where a cluster was half made is made anew; where the server cannot start its own error is told",
          "[fault-15]") {
  const ScratchFolder scratch;
  EmbeddedConfig config = test_config(scratch.path() / "postgres");
  std::filesystem::create_directories(config.folder / "data.new" / "base");
  std::ofstream(config.folder / "data.new" / "PG_VERSION") << "15\n";
  std::optional<EmbeddedCluster> started(std::in_place, config);
  CHECK(answers(started->connection()));
  CHECK_FALSE(std::filesystem::exists(config.folder / "data.new"));
  started->stop();
  started->stop();  // Again: nothing.
  CHECK(postgres_in(config.folder / "data").empty());
  // The server's own error is told where it cannot start.
  std::ofstream(config.folder / "data" / "postgresql.conf") << "this is = no setting\n";
  CHECK_THAT(start_problem(config), Catch::Contains("PostgreSQL did not start") && Catch::Contains("syntax error"));
  CHECK(postgres_in(config.folder / "data").empty());
}
