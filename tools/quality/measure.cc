#include "tools/quality/measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "common/aggregation/labels/method.h"
#include "common/aggregation/numbers/numbers.h"
#include "common/aggregation/texts/texts.h"
#include "common/aggregation/texts/word_errors.h"
#include "common/aggregation/workforce.h"
#include "tools/quality/score.h"

namespace tally::quality {
namespace {

namespace labels = aggregation::labels;
namespace numbers = aggregation::numbers;
namespace texts = aggregation::texts;
using aggregation::OneWorker;

// The seconds that some work takes.
double timed(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// `once` scores one draw.
Scores mean_over_draws(const LabelSet& all, const Sample& sample, const std::function<Scores(const LabelSet&)>& once) {
  Scores mean;
  const int draws = sample.answers == 0 ? 1 : sample.draws;
  for (int draw = 0; draw < draws; ++draw) {
    const std::uint64_t seed = sample.seed + static_cast<std::uint64_t>(draw);
    const LabelSet set = sample.answers == 0 ? all : with_answers_max(all, sample.answers, seed);
    const Scores one = once(set);
    mean.right.resize(one.right.size());
    for (std::size_t i = 0; i < one.right.size(); ++i) mean.right[i] += one.right[i] / draws;
    mean.tasks = one.tasks;
    mean.f1 += one.f1 / draws;
    mean.error += one.error / draws;
    mean.seconds = one.seconds;
    mean.answers += static_cast<double>(set.answers.size()) / static_cast<double>(std::max(set.tasks, 1)) / draws;
  }
  return mean;
}

template <typename Method>
std::string names_of(aggregation::Methods<Method> methods) {
  std::string names;
  for (const Method* one : methods) names += (names.empty() ? "" : ", ") + std::string(one->name);
  return names;
}

template <typename Method>
Result<const Method*, std::string> chosen(aggregation::Methods<Method> methods, const std::string& name,
                                          const std::string& what) {
  if (name.empty()) return &methods.preferred();
  const Method* method = methods.find(name);
  if (method == nullptr) {
    return Unexpected{"its answers are " + what + ", and '" + name + "' is no method for these; there are " +
                      names_of(methods)};
  }
  return method;
}

// By task. `value_of` takes the number of a label.
template <typename Answer, typename ValueOf>
std::vector<std::vector<Answer>> answers_by_task(const LabelSet& set, const ValueOf& value_of) {
  std::vector<std::vector<Answer>> tasks(static_cast<std::size_t>(set.tasks));
  for (const auto& answer : set.answers) {
    tasks[static_cast<std::size_t>(answer.task)].push_back({answer.worker, value_of(answer.label)});
  }
  return tasks;
}

Result<Scores, std::string> measure_labels(const LabelSet& set, const std::string& name, const Sample& sample) {
  const auto method = chosen(labels::methods(), name, "labels");
  if (!method) return Unexpected{method.error()};
  if (!labels::fits(set.table(), **method)) {
    return Unexpected{"'" + std::string((*method)->name) + "' does not fit: " + std::to_string(set.labels.size()) +
                      " labels of " + std::to_string(set.workers) + " workers are too many for its tables"};
  }
  const auto estimator = [&](const LabelSet& drawn) {
    OneWorker workforce;
    const labels::AnswerTable table = drawn.table();
    return (*method)->estimate({table}, workforce).belief;
  };
  return score_labels(set, estimator, sample);
}

Scores score_texts(const LabelSet& set, const texts::Method& method) {
  const auto text_of = [&](std::int32_t label) -> std::string_view {
    return set.labels[static_cast<std::size_t>(label)];
  };
  const auto tasks = answers_by_task<texts::Answer>(set, text_of);
  Scores scores;
  OneWorker workforce;
  texts::Estimate found;
  scores.seconds = timed([&] { found = method.estimate({tasks, set.workers}, workforce); });
  texts::WordErrors all;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (set.truth[task] < 0 || !found.outcomes[task]) continue;
    const auto one = texts::word_errors(text_of(set.truth[task]), found.outcomes[task]->text);
    all.errors += one.errors;
    all.words += one.words;
    ++scores.tasks;
  }
  scores.error = static_cast<double>(all.errors) / static_cast<double>(std::max<std::int64_t>(all.words, 1));
  return scores;
}

Result<Scores, std::string> measure_texts(const LabelSet& set, const std::string& name, const Sample& sample) {
  const auto method = chosen(texts::methods(), name, "texts");
  if (!method) return Unexpected{method.error()};
  for (const std::string& text : set.labels) {
    if (text.size() <= texts::text_bytes_max) continue;
    return Unexpected{"a text is over " + std::to_string(texts::text_bytes_max) + " bytes"};
  }
  return mean_over_draws(set, sample, [&](const LabelSet& drawn) { return score_texts(drawn, **method); });
}

Scores score_numbers(const LabelSet& set, const numbers::Method& method, const std::vector<double>& values) {
  const auto value_of = [&](std::int32_t label) { return values[static_cast<std::size_t>(label)]; };
  const auto tasks = answers_by_task<numbers::Answer>(set, value_of);
  Scores scores;
  OneWorker workforce;
  numbers::Estimate found;
  scores.seconds = timed([&] { found = method.estimate({tasks, set.workers, 0}, workforce); });
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (set.truth[task] < 0 || !found.outcomes[task]) continue;
    scores.error += std::abs(found.outcomes[task]->value - value_of(set.truth[task]));
    ++scores.tasks;
  }
  scores.error /= static_cast<double>(std::max<std::size_t>(scores.tasks, 1));
  return scores;
}

Result<Scores, std::string> measure_numbers(const LabelSet& set, const std::string& name, const Sample& sample) {
  const auto method = chosen(numbers::methods(), name, "numbers");
  if (!method) return Unexpected{method.error()};
  std::vector<double> values;
  for (const std::string& label : set.labels) {
    const auto value = numbers::value_from(label);
    if (!value) return Unexpected{"its answers are numbers, and '" + label + "' is none"};
    values.push_back(*value);
  }
  return mean_over_draws(set, sample, [&](const LabelSet& drawn) { return score_numbers(drawn, **method, values); });
}

Result<Scores, std::string> measure_kind(const LabelSet& set, Kind kind, const std::string& method,
                                         const Sample& sample) {
  switch (kind) {
    case Kind::numbers:
      return measure_numbers(set, method, sample);
    case Kind::texts:
      return measure_texts(set, method, sample);
    default:
      return measure_labels(set, method, sample);
  }
}

}  // namespace

