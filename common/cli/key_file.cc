#include "common/cli/key_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>
#include <toml++/toml.h>

#include "common/base/digest.h"

namespace tally::cli {
namespace {

constexpr std::size_t bytes_max = 65'536;
constexpr const char* way_out =
    "; restore it from a copy, or ask an admin for a new invitation to the same account and join with --profile NAME";
constexpr const char* heading =
    "# Who you are to a Tally broker. Whoever can read this file can act for you, and without it you cannot:\n"
    "# keep it to yourself, and keep a copy.\n";

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::string reason() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe)

Unexpected<std::string> wrong(std::string text) { return {std::move(text)}; }

// The text of a file that nobody else can read.
Result<std::string, std::string> read_private(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0 && errno == ENOENT) {
    return wrong("there is no key file " + path + ": join first, with the line of an invitation");
  }
  if (file.number() < 0) return wrong("the key file " + path + " cannot be opened: " + reason());
  struct stat status {};
  if (fstat(file.number(), &status) != 0) return wrong("the key file " + path + " cannot be read: " + reason());
  if (!S_ISREG(status.st_mode)) return wrong(path + " is not a file");
  if ((status.st_mode & 077U) != 0) {
    return wrong("the key file " + path + " can be read by others: if nobody has, say chmod 600 " + path +
                 "; otherwise ask an admin for a new invitation to the same account");
  }
  std::string text(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.number(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return wrong("the key file " + path + " cannot be read: " + reason());
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > bytes_max) return wrong(path + " is too large to be a key file");
  text.resize(size);
  return text;
}

// Takes the values of a key file one by one, and remembers the first that is not what it must be.
class Values {
 public:
  Values(const toml::table& table, std::string path) : table_(table), path_(std::move(path)) {}

  std::string text(const char* key) {
    const toml::node* node = take(key);
    if (node == nullptr) return {};
    if (auto value = node->value_exact<std::string>()) return std::move(*value);
    mistake(*node, std::string(key) + " must be a text");
    return {};
  }
  std::int64_t whole(const char* key, std::int64_t most) {
    const toml::node* node = take(key);
    if (node == nullptr) return 0;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= 0 && *value <= most) return *value;
    mistake(*node, std::string(key) + " must be a whole number from 0 to " + std::to_string(most));
    return 0;
  }
  std::string binary_key(const char* key) {
    const std::string hex = text(key);
    if (auto bytes = net::key_from_hex(hex)) return std::move(*bytes);
    if (const toml::node* node = table_.get(key)) mistake(*node, std::string(key) + " must be 64 hex digits");
    return {};
  }
  Role role(const char* key) {
    const std::string name = text(key);
    if (const auto value = from_name<Role>(name)) return *value;
    if (const toml::node* node = table_.get(key)) {
      mistake(*node, std::string(key) + " must be worker, requester, admin or gateway");
    }
    return Role::worker;
  }
  void mistake(const toml::node& node, const std::string& what) {
    if (first_.empty()) first_ = path_ + ':' + std::to_string(node.source().begin.line) + ": " + what;
  }
  [[nodiscard]] const std::string& first_mistake() const { return first_; }

 private:
  const toml::node* take(const char* key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr && first_.empty()) first_ = path_ + ": " + key + " is missing";
    return node;
  }

  const toml::table& table_;
  std::string path_;
  std::string first_;
};

bool belong_together(const net::KeyPair& keys) {
  std::string open(net::key_bytes, '\0');
  crypto_scalarmult_base(reinterpret_cast<unsigned char*>(open.data()),                    // NOLINT
                         reinterpret_cast<const unsigned char*>(keys.secret_key.data()));  // NOLINT
  return open == keys.public_key;
}

