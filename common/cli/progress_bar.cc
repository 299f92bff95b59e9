#include "common/cli/progress_bar.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <ostream>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/cli/figures.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"

namespace tally::cli {
namespace {

constexpr Duration redraw_every{100};
constexpr Duration line_every{1'000};
constexpr Duration line_after{10'000};
constexpr Duration rate_over{10'000};
constexpr Duration sample_every{500};
constexpr std::size_t bar_columns = 20;
constexpr std::size_t label_columns_max = 30;

std::string two_digits(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// 45s, 3m05s, 2h10m, 3d04h
std::string time_left(std::int64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m" + two_digits(seconds % 60) + "s";
  const std::int64_t minutes = seconds / 60;
  if (minutes < 1440) return std::to_string(minutes / 60) + "h" + two_digits(minutes % 60) + "m";
  const std::int64_t hours = minutes / 60;
  return hours < 2400 ? std::to_string(hours / 24) + "d" + two_digits(hours % 24) + "h" : "long";
}

// Rounded down, so that 100% is all of it.
std::int64_t percent(std::int64_t done, std::int64_t total) {
  if (total == 0) return 100;
  return static_cast<std::int64_t>(static_cast<double>(done) / static_cast<double>(total) * 100 + 1e-9);
}

// "9.5/s", "1,200/s"
std::string shown_rate(double per_second) {
  if (per_second >= 10) return grouped(std::llround(per_second)) + "/s";
  const auto tenths = std::llround(per_second * 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "/s";
}

}  // namespace

Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

ProgressLook progress_look(int descriptor) {
  ProgressLook look;
  look.is_terminal = isatty(descriptor) == 1;
  winsize size{};
  if (look.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) look.columns = size.ws_col;
  return look;
}

ProgressBar::ProgressBar(std::ostream& out, ProgressLook look, const std::string& label, std::int64_t total,
                         std::function<Time()> now, std::int64_t done)
    : out_(out),
      look_(look),
      label_(fitted(safe_for_terminal(label, false), label_columns_max)),
      total_(total),
      now_(std::move(now)),
      done_(done),
      drawn_at_(now_()) {
  TALLY_ASSERT(total >= 0);
  past_.emplace_back(drawn_at_, done);
}

ProgressBar::~ProgressBar() {
  if (is_on_screen_) out_ << std::endl;
}

void ProgressBar::update(std::int64_t done, const std::string& suffix) {
  const Time now = now_();
  done_ = done;
  suffix_ = safe_for_terminal(suffix, false);
  if (now - past_.back().first >= sample_every) past_.emplace_back(now, done);
  // One sample that is older than the span stays: the rate is over at least that.
  while (past_.size() > 2 && now - past_[1].first >= rate_over) past_.pop_front();
  if (is_due(now)) draw(now);
}

bool ProgressBar::is_due(Time now) const {
  if (look_.is_terminal) return drawn_done_ < 0 || (now - drawn_at_ >= redraw_every && is_new());
  if (!is_new() || now - drawn_at_ < line_every) return false;
  return percent(done_, total_) / 10 > percent(std::max<std::int64_t>(drawn_done_, 0), total_) / 10 ||
         now - drawn_at_ >= line_after;
}

void ProgressBar::draw(Time now) {
  if (look_.is_terminal) {
    out_ << '\r' << line(now) << "\x1b[K";
  } else {
    out_ << line(now) << '\n';
  }
  out_.flush();
  is_on_screen_ = look_.is_terminal;
  drawn_at_ = now;
  drawn_done_ = done_;
  drawn_suffix_ = suffix_;
}

std::string ProgressBar::line(Time now) const {
  const auto& [since, done_then] = past_.front();
  const double seconds = static_cast<double>((now - since).ms) / 1000;
  const std::int64_t counted = done_ - done_then;

  std::string text = grouped(done_) + "/" + grouped(total_) + "  " + std::to_string(percent(done_, total_)) + "%";
  if (seconds > 0 && counted > 0) {
    const double rate = static_cast<double>(counted) / seconds;
    text += "  " + shown_rate(rate);
    const double left = static_cast<double>(total_ - done_) / rate;
    if (done_ < total_)
      text += "  " + time_left(left < 1e12 ? static_cast<std::int64_t>(left + 0.999) : INT64_MAX) + " left";
  }
  if (!suffix_.empty()) text += "  " + suffix_;
  if (!look_.is_terminal) return label_ + "  " + text;

  // The last column stays free: some terminals go to the next line once it is written.
  const std::size_t columns = look_.columns > 1 ? look_.columns - 1 : 1;
  const std::size_t needed = display_width(label_) + 2 + bar_columns + 2 + 2 + display_width(text);
  if (needed > columns) return fitted(label_ + "  " + text, columns);
  const auto full =
      static_cast<std::size_t>(std::clamp<std::int64_t>(percent(done_, total_), 0, 100)) * bar_columns / 100;
  return label_ + "  [" + std::string(full, '#') + std::string(bar_columns - full, '-') + "]  " + text;
}

void ProgressBar::finish() {
  if (is_finished_) return;
  is_finished_ = true;
  if (is_new() || (look_.is_terminal && !is_on_screen_)) draw(now_());
  if (is_on_screen_) out_ << std::endl;
  is_on_screen_ = false;
}

void ProgressBar::clear() {
  if (!is_on_screen_) return;
  out_ << "\r\x1b[K" << std::flush;
  is_on_screen_ = false;
  drawn_done_ = -1;
}

}  // namespace tally::cli
