#pragma once

#include <cstdint>
#include <string>

#include "schemas/time.h"

// How far something is, in one line that is drawn over itself.
namespace tally::requester {

struct Progress {
  std::int64_t done = 0;
  std::int64_t all = 0;
  std::int64_t done_before = 0;  // When watching began: no part of the rate.
  Duration taken;                // Since then.
  std::string unit;              // "items"
};
// "[#####-----]  50.0%  500 of 1,000 items  120.5/s  4s left"
[[nodiscard]] std::string progress_text(const Progress& progress);

// Draws on stderr: over itself on a terminal, as a line now and then elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Draws when the last drawing is old enough. The text is one line, safe for the terminal.
  void show(const std::string& text);
  // Draws this and leaves it standing.
  void finish(const std::string& text);

 private:
  void draw(const std::string& text);

  bool is_terminal_;
  bool is_drawn_ = false;
  std::int64_t drawn_ms_ = 0;
};

// Of a clock that does not jump.
[[nodiscard]] Time steady_now();

}  // namespace tally::requester
