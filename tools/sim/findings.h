#pragma once

#include <optional>
#include <string>
#include <utility>

namespace tally::sim {

// The first promise that was broken; what follows from it would only confuse.
class Findings {
 public:
  // `promise`: G1 to G7, or "liveness".
  void broken(const std::string& promise, const std::string& text) {
    if (!first_) first_ = promise + ": " + text;
  }
  [[nodiscard]] const std::optional<std::string>& first() const { return first_; }

 private:
  std::optional<std::string> first_;
};

}  // namespace tally::sim
