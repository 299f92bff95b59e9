#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iosfwd>
#include <string>
#include <utility>

#include "schemas/time.h"

namespace tally::cli {

// Of a clock that does not go back, for progress and other lengths of time.
[[nodiscard]] Time steady_now();

// Where progress is shown.
struct ProgressLook {
  bool is_terminal = false;
  std::size_t columns = 80;
};
// Of a file descriptor, usually that of stderr.
[[nodiscard]] ProgressLook progress_look(int descriptor);

// How far a long piece of work is: "posting  [####----]  1,200/8,000  15%  400/s  17s left  suffix". On a terminal one
// line that is drawn anew, at most ten times a second; elsewhere a line for every tenth of the work, at most one a
// second, and at least every ten seconds if there is something new. Rate and time left are those of the last ten
// seconds. One thread.
class ProgressBar {
 public:
  // `label` is made safe here. `total` is at least 0. `now`: a clock that does not go back. `done`: what an earlier run
  // has done; the rate does not count it.
  ProgressBar(std::ostream& out, ProgressLook look, const std::string& label, std::int64_t total,
              std::function<Time()> now, std::int64_t done = 0);
  // Ends the line where finish() was not reached.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `suffix` stands behind the rest until the next update; it is made safe here.
  void update(std::int64_t done, const std::string& suffix = {});
  // Draws the last state and ends the line; also when the work was broken off. Other output to the terminal comes after
  // this, or after clear().
  void finish();
  // Takes the line away from the terminal, until the next update.
  void clear();

 private:
  [[nodiscard]] bool is_due(Time now) const;
  [[nodiscard]] bool is_new() const { return done_ != drawn_done_ || suffix_ != drawn_suffix_; }
  void draw(Time now);
  [[nodiscard]] std::string line(Time now) const;

  std::ostream& out_;
  ProgressLook look_;
  std::string label_;
  std::int64_t total_;
  std::function<Time()> now_;
  std::int64_t done_;
  std::string suffix_;
  std::deque<std::pair<Time, std::int64_t>> past_;  // What was done when, over the last seconds; never empty.
  Time drawn_at_;
  std::int64_t drawn_done_ = -1;  // -1: not drawn yet.
  std::string drawn_suffix_;
  bool is_on_screen_ = false;
  bool is_finished_ = false;
};

}  // namespace tally::cli
