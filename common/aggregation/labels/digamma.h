#pragma once

#include <cmath>

namespace tally::aggregation::labels {

// The derivative of the logarithm of the gamma function, to 1e-6 or better: by its recurrence up to 6, then by its
// asymptotic series (Abramowitz, Stegun: "Handbook of mathematical functions", 6.3.18). REQUIRES x > 0.
inline double digamma(double x) {
  double below = 0;
  for (; x < 6; x += 1) below -= 1 / x;
  const double square = 1 / (x * x);
  return below + std::log(x) - 0.5 / x - square * (1.0 / 12 - square * (1.0 / 120 - square / 252));
}

}  // namespace tally::aggregation::labels
