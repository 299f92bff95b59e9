#pragma once

#include <filesystem>
#include <string>

namespace tally::stack {

// A folder of its own below $TMPDIR that every user may enter, as the broker's database needs; gone with the object
// unless it is kept.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name_begins_with);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void keep() { is_kept_ = true; }

 private:
  std::filesystem::path path_;
  bool is_kept_ = false;
};

}  // namespace tally::stack
