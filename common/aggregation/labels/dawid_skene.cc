#include "common/aggregation/labels/confusion_model.h"

// dawid_skene: the model as its authors fitted it, by maximum likelihood from the shares of the votes. Source: A. P.
// Dawid, A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm", Applied
// Statistics 28 (1979) 20–28; the paper's own example is a test.
// one_coin: the same with one number for each worker, who errs towards all other labels alike. Source: the one-coin
// model of Y. Zhang, X. Chen, D. Zhou, M. I. Jordan, "Spectral methods meet EM: a provably optimal algorithm for
// crowdsourcing", Journal of Machine Learning Research 17 (2016); here EM starts from the shares of the votes.
namespace tally::aggregation::labels {
namespace {

Estimate estimate(const Problem& problem, Workforce& workforce) {
  return estimate_from(fit_confusion(problem, {}, workforce), problem.answers);
}

Estimate estimate_one_coin(const Problem& problem, Workforce& workforce) {
  ConfusionSettings settings;
  settings.is_one_coin = true;
  return estimate_from(fit_confusion(problem, settings, workforce), problem.answers);
}

}  // namespace

extern const Method dawid_skene_method;
const Method dawid_skene_method{"dawid_skene", "each worker's confusion matrix by maximum likelihood", true, estimate};

extern const Method one_coin_method;
const Method one_coin_method{"one_coin", "Dawid–Skene with one accuracy a worker", true, estimate_one_coin};

}  // namespace tally::aggregation::labels
