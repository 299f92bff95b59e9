#include "common/cli/key_file.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/base/digest.h"
#include "tests/common/net/curve_server.h"
#include "tests/support/scratch_folder.h"

namespace tally::cli {
namespace {

namespace fs = std::filesystem;

using test::ScratchFolder;

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

std::string text_in(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

KeyFile sample() {
  KeyFile file;
  file.host = "2001:db8::1";
  file.port = 5555;
  file.enrolment_port = 5556;
  file.server_key = net::make_key_pair().public_key;
  file.keys = net::make_key_pair();
  file.account = AccountId{177};
  file.role = Role::requester;
  file.display_name = "Ada \"the\" \\ first\n\x1b[31m 東京";
  return file;
}

// An enrolment socket that knows one code, and what it was told.
struct Enrolment {
  std::atomic<bool> is_silent = false;
  std::atomic<bool> knows_the_key = false;  // As another account's.
  Role role = Role::worker;
  net::CurveServer server{[this](const net::Heard& heard) -> std::vector<net::Frames> {
    if (is_silent) return {};
    const Join* join = std::get_if<Join>(&heard.request);
    if (join == nullptr) return {};
    if (knows_the_key) {
      const Refused refused{RefusalCode::key_in_use, "this key is of another account", 0};
      return {net::reply_frames(heard.header.request_id, refused)};
    }
    if (join->code != "c0de") {
      return {net::reply_frames(heard.header.request_id, Refused{RefusalCode::invitation_unknown, "no such code", 0})};
    }
    return {net::reply_frames(heard.header.request_id, Joined{AccountId{33}, role, "Ada", 4321})};
  }};

  [[nodiscard]] std::string line(const std::string& code = "c0de") const {
    return net::to_text({"127.0.0.1", server.port(), server.public_key(), code});
  }
};

}  // namespace

TEST_CASE("a key file says the same after it was stored, for its owner only") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "home" / "requester.toml";
  const KeyFile file = sample();
  save_key_file(path, file);
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(path.parent_path()) == 0700);
  CHECK(files_in(path.parent_path()) == 1);

  const auto loaded = load_key_file(path);
  REQUIRE(loaded);
  CHECK(loaded->host == file.host);
  CHECK(loaded->port == file.port);
  CHECK(loaded->enrolment_port == file.enrolment_port);
  CHECK(loaded->server_key == file.server_key);
  CHECK(loaded->keys.public_key == file.keys.public_key);
  CHECK(loaded->keys.secret_key == file.keys.secret_key);
  CHECK(loaded->account == file.account);
  CHECK(loaded->role == file.role);
  CHECK(loaded->display_name == file.display_name);

  const net::ConversationConfig config = conversation_config(*loaded);
  CHECK(config.host == file.host);
  CHECK(config.port == file.port);
  CHECK(config.server_key == file.server_key);
  CHECK(config.keys.secret_key == file.keys.secret_key);
}

TEST_CASE("a key file that others can read, or that is missing, is not used, and the way out is told") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "worker.toml";
  const auto missing = load_key_file(path);
  REQUIRE_FALSE(missing);
  CHECK(missing.error() == "there is no key file " + path.string() + ": join first, with the line of an invitation");

  save_key_file(path, sample());
  for (const unsigned mode : {0640U, 0604U, 0660U, 0601U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    const auto open_file = load_key_file(path);
    REQUIRE_FALSE(open_file);
    CHECK(open_file.error().find("chmod 600 " + path.string()) != std::string::npos);
  }
  CHECK_FALSE(load_key_file(folder.path()));
}