Scores score_labels(const LabelSet& set, const Estimator& estimator, const Sample& sample) {
  return mean_over_draws(set, sample, [&](const LabelSet& drawn) {
    Scores scores;
    std::vector<double> belief;
    scores.seconds = timed([&] { belief = estimator(drawn); });
    scores.right = right_of(drawn, belief);
    scores.tasks = scores.right.size();
    scores.f1 = f1_of(drawn, belief);
    return scores;
  });
}

Result<Scores, std::string> measure(const LabelSet& set, Kind kind, const std::string& method, const Sample& sample) {
  auto scores = measure_kind(set, kind, method, sample);
  if (scores && scores->tasks == 0) return Unexpected{std::string("no task with an answer has a known truth")};
  return scores;
}

std::string default_method(Kind kind) {
  switch (kind) {
    case Kind::numbers:
      return std::string(numbers::methods().preferred().name);
    case Kind::texts:
      return std::string(texts::methods().preferred().name);
    default:
      return std::string(labels::methods().preferred().name);
  }
}

bool is_method(const std::string& name) {
  return labels::methods().find(name) != nullptr || numbers::methods().find(name) != nullptr ||
         texts::methods().find(name) != nullptr;
}

nlohmann::ordered_json line_of(const std::string& set, Kind kind, const std::string& method, const Scores& scores) {
  nlohmann::ordered_json line{{"set", set},
                              {"method", method},
                              {"tasks", scores.tasks},
                              {"answers_per_task", rounded(scores.answers)},
                              {"accuracy", nullptr},
                              {"f1", nullptr},
                              {"seconds", rounded(scores.seconds)}};
  if (kind == Kind::labels) {
    line["accuracy"] = rounded(mean_of(scores.right));
    line["f1"] = rounded(scores.f1);
  } else {
    line[kind == Kind::texts ? "word_error_rate" : "mean_absolute_error"] = rounded(scores.error);
  }
  return line;
}

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

}  // namespace tally::quality
