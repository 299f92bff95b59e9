#include "requester/progress.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/cli/table.h"
#include "requester/figures.h"

namespace tally::requester {
namespace {

constexpr std::int64_t bar_width = 24;
constexpr std::int64_t redraw_ms = 200;
constexpr std::int64_t line_ms = 10'000;  // Where nothing can be drawn over.

// "4s", "12m 30s", "3h 20m", "5d 2h"
std::string roughly(std::int64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m " + std::to_string(seconds % 60) + "s";
  if (seconds < 86'400) return std::to_string(seconds / 3600) + "h " + std::to_string(seconds / 60 % 60) + "m";
  return std::to_string(seconds / 86'400) + "d " + std::to_string(seconds / 3600 % 24) + "h";
}

std::size_t terminal_width() {
  struct winsize size {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return 80;
  return size.ws_col - std::size_t{1};
}

}  // namespace

std::string progress_text(const Progress& progress) {
  const std::int64_t filled =
      progress.all > 0 ? std::clamp<std::int64_t>(progress.done * bar_width / progress.all, 0, bar_width) : 0;
  std::string text = "[" + std::string(static_cast<std::size_t>(filled), '#') +
                     std::string(static_cast<std::size_t>(bar_width - filled), '-') + "]  " +
                     percent_of(progress.done, progress.all) + "  " + grouped(progress.done) + " of " +
                     grouped(progress.all) + " " + progress.unit;
  const std::int64_t done = progress.done - progress.done_before;
  if (done <= 0 || progress.taken.ms < 500) return text;
  const std::int64_t tenths_a_second = done * 10'000 / progress.taken.ms;
  text += "  " + grouped(tenths_a_second / 10) + "." + std::to_string(tenths_a_second % 10) + "/s";
  const std::int64_t left = progress.all - progress.done;
  if (left > 0) {
    // Time left at the rate so far; in seconds first, so that large counts do not overflow.
    const double seconds =
        static_cast<double>(left) * static_cast<double>(progress.taken.ms) / 1000.0 / static_cast<double>(done);
    if (seconds < 1e9) text += "  " + roughly(static_cast<std::int64_t>(seconds) + 1) + " left";
  }
  return text;
}

Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

ProgressLine::ProgressLine() : is_terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (is_drawn_ && is_terminal_) std::cerr << '\n';
}

void ProgressLine::show(const std::string& text) {
  const std::int64_t now = steady_now().ms;
  if (now - drawn_ms_ < (is_terminal_ ? redraw_ms : line_ms)) return;
  drawn_ms_ = now;
  draw(text);
}

void ProgressLine::finish(const std::string& text) {
  draw(text);
  if (is_terminal_) std::cerr << '\n';
  is_drawn_ = false;
}

void ProgressLine::draw(const std::string& text) {
  if (is_terminal_) {
    // A line that wraps could not be drawn over.
    std::cerr << "\r\x1b[K" << cli::fitted(text, terminal_width()) << std::flush;
  } else {
    std::cerr << text << '\n';
  }
  is_drawn_ = true;
}

}  // namespace tally::requester
