#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "tools/stack/temporary_folder.h"

namespace tally::test {

// A folder for one test, and the files in it.
class ScratchFolder {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  // Gives the file's path.
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream out(path() / name, std::ios::binary);
    out << content;
    if (!out.flush()) throw std::runtime_error("cannot write " + name);  // Any thread: not a check of Catch2.
    return path() / name;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  stack::TemporaryFolder folder_{"tally-test"};
};

}  // namespace tally::test
