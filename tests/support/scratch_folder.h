#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

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
    REQUIRE(out.flush());
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
