#pragma once

namespace tally::broker {

// A file descriptor that becomes readable when another thread has something for the event loop.
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void notify() const;  // Any thread.
  void clear() const;   // The loop, before it looks at what there is.
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace tally::broker
