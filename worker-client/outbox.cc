#include "worker-client/outbox.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "common/base/digest.h"
#include "common/base/result.h"
#include "schemas/ids.h"

namespace tally::worker {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view heading = "tally-answer 1 ";
constexpr std::string_view suffix = ".answer";
constexpr std::uintmax_t file_bytes_max = std::uintmax_t{8} << 20U;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const fs::path& path, int error) {
  throw OutboxError("cannot keep the answer in " + path.string() + ": " + std::strerror(error) +
                    (error == ENOSPC || error == EDQUOT ? "; free some space" : ""));
}

void write_durably(const fs::path& path, std::string_view text) {
  const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) fail(path, errno);
  while (!text.empty()) {
    const ssize_t wrote = write(file.get(), text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) fail(path, errno);
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (fsync(file.get()) != 0) fail(path, errno);
}

void sync_folder(const fs::path& folder) {
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) fail(folder, errno);
}

std::string text_of(const SubmittedAnswer& answer) {
  nlohmann::json body;
  body["assignment"] = to_text(answer.assignment);
  body["values"] = answer.values;
  const std::string text = body.dump();
  return std::string(heading) + hex_of(sha256(text)) + "\n" + text + "\n";
}

Result<std::string, std::string> content_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) return Unexpected{std::string("it is not a plain file")};
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size > file_bytes_max) return Unexpected{std::string("it is too large for an answer")};
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) return Unexpected{std::string("it cannot be read")};
  return text;
}

Result<SubmittedAnswer, std::string> answer_from(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(heading) || end == std::string_view::npos || !text.ends_with('\n')) {
    return Unexpected{std::string("it is cut off, or no answer")};
  }
  const std::string_view digest = text.substr(heading.size(), end - heading.size());
  std::string_view body = text.substr(end + 1);
  if (!body.empty()) body.remove_suffix(1);
  if (hex_of(sha256(body)) != digest) return Unexpected{std::string("its content was changed")};
  try {
    const nlohmann::json json = nlohmann::json::parse(body);
    const auto assignment = assignment_id_from(json.at("assignment").get<std::string>());
    if (!assignment) return Unexpected{std::string("it names no assignment")};
    return SubmittedAnswer{*assignment, json.at("values").get<AnswerValues>()};
  } catch (const nlohmann::json::exception&) {
    return Unexpected{std::string("it is of another form")};
  }
}

std::string set_aside(const fs::path& path, const std::string& why) {
  fs::path aside = path;
  aside += ".damaged";
  std::error_code error;
  fs::rename(path, aside, error);
  const std::string text = "the file " + path.string() + " is not an answer that can be sent: " + why + "; ";
  return text + (error ? "please take it away" : "it is now " + aside.filename().string());
}

// What a writer left that was killed. A younger one may be at work.
void remove_old_scrap(const fs::path& path) {
  std::error_code error;
  const auto written = fs::last_write_time(path, error);
  if (!error && fs::file_time_type::clock::now() - written > std::chrono::hours(24)) fs::remove(path, error);
}

}  // namespace

Outbox::Outbox(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::path so_far;
  for (const fs::path& step : folder_) {
    so_far /= step;
    if (mkdir(so_far.c_str(), 0700) == 0 || errno == EEXIST) continue;
    // A parent that is there but may not be written is no obstacle.
    const int why = errno;
    if (!fs::is_directory(so_far, error)) fail(so_far, why);
  }
  if (!fs::is_directory(folder_, error)) fail(folder_, ENOTDIR);
}

fs::path Outbox::path_of(AssignmentId assignment) const {
  return folder_ / (to_text(assignment) + std::string(suffix));
}

void Outbox::put(const SubmittedAnswer& answer) const {
  const fs::path path = path_of(answer.assignment);
  const fs::path scrap = folder_ / ("." + to_text(answer.assignment) + "." + std::to_string(getpid()));
  try {
    write_durably(scrap, text_of(answer));
    if (rename(scrap.c_str(), path.c_str()) != 0) fail(path, errno);
    sync_folder(folder_);
  } catch (const OutboxError&) {
    unlink(scrap.c_str());
    throw;
  }
}

void Outbox::remove(AssignmentId assignment) const {
  std::error_code ignored;
  fs::remove(path_of(assignment), ignored);
}

Outbox::LeftOver Outbox::load() const {
  LeftOver left;
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.')) {
      remove_old_scrap(it->path());
    } else if (name.ends_with(suffix)) {
      paths.push_back(it->path());
    }
  }
  if (error) left.complaints.push_back("cannot read " + folder_.string() + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    const auto text = content_of(path);
    auto answer = text ? answer_from(*text) : Result<SubmittedAnswer, std::string>(Unexpected{text.error()});
    if (answer && path != path_of(answer->assignment)) answer = Unexpected{std::string("it is of another assignment")};
    if (answer) {
      left.answers.push_back(std::move(*answer));
    } else if (fs::exists(fs::symlink_status(path, error))) {  // Else another process had it acknowledged meanwhile.
      left.complaints.push_back(set_aside(path, answer.error()));
    }
  }
  return left;
}

}  // namespace tally::worker
