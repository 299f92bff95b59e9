#include "broker/data_folder.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <sodium.h>

#include "common/base/digest.h"

namespace tally::broker {
namespace {

std::runtime_error trouble(const std::filesystem::path& path, const std::string& what) {
  return std::runtime_error(path.string() + ": " + what);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw trouble(path, "cannot be read");
  return text.str();
}

// Whole or not at all, for its owner only.
void write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path draft = path.string() + ".new";
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(fd) == 0 && std::rename(draft.c_str(), path.c_str()) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (!written) throw trouble(path, std::string("cannot be written: ") + std::strerror(error));
}

}  // namespace

DataFolder::DataFolder(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  if (std::filesystem::create_directories(folder_, error)) {
    // Others may pass through, for the database's own user, and see nothing.
    chmod(folder_.c_str(), 0711);
  }
  if (error) throw trouble(folder_, "cannot be made: " + error.message() + "; name another folder with --data");
  lock();
  load_keys();
  load_id();
}

DataFolder::~DataFolder() { close(lock_); }

void DataFolder::lock() {
  const std::filesystem::path path = folder_ / "lock";
  lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) throw trouble(path, std::string("cannot be opened: ") + std::strerror(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  close(lock_);
  throw trouble(folder_, "is in use by another broker; stop it, or name another folder with --data");
}

void DataFolder::load_keys() {
  const std::filesystem::path path = folder_ / "server.key";
  if (!std::filesystem::exists(path)) {
    keys_ = net::make_key_pair();
    return write_file(path, hex_of(keys_.public_key) + '\n' + hex_of(keys_.secret_key) + '\n');
  }
  struct stat about {};
  if (stat(path.c_str(), &about) == 0 && (about.st_mode & 077) != 0) {
    throw trouble(
        path,
        "can be read by others: chmod 600 it. If others did read it, docs/operations.md says how to get a new one");
  }
  std::istringstream lines(read_file(path));
  std::string open;
  std::string secret;
  std::getline(lines, open);
  std::getline(lines, secret);
  const auto open_key = net::key_from_hex(open);
  const auto secret_key = net::key_from_hex(secret);
  if (!open_key || !secret_key) throw trouble(path, "is damaged: it has two lines of 64 hex digits");
  keys_ = {*open_key, *secret_key};
}

void DataFolder::load_id() {
  const std::filesystem::path path = folder_ / "broker.id";
  if (!std::filesystem::exists(path)) {
    std::array<unsigned char, 8> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    write_file(path, hex_of(std::string(bytes.begin(), bytes.end())) + '\n');
  }
  std::istringstream lines(read_file(path));
  std::getline(lines, broker_id_);
  const bool good = !broker_id_.empty() && broker_id_.size() <= 100 &&
                    broker_id_.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!good) throw trouble(path, "is damaged: it has one line of hex digits");
}

}  // namespace tally::broker
