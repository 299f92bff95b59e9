#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "gateway/http/message.h"

namespace tally::gateway::http {

// The pages of a site, read into memory once; nothing of a request ever reaches the file system. Hidden files and
// symbolic links are left out. Immutable: any thread.
class Files {
 public:
  // Throws std::runtime_error when the folder cannot be read, has no index.html, or has more than `bytes_max`.
  explicit Files(const std::filesystem::path& folder, std::size_t bytes_max = std::size_t{32} << 20U);

  // The file; 304 when the client has it; for a path that is no file's and has no extension index.html, whose script
  // finds out what to show; 404 for others; 405 for what is not a GET.
  [[nodiscard]] Response answer(const Request& request) const;

  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string content_type;
    std::string etag, etag_gzip;  // With quotes; of the content, so the same on every server.
    std::shared_ptr<const std::string> content;
    std::shared_ptr<const std::string> gzip;  // None when that is not smaller.
    bool is_immutable = false;                // Its name changes with its content.
  };

  [[nodiscard]] static File file_of(const std::string& name, std::string content);
  [[nodiscard]] const File* find(const std::string& path) const;

  std::map<std::string, File, std::less<>> files_;  // By path, with '/' before it.
};

}  // namespace tally::gateway::http
