#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// Inside broker/audit: what was found, and sums that cannot overflow into a right one. Everything the auditor reads may
// have been tampered with, so nothing of it is ever asserted on.
namespace tally::audit {

// The first wrong row and the rule it breaks. Whoever checks stops at it: what follows may only be its echo.
class Finding {
 public:
  void note(const std::string& row, std::string_view rule) {
    if (text_.empty()) text_.append(row).append(": ").append(rule);
  }
  [[nodiscard]] bool any() const { return !text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// False, and no change, when the sum does not fit.
[[nodiscard]] inline bool add(std::int64_t& sum, std::int64_t by) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(sum, by, &result)) return false;
  sum = result;
  return true;
}

}  // namespace tally::audit
