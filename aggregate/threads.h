#pragma once

#include "common/aggregation/workforce.h"

namespace tally::aggregate {

// Several threads of this process.
class Threads final : public aggregation::Workforce {
 public:
  // REQUIRES at least one.
  explicit Threads(int count) : count_(count) {}
  void run(int count, const std::function<void(int)>& work) override;

 private:
  int count_;
};

}  // namespace tally::aggregate
