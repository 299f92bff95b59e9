#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace tally::worker {

// Where the program is that this word names: as a shell finds it. The error says what to do.
[[nodiscard]] std::string find_program(const std::string& word);  // Throws std::runtime_error.

// A program that runs beside us: lines go to its stdin, lines come from its stdout; its stderr is ours. It is started
// without a shell, as a process group of its own that ends with us. Nothing here waits, but for end(). One thread.
class ExecProgram {
 public:
  // `command`: the program's path, then its arguments. Throws std::runtime_error when it cannot be started.
  ExecProgram(const std::vector<std::string>& command, std::size_t line_bytes_max);
  ~ExecProgram();  // Kills it, if it still runs.
  ExecProgram(const ExecProgram&) = delete;
  ExecProgram& operator=(const ExecProgram&) = delete;

  // Writes what the pipe takes; the rest with the calls of pump(). What the program does not want is lost.
  void give(std::string_view line);
  void pump();
  [[nodiscard]] bool has_more_to_give() const { return !to_write_.empty(); }

  struct Heard {
    enum class Kind {
      nothing,
      line,
      too_long,  // A line beyond the bound: nothing after it can be read.
      ended,     // It ended, or closed its stdout.
    };
    Kind kind = Kind::nothing;
    std::string text;  // The line without its end; of too_long its beginning; of ended what it left unfinished.
  };
  Heard hear();
  [[nodiscard]] int out_fd() const { return out_; }  // Can be read when there may be something to hear; -1: no more.

  // How it ended, for people: "it ended with exit code 3". Kills it first if it still runs after a moment.
  [[nodiscard]] std::string ending();

  // Ends them all: closes their stdin, which tells a program that there will be no more; then SIGTERM, then SIGKILL.
  static void end(const std::vector<ExecProgram*>& programs, int patience_ms);

 private:
  void close_input();
  void close_output();
  void kill_group(int signal) const;
  bool has_ended();  // Reaps it.
  void wait_for_end(int patience_ms);

  std::size_t line_bytes_max_;
  pid_t child_ = -1;
  int in_ = -1;   // Its stdin.
  int out_ = -1;  // Its stdout.
  std::string to_write_;
  std::string read_;
  std::size_t looked_at_ = 0;  // There is no line end in read_ before this.
  std::optional<int> status_;  // As waitpid() gave it.
};

}  // namespace tally::worker
