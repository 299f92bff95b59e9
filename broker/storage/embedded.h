#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

// The private PostgreSQL of a broker that was given no database: made, started, watched and stopped by it.
namespace tally::storage {

struct EmbeddedConfig {
  std::filesystem::path folder;    // Of this cluster alone; made when it is missing. Belongs to `user` afterwards.
  std::string user = "postgres";   // Who PostgreSQL runs as when we are root. Otherwise it runs as ourselves.
  std::filesystem::path programs;  // Where initdb and postgres are; empty: found by itself.
  bool unsafe_fast = false;        // Without fsync: for tests of logic only. A crash of the machine loses data.
  std::function<void(std::string_view key_value_line)> log;  // Called from any thread.
};

// A unix socket only, open to this user and root; full durability; data checksums. The folder holds data/, log and
// lock. PostgreSQL ends with us, however we end: killed, it is told to by the kernel. When it dies alone it is started
// again.
class EmbeddedCluster {
 public:
  // Returns when the database takes connections and is migrated. Throws std::runtime_error, which says what to do, when
  // the folder is in use by another broker or cannot be reached, there are no programs, initdb or the server fails.
  explicit EmbeddedCluster(EmbeddedConfig config);
  ~EmbeddedCluster();  // Stops it.
  EmbeddedCluster(const EmbeddedCluster&) = delete;
  EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;

  // libpq connection strings: as the broker (append-only where it matters), and as the owner of the tables.
  [[nodiscard]] std::string connection() const;
  [[nodiscard]] std::string owner_connection() const;

  // Ends it in order: open transactions are rolled back, everything is on disk. Again: nothing.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether a server's socket in this folder can be named to the kernel and to libpq.
[[nodiscard]] bool fits_socket(const std::filesystem::path& folder);

}  // namespace tally::storage
