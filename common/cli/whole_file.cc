#include "common/cli/whole_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace tally::cli {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw std::runtime_error(path.string() + " cannot be written: " + std::strerror(error));
}

// The name is there after a power cut too.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(folder, errno);
  const int failed = fsync(descriptor) != 0 ? errno : 0;
  close(descriptor);
  if (failed != 0) fail(folder, failed);
}

// A name beside the target, open; removed again unless it was put in place.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& target) : target_(target) {
    const std::string name = target.string() + ".XXXXXX";
    name_.assign(name.c_str(), name.c_str() + name.size() + 1);
    descriptor_ = mkstemp(name_.data());
    if (descriptor_ < 0) fail(target, errno);
  }
  ~Draft() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!is_in_place_) unlink(name_.data());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  void write(const std::string& content) {
    for (std::size_t done = 0; done < content.size();) {
      const ssize_t count = ::write(descriptor_, content.data() + done, content.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(target_, errno);
      done += static_cast<std::size_t>(count);
    }
    if (fsync(descriptor_) != 0) fail(target_, errno);
  }
  void put_in_place() {
    if (std::rename(name_.data(), target_.c_str()) != 0) fail(target_, errno);
    is_in_place_ = true;
    sync_folder(target_.parent_path());
  }

 private:
  std::filesystem::path target_;
  std::vector<char> name_;
  int descriptor_ = -1;
  bool is_in_place_ = false;
};

}  // namespace

void write_whole_file(const std::filesystem::path& path, const std::string& content) {
  Draft draft(path);
  draft.write(content);
  draft.put_in_place();
}

}  // namespace tally::cli
