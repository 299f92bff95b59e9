#include "gateway/http/files.h"

#include <array>

#include <catch2/catch.hpp>
#include <zlib.h>

#include "tests/support/scratch_folder.h"

using namespace tally;
using namespace tally::gateway::http;

namespace {

void fill(const test::ScratchFolder& folder) {
  std::filesystem::create_directories(folder.path() / "assets");
  std::filesystem::create_directories(folder.path() / ".hidden");
  folder.write("index.html", "<!doctype html>");
  folder.write("assets/app-1a2b.js", std::string(5000, 'j'));
  folder.write("assets/style.css", "a{}");
  folder.write("assets/face.png", std::string(5000, 'p'));
  folder.write("manifest.webmanifest", "{}");
  folder.write("odd.thing", "?");
  folder.write(".hidden/key.txt", "secret");
  folder.write(".env", "secret");
  std::filesystem::create_symlink("/etc/hostname", folder.path() / "link.txt");
}

struct Site {
  Site() { fill(folder); }
  test::ScratchFolder folder;
};

Request get(const std::string& path, Headers headers = {}) {
  Request request;
  request.method = "GET";
  request.path = path;
  request.headers = std::move(headers);
  return request;
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [other, value] : response.headers) {
    if (equal_in_any_case(other, name)) return value;
  }
  return "";
}

std::string unzipped(std::string packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::array<char, 10000> out{};
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  inflateEnd(&stream);
  return {out.data(), stream.total_out};
}

}  // namespace

TEST_CASE("a file has the type of its extension") {
  const Site site;
  const Files files(site.folder.path());
  CHECK(files.answer(get("/index.html")).content_type == "text/html; charset=utf-8");
  CHECK(files.answer(get("/assets/app-1a2b.js")).content_type == "text/javascript; charset=utf-8");
  CHECK(files.answer(get("/assets/style.css")).content_type == "text/css; charset=utf-8");
  CHECK(files.answer(get("/assets/face.png")).content_type == "image/png");
  CHECK(files.answer(get("/manifest.webmanifest")).content_type == "application/manifest+json");
  CHECK(files.answer(get("/odd.thing")).content_type == "application/octet-stream");
  CHECK(files.size() == 6);
}

TEST_CASE("a path that is a page's gives the index, one that is a file's does not") {
  const Site site;
  const Files files(site.folder.path());
  for (const char* path : {"/", "/join", "/projects/17", "/a.b/c"}) {
    INFO(path);
    CHECK(files.answer(get(path)).bytes() == "<!doctype html>");
  }
  for (const char* path : {"/missing.js", "/assets/old.css", "/favicon.ico"}) {
    INFO(path);
    CHECK(files.answer(get(path)).status == 404);
  }
}

TEST_CASE("nothing outside of the folder and nothing hidden is served") {
  const Site site;
  const Files files(site.folder.path());
  for (const char* path : {"/../etc/passwd.txt", "/.env", "/.hidden/key.txt", "/link.txt", "/assets/../.env",
                           "/etc/passwd.", "/\\..\\a.txt"}) {
    INFO(path);
    CHECK(files.answer(get(path)).status == 404);
  }
}

TEST_CASE("who has a file already is not sent it again") {
  const Site site;
  const Files files(site.folder.path());
  const std::string etag = header_of(files.answer(get("/assets/style.css")), "etag");
  CHECK(etag.size() == 18);
  const std::string list = "\"other\", W/" + etag;
  for (const std::string& held : {etag, list, std::string("*")}) {
    const Response response = files.answer(get("/assets/style.css", {{"If-None-Match", held}}));
    CHECK(response.status == 304);
    CHECK(response.bytes().empty());
    CHECK(header_of(response, "etag") == etag);
  }
  CHECK(files.answer(get("/assets/style.css", {{"If-None-Match", "\"other\""}})).status == 200);
  CHECK(header_of(files.answer(get("/index.html")), "etag") != etag);
}

TEST_CASE("only files whose name changes with them are kept for ever") {
  const Site site;
  const Files files(site.folder.path());
  CHECK(header_of(files.answer(get("/assets/style.css")), "cache-control") == "public, max-age=31536000, immutable");
  CHECK(header_of(files.answer(get("/")), "cache-control") == "no-cache");
  CHECK(header_of(files.answer(get("/missing.js")), "cache-control") == "no-cache");
}

TEST_CASE("long text is compressed for who wants it") {
  const Site site;
  const Files files(site.folder.path());
  for (const char* accepted : {"gzip", "br, GZIP;q=0.5", "deflate,gzip ; q=1"}) {
    INFO(accepted);
    const Response response = files.answer(get("/assets/app-1a2b.js", {{"Accept-Encoding", accepted}}));
    CHECK(header_of(response, "content-encoding") == "gzip");
    CHECK(header_of(response, "vary") == "Accept-Encoding");
    CHECK(unzipped(std::string(response.bytes())) == std::string(5000, 'j'));
  }
  for (const char* accepted : {"", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip"}) {
    INFO(accepted);
    const Response response = files.answer(get("/assets/app-1a2b.js", {{"Accept-Encoding", accepted}}));
    CHECK(header_of(response, "content-encoding").empty());
    CHECK(header_of(response, "vary") == "Accept-Encoding");
    CHECK(response.bytes().size() == 5000);
  }
  for (const char* path : {"/assets/face.png", "/assets/style.css"}) {
    INFO(path);
    CHECK(header_of(files.answer(get(path, {{"Accept-Encoding", "gzip"}})), "content-encoding").empty());
  }
}

TEST_CASE("the two forms of a file are told apart by their tags") {
  const Site site;
  const Files files(site.folder.path());
  const std::string plain = header_of(files.answer(get("/assets/app-1a2b.js")), "etag");
  const Headers gzip = {{"Accept-Encoding", "gzip"}, {"If-None-Match", plain}};
  CHECK(files.answer(get("/assets/app-1a2b.js", gzip)).status == 200);
}

TEST_CASE("files are only read") {
  const Site site;
  const Files files(site.folder.path());
  Request request = get("/index.html");
  request.method = "POST";
  const Response response = files.answer(request);
  CHECK(response.status == 405);
  CHECK(header_of(response, "allow") == "GET, HEAD");
}

TEST_CASE("pages that are too large, or have no index, are not served") {
  const Site site;
  CHECK_THROWS_WITH(Files(site.folder.path(), 6000), Catch::Contains("too much memory"));
  std::filesystem::remove(site.folder.path() / "index.html");
  CHECK_THROWS_WITH(Files(site.folder.path()), Catch::Contains("no index.html"));
  CHECK_THROWS(Files(site.folder.path() / "nowhere"));
}
