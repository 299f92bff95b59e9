#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "worker-client/stop.h"

namespace tally::worker {

// Where the lines come from that a person enters.
struct Entry {
  enum class Kind {
    line,
    end,      // There will be no more (Ctrl-D).
    stopped,  // Somebody wants the program to stop (Ctrl-C, SIGTERM).
  };
  Kind kind = Kind::line;
  std::string text;
};

class LineSource {
 public:
  LineSource() = default;
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;
  virtual ~LineSource() = default;

  // Shows the prompt and waits for a line. `initial` is there to be edited, where that is possible. REQUIRES a prompt
  // that is safe for a terminal.
  virtual Entry read(const std::string& prompt, const std::string& initial) = 0;
  // Can be read when the person entered a line without being asked; -1 where lines are answers to prompts only.
  [[nodiscard]] virtual int fd() const { return -1; }
};

inline constexpr std::size_t entry_bytes_max = std::size_t{256} * 1024;

// Lines of a file or pipe. Longer ones than entry_bytes_max are cut.
class PlainLines : public LineSource {
 public:
  PlainLines(int fd, std::ostream& screen, Stop& stop) : fd_(fd), screen_(screen), stop_(stop) {}

  Entry read(const std::string& prompt, const std::string& initial) override;

 private:
  bool take_line(std::string& line);
  void fill();

  int fd_;
  std::ostream& screen_;
  Stop& stop_;
  std::string buffer_;
  bool ended_ = false;
};

// A terminal, with GNU readline's editing. One at a time.
class TerminalLines : public LineSource {
 public:
  explicit TerminalLines(Stop& stop);

  Entry read(const std::string& prompt, const std::string& initial) override;
  [[nodiscard]] int fd() const override { return 0; }

 private:
  Stop& stop_;
};

}  // namespace tally::worker
