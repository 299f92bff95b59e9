#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace tally::transport {

// The keys that may use the main socket. The event loop writes it, the thread that answers handshakes reads it.
class KeyDirectory {
 public:
  void add(const std::string& key) {
    const std::lock_guard lock(mutex_);
    keys_.insert(key);
  }
  void remove(const std::string& key) {
    const std::lock_guard lock(mutex_);
    keys_.erase(key);
  }
  // All keys that were enrolled before are here: until then nobody can be told that theirs is unknown.
  void complete() {
    const std::lock_guard lock(mutex_);
    is_complete_ = true;
  }
  [[nodiscard]] bool is_complete() const {
    const std::lock_guard lock(mutex_);
    return is_complete_;
  }
  [[nodiscard]] bool has(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    return keys_.contains(key);
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> keys_;
  bool is_complete_ = false;
};

}  // namespace tally::transport
