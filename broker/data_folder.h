#pragma once

#include <filesystem>
#include <string>

#include "common/net/keys.h"

namespace tally::broker {

// What a broker keeps on disk besides its database: its key pair, its name among brokers, and a lock, so that no two
// use the folder at a time.
class DataFolder {
 public:
  // Makes what is missing: server.key (mode 0600), broker.id. Throws std::runtime_error which says what to do when the
  // folder is in use, cannot be written, or a file in it is damaged or can be read by others.
  explicit DataFolder(std::filesystem::path folder);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  [[nodiscard]] const net::KeyPair& keys() const { return keys_; }
  [[nodiscard]] const std::string& broker_id() const { return broker_id_; }
  [[nodiscard]] std::filesystem::path postgres() const { return folder_ / "postgres"; }

 private:
  void lock();
  void load_keys();
  void load_id();

  std::filesystem::path folder_;
  int lock_ = -1;
  net::KeyPair keys_;
  std::string broker_id_;
};

}  // namespace tally::broker
