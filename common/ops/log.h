#pragma once

#include <memory>
#include <string_view>

namespace tally::ops {

// One line an event, `event=name key=value …`, with time and level, to stderr. Never answers, keys or codes. Any
// thread. When it cannot be written (a full disk) lines are lost and work goes on.
class Log {
 public:
  explicit Log(std::string_view level = "info");  // debug, info, warn, error; anything else is info.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view line) const;
  void info(std::string_view line) const;
  void warn(std::string_view line) const;
  void error(std::string_view line) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::ops
