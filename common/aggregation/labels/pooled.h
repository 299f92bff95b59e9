#pragma once

#include "common/aggregation/labels/method.h"

// pooled: Tally's own method, Dawid–Skene with two additions.
//
// A worker's rows begin with a few pseudo-answers, nine tenths of them spread as the whole crowd's row: who answered
// little is taken to be like the crowd. It is a Dirichlet prior whose mean is fitted (empirical Bayes).
//
// How frequent each label is, and how workers are biased towards a label, explain the same answers nearly alike, and
// with few answers a task a fit that may choose leans to frequent labels. So labels are taken for as even as the
// answers allow: of several powers of the fitted frequencies, the smallest with which answers are foretold as well as
// with any, but for a small loss.
//
// Sources: dawid_skene.cc; rows drawn towards the crowd's as in the hierarchical model of S. Paun, B. Carpenter, J.
// Chamberlain, D. Hovy, U. Kruschwitz, M. Poesio, "Comparing Bayesian models of annotation", Transactions of the ACL 6
// (2018) 571–585. The even labels are Tally's own.
namespace tally::aggregation::labels {

// As chosen on real sets; docs/quality.md says how.
struct PooledSettings {
  double row_prior = 2;              // Pseudo-answers of each row.
  int rounds_max = 5;                // More of them fit the model better, and the truth worse.
  double variational = 0.5;          // See ConfusionSettings.
  double foretold_loss_max = 0.005;  // In nats an answer.
};

// REQUIRES what Method::estimate requires.
[[nodiscard]] Estimate estimate_pooled(const Problem& problem, const PooledSettings& settings, Workforce& workforce);

}  // namespace tally::aggregation::labels
