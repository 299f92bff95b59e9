#include "common/cli/output_file.h"

#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>

namespace tally::cli {
namespace {

// False when what the path names is not known to be on disk.
bool is_synced(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool is_done = ::fsync(file) == 0;
  ::close(file);
  return is_done;
}

std::filesystem::path folder_of(const std::filesystem::path& target) {
  return target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
}

}  // namespace

OutputFile::OutputFile(const std::filesystem::path& target)
    : target_(target), partial_(folder_of(target) / ("." + target.filename().string() + ".tally-partial")) {
  errno = 0;
  out_.open(partial_, std::ios::binary | std::ios::trunc);
  if (!out_) fail();
}

OutputFile::~OutputFile() {
  if (partial_.empty()) return;
  out_.close();
  std::error_code ignored;  // A left-over is overwritten by the next try.
  std::filesystem::remove(partial_, ignored);
}

void OutputFile::keep() {
  errno = 0;
  out_.close();
  if (!out_ || !is_synced(partial_)) fail();
  if (::rename(partial_.c_str(), target_.c_str()) != 0) fail();
  partial_.clear();
  if (!is_synced(folder_of(target_))) fail();
}

void OutputFile::fail() const {
  const std::string reason = errno != 0 ? ": " + std::generic_category().message(errno) : "";
  throw std::runtime_error("cannot write " + target_.string() + reason);
}

void write_whole(const std::filesystem::path& target, std::string_view content) {
  OutputFile file(target);
  file.stream() << content;
  file.keep();
}

}  // namespace tally::cli
