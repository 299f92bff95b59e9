#include "tools/stack/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <sys/stat.h>
#include <system_error>

namespace tally::stack {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& name_begins_with) {
  std::string name = (std::filesystem::temp_directory_path() / (name_begins_with + "-XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) fail("cannot make a folder " + name);
  path_ = name;
  if (chmod(name.c_str(), 0755) != 0) fail("cannot open the folder " + name);
}

TemporaryFolder::~TemporaryFolder() {
  if (is_kept_) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tally::stack
