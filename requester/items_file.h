#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <streambuf>
#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/base/result.h"
#include "common/project/items_csv.h"
#include "schemas/project_spec.h"

// The items file on disk, which is read twice: once to check every row, once to send them. Both must see the same
// bytes. Memory: a buffer and one row, and a bit for each row.
namespace tally::requester {

// A file's bytes as a stream, with the digest of what has been read.
class DigestingFile : public std::streambuf {
 public:
  // Throws std::runtime_error when the file cannot be opened.
  explicit DigestingFile(const std::string& path);

  // Of all bytes; call once, after the end was read.
  [[nodiscard]] Digest digest() { return digest_.finish(); }

 protected:
  int_type underflow() override;

 private:
  std::string path_;
  std::ifstream file_;
  Sha256 digest_;
  std::array<char, 64UL * 1024> buffer_{};
};

// What a file is on disk, to notice early that it changed. The digest has the last word.
struct FileStamp {
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
// The error says what is wrong with the path: missing, a folder, a pipe (which cannot be read twice).
[[nodiscard]] Result<FileStamp, std::string> stamp_of(const std::string& path);

// What the first reading found out.
struct Survey {
  FileStamp stamp;
  Digest digest{};
  std::vector<std::string> header;
  std::int64_t items = 0;             // Good rows.
  std::int64_t answers_max = 0;       // Sum over the rows of the greatest number of answers.
  std::int64_t gold = 0;              // Items of which something is known to be true.
  std::vector<bool> is_gold;          // By good row: whether it is one of these. A bit each.
  std::vector<std::string> mistakes;  // "items.csv:12: …", the first `mistakes_max`.
  std::int64_t mistakes_count = 0;    // All of them.
};
inline constexpr std::size_t mistakes_max = 20;

// Reads the whole file and checks every row against what the project asks: gold against its form, and that an item that
// names no number of answers has that of the project. The error is about the file as a whole; what is wrong inside is
// in `mistakes`.
[[nodiscard]] Result<Survey, std::string> survey_items(const std::string& path, const ProjectSpec& spec);

// The second reading.
class ItemsStream {
 public:
  // The error: the file is not the one that was surveyed.
  [[nodiscard]] static Result<ItemsStream, std::string> open(const std::string& path, const Survey& survey);

  // The next item; nothing at the end, where the whole content was found to be the surveyed one. The error says that
  // the file changed meanwhile.
  [[nodiscard]] Result<std::optional<Item>, std::string> next();

 private:
  ItemsStream(std::string path, const Survey& survey);
  [[nodiscard]] std::string changed() const;

  std::string path_;
  FileStamp stamp_;
  Digest expected_;
  std::unique_ptr<DigestingFile> file_;  // On the heap: the stream and the reader point to it.
  std::unique_ptr<std::istream> in_;
  std::optional<project::ItemsReader> reader_;
  std::int64_t read_ = 0;
};

}  // namespace tally::requester
