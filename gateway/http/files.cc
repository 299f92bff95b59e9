#include "gateway/http/files.h"

#include <array>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <zlib.h>

#include "common/base/digest.h"

namespace tally::gateway::http {
namespace {

namespace fs = std::filesystem;

struct Type {
  std::string_view extension;
  std::string_view content_type;
  bool is_text;  // Worth to be compressed.
};

constexpr std::array<Type, 22> types = {{
    {".html", "text/html; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".csv", "text/csv; charset=utf-8", true},
    {".xml", "application/xml", true},
    {".wasm", "application/wasm", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".jpeg", "image/jpeg", false},
    {".gif", "image/gif", false},
    {".webp", "image/webp", false},
    {".avif", "image/avif", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
    {".woff", "font/woff", false},
    {".pdf", "application/pdf", false},
}};

constexpr Type unknown_type = {"", "application/octet-stream", false};
constexpr std::size_t gzip_bytes_min = 1024;  // Below, the headers weigh more than what is won.

Type type_of(std::string_view name) {
  const std::string_view extension = name.substr(std::min(name.rfind('.'), name.size()));
  for (const Type& type : types) {
    if (equal_in_any_case(extension, type.extension)) return type;
  }
  return unknown_type;
}

std::string gzipped(const std::string& content) {
  constexpr int gzip_window = 15 + 16;  // The largest window, and gzip's frame around it.
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  // zlib does not write to what it reads; its types are older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());  // NOLINT
  stream.avail_out = static_cast<uInt>(packed.size());
  const int ended = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (ended != Z_STREAM_END) throw std::runtime_error("zlib cannot compress");
  return packed;
}

std::string content_of(const fs::path& path, std::size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  std::string content;
  std::array<char, 65536> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    content.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (content.size() > bytes_max) throw std::runtime_error("the pages take too much memory: " + path.string());
  }
  if (!in.eof()) throw std::runtime_error("cannot read " + path.string());
  return content;
}

// Calls `each(item)` for the items of a header's list, until it says true; whether it did.
template <class Each>
bool any_item(std::string_view list, const Each& each) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (each(trimmed(list.substr(0, end)))) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// "gzip", "gzip;q=0.5", but not "gzip;q=0".
bool is_gzip_wanted(std::string_view item) {
  const std::size_t end = std::min(item.find(';'), item.size());
  if (!equal_in_any_case(trimmed(item.substr(0, end)), "gzip")) return false;
  const std::string_view weight = trimmed(item.substr(std::min(end + 1, item.size())));
  return !(weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string_view::npos);
}

bool accepts_gzip(const Request& request) {
  const auto accepted = request.header("accept-encoding");
  return accepted && any_item(*accepted, is_gzip_wanted);
}

bool has_already(const Request& request, std::string_view etag) {
  const auto held = request.header("if-none-match");
  return held && any_item(*held, [etag](std::string_view item) {
           if (item.starts_with("W/")) item.remove_prefix(2);
           return item == etag || item == "*";
         });
}

bool has_extension(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

}  // namespace

Files::Files(const fs::path& folder, std::size_t bytes_max) {
  std::error_code none;
  const bool is_folder = fs::is_directory(folder, none);
  if (!is_folder) throw std::runtime_error(folder.string() + " is no folder that can be read");
  std::size_t bytes_left = bytes_max;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    const bool is_hidden = entry->path().filename().string().starts_with('.');
    if (is_hidden || entry->is_symlink()) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file()) continue;
    const std::string name = "/" + entry->path().lexically_relative(folder).generic_string();
    std::string content = content_of(entry->path(), bytes_left);
    bytes_left -= content.size();
    files_.emplace(name, file_of(name, std::move(content)));
  }
  if (files_.count("/index.html") == 0) throw std::runtime_error("there is no index.html in " + folder.string());
}

Files::File Files::file_of(const std::string& name, std::string content) {
  const Type type = type_of(name);
  const std::string mark = hex_of(sha256(content)).substr(0, 16);
  File file;
  file.content_type = type.content_type;
  file.etag = '"' + mark + '"';
  file.etag_gzip = '"' + mark + "-gzip\"";  // Other bytes, so another mark.
  file.is_immutable = name.starts_with("/assets/");
  if (type.is_text && content.size() > gzip_bytes_min) {
    std::string packed = gzipped(content);
    if (packed.size() < content.size()) file.gzip = std::make_shared<const std::string>(std::move(packed));
  }
  file.content = std::make_shared<const std::string>(std::move(content));
  return file;
}

const Files::File* Files::find(const std::string& path) const {
  auto found = files_.find(path);
  if (found == files_.end() && !has_extension(path)) found = files_.find("/index.html");
  return found == files_.end() ? nullptr : &found->second;
}

Response Files::answer(const Request& request) const {
  if (request.method != "GET") {
    return {.status = 405,
            .content_type = "text/plain; charset=utf-8",
            .body = "only to be read\n",
            .headers = {{"Allow", "GET, HEAD"}}};
  }
  const File* const file = find(request.path);
  if (file == nullptr) {
    return {.status = 404,
            .content_type = "text/plain; charset=utf-8",
            .body = "there is no such page\n",
            .headers = {{"Cache-Control", "no-cache"}}};
  }
  const bool is_gzip = file->gzip != nullptr && accepts_gzip(request);
  const std::string& etag = is_gzip ? file->etag_gzip : file->etag;
  Response response;
  response.headers = {{"ETag", etag},
                      {"Cache-Control", file->is_immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (file->gzip != nullptr) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (has_already(request, etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = file->content_type;
  response.shared_body = is_gzip ? file->gzip : file->content;
  if (is_gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

}  // namespace tally::gateway::http