Result<KeyFile, std::string> read_values(const toml::table& table, const std::string& path) {
  constexpr std::int64_t port_max = 65535;
  Values values(table, path);
  KeyFile file;
  file.host = values.text("host");
  file.port = static_cast<int>(values.whole("port", port_max));
  file.enrolment_port = static_cast<int>(values.whole("enrolment_port", port_max));
  file.server_key = values.binary_key("server_key");
  file.keys = {values.binary_key("public_key"), values.binary_key("secret_key")};
  file.account = AccountId{values.whole("account", INT64_MAX)};
  file.role = values.role("role");
  file.display_name = values.text("display_name");
  if (file.host.empty() && values.first_mistake().empty()) values.mistake(*table.get("host"), "host must not be empty");
  if (!values.first_mistake().empty()) return wrong(values.first_mistake() + way_out);
  if (!belong_together(file.keys)) {
    values.mistake(*table.get("public_key"), "public_key and secret_key do not belong together");
    return wrong(values.first_mistake() + way_out);
  }
  return file;
}

std::string text_of(const KeyFile& file) {
  const toml::table table{{"host", file.host},
                          {"port", file.port},
                          {"enrolment_port", file.enrolment_port},
                          {"server_key", hex_of(file.server_key)},
                          {"public_key", hex_of(file.keys.public_key)},
                          {"secret_key", hex_of(file.keys.secret_key)},
                          {"account", file.account.value},
                          {"role", std::string(name_of(file.role))},
                          {"display_name", file.display_name}};
  std::ostringstream text;
  text << heading << table << '\n';
  return text.str();
}

[[noreturn]] void cannot_write(const std::filesystem::path& path) {
  throw std::runtime_error("the key file " + path.string() + " cannot be written: " + reason());
}

void write_all(const Descriptor& file, const std::string& text, const std::filesystem::path& path) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(file.number(), text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cannot_write(path);
    written += static_cast<std::size_t>(count);
  }
  if (fsync(file.number()) != 0) cannot_write(path);
}

void make_folder(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder)) return;
  std::error_code trouble;
  std::filesystem::create_directories(folder.parent_path(), trouble);
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    throw std::runtime_error("the folder " + folder.string() + " cannot be made: " + reason());
  }
}

}  // namespace

std::filesystem::path tally_home() {
  const char* home = std::getenv("TALLY_HOME");  // NOLINT(concurrency-mt-unsafe): nobody sets it while we run
  if (home != nullptr && *home != '\0') return home;
  home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
  if (home == nullptr || *home == '\0') {
    const passwd* me = getpwuid(geteuid());  // NOLINT(concurrency-mt-unsafe)
    home = me != nullptr ? me->pw_dir : ".";
  }
  return std::filesystem::path(home) / ".tally";
}

std::filesystem::path key_file_path(const std::string& profile) { return tally_home() / (profile + ".toml"); }

Result<KeyFile, std::string> load_key_file(const std::filesystem::path& path) {
  const auto text = read_private(path.string());
  if (!text) return wrong(text.error());
  try {
    return read_values(toml::parse(*text), path.string());
  } catch (const toml::parse_error& error) {
    return wrong(path.string() + ':' + std::to_string(error.source().begin.line) + ": " +
                 std::string(error.description()) + way_out);
  }
}

void save_key_file(const std::filesystem::path& path, const KeyFile& file) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  make_folder(folder);
  std::string temporary = path.string() + ".XXXXXX";
  const Descriptor written(mkostemp(temporary.data(), O_CLOEXEC));  // Mode 0600 from the start.
  if (written.number() < 0) cannot_write(path);
  try {
    write_all(written, text_of(file), path);
    if (rename(temporary.c_str(), path.c_str()) != 0) cannot_write(path);
  } catch (...) {
    unlink(temporary.c_str());
    throw;
  }
  // The new name must be on the disk too, before anybody relies on the key.
  const Descriptor named(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (named.number() < 0 || fsync(named.number()) != 0) cannot_write(path);
}

net::ConversationConfig conversation_config(const KeyFile& file) {
  net::ConversationConfig config;
  config.host = file.host;
  config.port = file.port;
  config.server_key = file.server_key;
  config.keys = file.keys;
  return config;
}

}  // namespace tally::cli
