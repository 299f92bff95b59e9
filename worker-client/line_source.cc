#include "worker-client/line_source.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <poll.h>
#include <unistd.h>

#include <readline/readline.h>

namespace tally::worker {
namespace {

enum class Woken { input, stop, interrupted };

Woken wait_for(int fd, int stop_fd) {
  pollfd both[2] = {{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};
  if (poll(both, 2, -1) < 0) return Woken::interrupted;
  return both[1].revents != 0 ? Woken::stop : Woken::input;
}

// GNU readline keeps its state in globals, and so must what it calls.
struct Answered {
  bool is_there = false;
  bool is_end = false;
  std::string text;
} answered;  // NOLINT: see above
const std::string* initial_text = nullptr;

void take_line(char* line) {
  answered.is_there = true;
  answered.is_end = line == nullptr;
  if (line != nullptr) answered.text = line;
  std::free(line);  // NOLINT: readline's contract
  rl_callback_handler_remove();
}

int insert_initial() {
  if (initial_text != nullptr) rl_insert_text(initial_text->c_str());
  return 0;
}

}  // namespace

bool PlainLines::take_line(std::string& line) {
  const std::size_t end = buffer_.find('\n');
  if (end == std::string::npos && !(ended_ && !buffer_.empty())) return false;
  line = buffer_.substr(0, end);
  buffer_.erase(0, end == std::string::npos ? end : end + 1);
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

void PlainLines::fill() {
  char chunk[4096];
  const ssize_t got = ::read(fd_, chunk, sizeof chunk);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    ended_ = true;
    return;
  }
  buffer_.append(chunk, static_cast<std::size_t>(got));
  if (buffer_.size() > entry_bytes_max && buffer_.find('\n') == std::string::npos) buffer_.resize(entry_bytes_max);
}

Entry PlainLines::read(const std::string& prompt, const std::string&) {
  screen_ << prompt << std::flush;
  Entry entry;
  while (!take_line(entry.text)) {
    if (ended_) return Entry{Entry::Kind::end, {}};
    switch (wait_for(fd_, stop_.fd())) {
      case Woken::stop:
        return Entry{Entry::Kind::stopped, {}};
      case Woken::input:
        fill();
        break;
      case Woken::interrupted:
        break;
    }
  }
  screen_ << "\n";
  return entry;
}

TerminalLines::TerminalLines(Stop& stop) : stop_(stop) {
  rl_readline_name = "tally-worker";
  rl_startup_hook = insert_initial;
  rl_bind_key('\t', rl_insert);  // No file names to complete here.
  rl_persistent_signal_handlers = 1;
}

Entry TerminalLines::read(const std::string& prompt, const std::string& initial) {
  answered = Answered{};
  initial_text = &initial;
  rl_callback_handler_install(prompt.c_str(), take_line);
  initial_text = nullptr;
  while (!answered.is_there) {
    switch (wait_for(STDIN_FILENO, stop_.fd())) {
      case Woken::stop:
        rl_callback_handler_remove();
        std::fputs("\n", rl_outstream);
        return Entry{Entry::Kind::stopped, {}};
      case Woken::input:
        rl_callback_read_char();
        break;
      case Woken::interrupted:  // E.g. Ctrl-Z: readline puts the terminal in order first.
        rl_check_signals();
        break;
    }
  }
  if (answered.is_end) std::fputs("\n", rl_outstream);
  return Entry{answered.is_end ? Entry::Kind::end : Entry::Kind::line, std::move(answered.text)};
}

}  // namespace tally::worker