TEST_CASE("a damaged key file is told with its line, and what to do") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "worker.toml";
  save_key_file(path, sample());
  const std::string good = text_in(path);
  const auto error_of = [&](const std::string& text) {
    write_text(path, text);
    const auto loaded = load_key_file(path);
    return loaded ? std::string() : loaded.error();
  };
  const auto with = [&](const std::string& key, const std::string& line) {
    std::string text = good;
    const auto at = text.find("\n" + key + " = ") + 1;
    return text.replace(at, text.find('\n', at) - at, line);
  };
  const auto line_of = [&](const std::string& key) {
    const auto end = good.begin() + static_cast<std::ptrdiff_t>(good.find("\n" + key + " = ") + 1);
    return path.string() + ":" + std::to_string(1 + std::count(good.begin(), end, '\n')) + ": ";
  };
  CHECK(error_of(good).empty());
  CHECK(error_of("").find("host is missing") != std::string::npos);
  CHECK(error_of(with("port", "port = 70000")).starts_with(line_of("port") + "port must be a whole number"));
  CHECK(error_of(with("port", "port = \"1\"")).starts_with(line_of("port") + "port must be a whole number"));
  CHECK(error_of(with("account", "account = -1")).starts_with(line_of("account")));
  CHECK(error_of(with("host", "host = ''")).starts_with(line_of("host")));
  CHECK(error_of(with("role", "role = \"king\"")).starts_with(line_of("role") + "role must be worker"));
  CHECK(error_of(with("server_key", "server_key = \"12\"")).starts_with(line_of("server_key")));
  CHECK(error_of(with("public_key", "public_key = \"" + hex_of(net::make_key_pair().public_key) + "\""))
            .find("do not belong together") != std::string::npos);
  CHECK(error_of(with("host", "host = ")).starts_with(line_of("host")));
  CHECK(error_of(good + std::string(100'000, '#')).find("too large") != std::string::npos);
  for (std::size_t length = 0; length + 1 < good.size(); length += 7) {
    const std::string error = error_of(good.substr(0, length));
    if (!error.empty()) CHECK(error.find("--profile NAME") != std::string::npos);
  }
  // Never the secret itself.
  const std::string cut = with("secret_key", "secret_key = \"" + hex_of(sample().keys.secret_key).substr(1) + "\"");
  CHECK(error_of(cut).find(hex_of(sample().keys.secret_key).substr(1, 10)) == std::string::npos);
}

TEST_CASE("a key file that cannot be written is told, and leaves nothing behind") {
  const ScratchFolder folder;
  write_text(folder.path() / "file", "x");
  CHECK_THROWS_AS(save_key_file(folder.path() / "file" / "worker.toml", sample()), std::runtime_error);
  fs::create_directories(folder.path() / "taken.toml" / "by-a-folder");
  CHECK_THROWS_AS(save_key_file(folder.path() / "taken.toml", sample()), std::runtime_error);
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("a join makes a key, stores it and what the broker says") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "home" / "worker.toml";
  Enrolment enrolment;
  const net::Network network;
  const auto joined = join(network, enrolment.line(), path, Role::worker);
  REQUIRE(joined);
  CHECK(joined->account == AccountId{33});
  CHECK(joined->display_name == "Ada");
  const auto loaded = load_key_file(path);
  REQUIRE(loaded);
  CHECK(loaded->account == AccountId{33});
  CHECK(loaded->host == "127.0.0.1");
  CHECK(loaded->port == 4321);
  CHECK(loaded->enrolment_port == enrolment.server.port());
  CHECK(loaded->server_key == enrolment.server.public_key());
  CHECK(loaded->keys.public_key == joined->keys.public_key);
  // The same line again: the same person.
  const auto again = join(network, enrolment.line(), path, Role::worker);
  REQUIRE(again);
  CHECK(again->keys.public_key == joined->keys.public_key);
}

TEST_CASE("a join that was interrupted goes on with the key that it had stored") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "worker.toml";
  Enrolment enrolment;
  enrolment.is_silent = true;
  const net::Network network;
  enrolment.server.stop();
  CHECK_THROWS_AS(join(network, enrolment.line(), path, Role::worker, Duration{50}), net::Unreachable);
  const auto stored = load_key_file(path);
  REQUIRE(stored);
  CHECK(stored->account == AccountId{0});

  enrolment.server.start();
  enrolment.server.admit({stored->keys.public_key});
  enrolment.is_silent = false;
  const auto joined = join(network, enrolment.line(), path, Role::worker);
  REQUIRE(joined);
  CHECK(joined->keys.public_key == stored->keys.public_key);
  CHECK(joined->account == AccountId{33});
}

TEST_CASE("the file of an account is never overwritten by another join") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "worker.toml";
  Enrolment enrolment;
  const net::Network network;
  REQUIRE(join(network, enrolment.line(), path, Role::worker));
  const std::string before = text_in(path);

  const Enrolment other;
  const auto at_another = join(network, other.line(), path, Role::worker);
  REQUIRE_FALSE(at_another);
  CHECK(at_another.error().find("--profile NAME") != std::string::npos);
  CHECK(other.server.heard().empty());

  enrolment.knows_the_key = true;
  const auto other_code = join(network, enrolment.line("0c0de"), path, Role::worker);
  REQUIRE_FALSE(other_code);
  CHECK(other_code.error().find("account 33") != std::string::npos);
  CHECK(other_code.error().find("--profile NAME") != std::string::npos);
  CHECK(text_in(path) == before);
}

TEST_CASE("a join that the broker refuses says why, and leaves no key in the way") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "worker.toml";
  const Enrolment enrolment;
  const net::Network network;
  const auto refused = join(network, enrolment.line("bad"), path, Role::worker);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "no such code: an invitation works once, and not for ever; ask the admin for a new one");
  CHECK_FALSE(fs::exists(path));
  const auto no_line = join(network, "hello", path, Role::worker);
  REQUIRE_FALSE(no_line);
  CHECK(no_line.error().find("tally://HOST:PORT/SERVERKEY/CODE") != std::string::npos);
}

TEST_CASE("an invitation to another role is carried out, and the right program is named") {
  const ScratchFolder folder;
  Enrolment enrolment;
  enrolment.role = Role::admin;
  const net::Network network;
  const auto usual = join(network, enrolment.line(), folder.path() / "worker.toml", Role::worker);
  REQUIRE_FALSE(usual);
  CHECK(usual.error() ==
        "this invitation is for an admin: you are now account 33 (Ada, admin); from here on use tally-admin");
  CHECK_FALSE(fs::exists(folder.path() / "worker.toml"));
  CHECK(load_key_file(folder.path() / "admin.toml")->account == AccountId{33});

  const auto named = join(network, enrolment.line(), folder.path() / "mine.toml", Role::worker);
  REQUIRE_FALSE(named);
  CHECK(named.error().ends_with("use tally-admin --profile mine"));
  CHECK(load_key_file(folder.path() / "mine.toml")->role == Role::admin);
}

}  // namespace tally::cli
