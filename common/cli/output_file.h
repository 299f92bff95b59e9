#pragma once

#include <filesystem>
#include <fstream>
#include <iosfwd>
#include <string_view>

// Files that are written whole or not at all.
namespace tally::cli {

// What is written goes to a hidden file beside the target, which takes the target's place at the end. Throws
// std::runtime_error, which names the file and the reason, when something cannot be written.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& target);
  ~OutputFile();  // Without keep(): nothing was written.
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] std::ostream& stream() { return out_; }
  // On disk before the target is replaced. Call once, last.
  void keep();

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path target_;
  std::filesystem::path partial_;
  std::ofstream out_;
};

void write_whole(const std::filesystem::path& target, std::string_view content);

}  // namespace tally::cli
